//! Pictures as SVG: what happened in a sample tick by tick, and what runs cost beside each other.
//!
//! | picture | of | shows |
//! |---|---|---|
//! | [`raster`] | a trace | every spike of input lines, hidden neurons and outputs |
//! | [`membranes`] | a trace | the recorded membranes with their thresholds and spikes |
//! | [`ledger`] | a trace | the activity counters tick by tick, communication beside computation |
//! | [`comparison`] | reports of runs | accuracy and mean counts of a sample, run by run |
//! | [`energy_ticks`] | a trace | joules tick by tick, by groups of counters |
//! | [`energy_places`] | the report of a run | joules core by core and layer by layer |
//! | [`bits()`] | the report of a run | the bits that it moved, on a spike's way |
//! | [`ratios`] | what a run cost | communication against computation, beside the cortex |
//! | [`energy_accuracy`] | reports of runs | joules of a sample against accuracy |
//! | [`roofline`] | measurements of arrays | synaptic operations per clock against events per tick |
//! | [`growth`](growth()) | measurements of growth | clocks of a tick against one size after the other |
//! | [`sweep`] | a table of runs of place and route | the clock that each of them achieved |
//!
//! Each function returns the text of an SVG file, which needs no font but the viewer's sans-serif.

mod bits;
mod comparison;
mod energy_accuracy;
mod energy_places;
mod energy_ticks;
mod growth;
mod ledger;
mod membranes;
mod raster;
mod ratios;
mod roofline;
mod rows;
mod style;
mod sweep;

pub use bits::bits;
pub use comparison::{Run, comparison};
pub use energy_accuracy::energy_accuracy;
pub use energy_places::energy_places;
pub use energy_ticks::energy_ticks;
pub use growth::growth;
pub use ledger::ledger;
pub use membranes::membranes;
pub use raster::raster;
pub use ratios::ratios;
pub use roofline::roofline;
pub use style::{Sheet, css};
pub use sweep::sweep;

use crate::energy::bill::BillError;

/// Why a picture cannot be drawn.
#[derive(Debug, thiserror::Error)]
pub enum PlotError {
    #[error("nothing to draw: {0}")]
    Empty(&'static str),
    #[error("trace does not hold together: {0}")]
    Trace(String),
    #[error(transparent)]
    Bill(#[from] BillError),
    #[error("joules by prices `{0}` and by prices `{1}` do not go into one picture")]
    Prices(String, String),
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
