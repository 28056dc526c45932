//! Where the bits of a run went.

use super::PlotError;
use super::rows::{Row, picture};
use super::style::*;
use crate::energy::bits::{Moved, moved};
use crate::energy::units::si;
use crate::report::RunReport;
use plotters::prelude::*;

/// The counters that move bits in the order of a spike's way: from the host through bus, memory and neurons, and back.
/// What is not in it comes last.
const WAY: [&str; 10] = [
    "link_bytes_in",
    "bus_transfers",
    "bus_destinations",
    "events",
    "rows_fetched",
    "synaptic_operations",
    "context_loads",
    "neuron_updates",
    "spikes",
    "link_bytes_out",
];

/// The bits that a run moved, a bar for each counter, in the order of a spike's way.
pub fn bits(run: &RunReport, sheet: Sheet) -> Result<String, PlotError> {
    let mut all = moved(run);
    all.retain(|moved| moved.bits > 0);
    if all.is_empty() {
        return Err(PlotError::Empty("the run moved no bits"));
    }
    all.sort_by_key(|moved| WAY.iter().position(|name| *name == moved.counter).unwrap_or(WAY.len()));
    let sum: f64 = all.iter().map(|moved| moved.bits as f64).sum();
    let row = |moved: &Moved| Row {
        label: moved.counter.replace('_', " "),
        value: format!(
            "{}, {}, {:.1} %",
            si(moved.count as f64, "").trim_end(),
            si(moved.bits as f64, "bit"),
            100.0 * moved.bits as f64 / sum
        ),
        parts: vec![(group_color(&moved.group), moved.bits as f64)],
    };
    let mut entries: Vec<(RGBColor, String)> = vec![];
    for moved in &all {
        let of_group = all.iter().filter(|other| other.group == moved.group).map(|other| other.bits as f64);
        let entry = (group_color(&moved.group), format!("{}, {}", moved.group, si(of_group.sum(), "bit")));
        if !entries.contains(&entry) {
            entries.push(entry);
        }
    }
    let title = format!("{}: bits moved in {} samples", run.title(), run.samples);
    let subtitle = "exact: counts times the bits that an event of each counter moves";
    picture(sheet, (&title, subtitle), &entries, &[("", all.iter().map(row).collect())])
}
