//! Pictures as SVG: what happened in a sample tick by tick, and what runs cost beside each other.
//!
//! | picture | of | shows |
//! |---|---|---|
//! | [`raster`] | a trace | every spike of input lines, hidden neurons and outputs |
//! | [`membranes`] | a trace | the recorded membranes with their thresholds and spikes |
//! | [`ledger`] | a trace | the activity counters tick by tick, communication beside computation |
//! | [`comparison`] | reports of runs | accuracy and mean counts of a sample, run by run |
//! | [`roofline`] | measurements of arrays | synaptic operations per clock against events per tick |
//! | [`growth`](growth()) | measurements of growth | clocks of a tick against one size after the other |
//! | [`sweep`] | a table of runs of place and route | the clock that each of them achieved |
//!
//! Each function returns the text of an SVG file, which needs no font but the viewer's sans-serif.

mod comparison;
mod growth;
mod ledger;
mod membranes;
mod raster;
mod roofline;
mod style;
mod sweep;

pub use comparison::{Run, comparison};
pub use growth::growth;
pub use ledger::ledger;
pub use membranes::membranes;
pub use raster::raster;
pub use roofline::roofline;
pub use sweep::sweep;

/// Why a picture cannot be drawn.
#[derive(Debug, thiserror::Error)]
pub enum PlotError {
    #[error("nothing to draw: {0}")]
    Empty(&'static str),
    #[error("trace does not hold together: {0}")]
    Trace(String),
    #[error("drawing failed: {0}")]
    Draw(String),
}

impl<E: std::error::Error + Send + Sync> From<plotters::drawing::DrawingAreaErrorKind<E>> for PlotError {
    fn from(error: plotters::drawing::DrawingAreaErrorKind<E>) -> Self {
        Self::Draw(error.to_string())
    }
}

#[cfg(test)]
mod tests;
