//! Runs beside each other.

use super::PlotError;
use super::style::*;
use crate::report::{LedgerReport, RunReport};
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, VPos};

const COLUMNS: usize = 2;
const BAR: u32 = 26;
const HEAD: u32 = 46;
/// Room for the names of the runs at the left of a panel, and for values at the right of the bars.
const NAMES: i32 = 190;
const VALUES: i32 = 72;

/// What a comparison takes from the report of a run.
#[derive(Clone, Debug, PartialEq)]
pub struct Run {
    pub network: String,
    pub config: String,
    pub samples: u64,
    /// Share of the samples, where their classes are known.
    pub accuracy: Option<f64>,
    /// Mean clocks of the busiest core for a sample.
    pub busy_clocks_per_sample: f64,
    /// Its counters by name.
    pub ledger: LedgerReport,
}

impl From<&RunReport> for Run {
    fn from(run: &RunReport) -> Self {
        Self {
            network: run.network.clone(),
            config: run.config.clone(),
            samples: run.samples as u64,
            accuracy: run.accuracy,
            busy_clocks_per_sample: run.busy_clocks_per_sample,
            ledger: run.ledger.clone(),
        }
    }
}

impl Run {
    /// Mean of a counter for a sample.
    fn mean(&self, counter: &str) -> f64 {
        self.ledger.total(counter).unwrap_or(0) as f64 / self.samples.max(1) as f64
    }
}

struct Metric {
    title: &'static str,
    unit: &'static str,
    color: RGBColor,
    values: Vec<f64>,
    text: fn(f64) -> String,
}

/// Accuracy and mean counts of a sample as bars, a panel for each, in the order of the runs. There is no panel of accuracy unless
/// that of every run is known.
pub fn comparison(runs: &[Run]) -> Result<String, PlotError> {
    if runs.is_empty() {
        return Err(PlotError::Empty("no reports of runs"));
    }
    let metrics = metrics(runs);
    let rows = metrics.len().div_ceil(COLUMNS);
    let panel = HEAD + BAR * runs.len() as u32 + 8;
    let mut svg = String::new();
    {
        let size = (WIDTH, TITLE_HEIGHT + panel * rows as u32 + 10);
        let subtitle = "each bar is measured; counts are means of a sample; every panel begins at 0";
        let title = if runs.len() == 1 { "A run" } else { "Runs beside each other" };
        let below = page(SVGBackend::with_string(&mut svg, size), title, subtitle)?;
        for (area, metric) in below.split_evenly((rows, COLUMNS)).iter().zip(&metrics) {
            draw(area, runs, metric)?;
        }
        below.present()?;
    }
    Ok(svg)
}

fn metrics(runs: &[Run]) -> Vec<Metric> {
    let of = |value: &dyn Fn(&Run) -> f64| runs.iter().map(value).collect();
    let counter = |title, unit, color, name| Metric {
        title,
        unit,
        color,
        values: of(&|run: &Run| run.mean(name)),
        text: |value| if value < 10.0 { format!("{value:.1}") } else { count(value) },
    };
    let (warm, cold) = (WARM[0], COLD[0]);
    let accuracies: Option<Vec<f64>> = runs.iter().map(|run| Some(100.0 * run.accuracy?)).collect();
    let accuracy = accuracies.map(|values| Metric {
        title: "accuracy",
        unit: "% of the samples",
        color: INK,
        values,
        text: |value| format!("{value:.2} %"),
    });
    let others = [
        Metric {
            title: "busy time",
            unit: "clocks of the busiest core",
            color: FAINT,
            values: of(&|run: &Run| run.busy_clocks_per_sample),
            text: count,
        },
        counter("spikes in", "spikes from the host", warm, "host_spikes_in"),
        counter("synaptic operations", "weights added", cold, "synaptic_operations"),
        counter("bus destinations", "cores that spikes were sent to", warm, "bus_destinations"),
        counter("neuron updates", "membranes through a neuron unit", cold, "neuron_updates"),
    ];
    accuracy.into_iter().chain(others).collect()
}

fn draw<DB: DrawingBackend>(
    area: &DrawingArea<DB, plotters::coord::Shift>,
    runs: &[Run],
    metric: &Metric,
) -> Result<(), DrawingAreaErrorKind<DB::ErrorType>> {
    let width = area.dim_in_pixel().0 as i32 - NAMES - VALUES - 20;
    let largest = metric.values.iter().copied().fold(0.0, f64::max).max(f64::MIN_POSITIVE);
    area.draw(&Text::new(metric.title, (NAMES, 6), font(14, &metric.color)))?;
    area.draw(&Text::new(metric.unit, (NAMES, 24), font(12, &FAINT)))?;
    for (number, (run, &value)) in runs.iter().zip(&metric.values).enumerate() {
        let top = HEAD as i32 + BAR as i32 * number as i32;
        let middle = top + BAR as i32 / 2 - 2;
        let end = NAMES + (width as f64 * value / largest).round() as i32;
        area.draw(&Rectangle::new([(NAMES, top), (end, top + BAR as i32 - 5)], metric.color.filled()))?;
        let style = |size, color, horizontal| font_at(size, color, horizontal, VPos::Center);
        area.draw(&Text::new(run.network.clone(), (NAMES - 8, middle - 5), style(12, &INK, HPos::Right)))?;
        area.draw(&Text::new(run.config.clone(), (NAMES - 8, middle + 7), style(10, &FAINT, HPos::Right)))?;
        area.draw(&Text::new((metric.text)(value), (end + 6, middle), style(12, &INK, HPos::Left)))?;
    }
    Ok(())
}
