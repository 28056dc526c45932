//! What a run was and gave.

use crate::report::RunReport;
use maud::{Markup, html};

/// The head of a run: exact, but for wall time.
pub(super) fn facts(run: &RunReport) -> Markup {
    let mismatches = run.mismatches.total();
    let us = 1e6 * run.busy_clocks_per_sample / run.clock_hz.max(1) as f64;
    let facts = [
        ("network", run.network.clone()),
        ("rows fetched", if run.dense { "all, in every tick (dense)" } else { "of events" }.into()),
        ("data", run.data.clone()),
        ("code", format!("{}, {} ticks a sample", run.coding, run.ticks_per_sample)),
        ("configuration", run.config.clone()),
        ("port", run.port.clone()),
        ("build", run.build.clone()),
        ("clock", format!("{} MHz", run.clock_hz as f64 / 1e6)),
        ("accuracy", run.verdict()),
        ("busiest core", format!("{:.0} clocks a sample: {us:.1} us", run.busy_clocks_per_sample)),
        ("through this port", format!("{:.1} samples/s", run.samples_per_second)),
        ("mismatches", mismatches.to_string()),
    ];
    let scrubbed = run.scrubbed.as_ref().map(|scrubbed| {
        let upsets = scrubbed.upsets.len();
        ("memory", format!("{} words watched, {upsets} of them had changed and were written again", scrubbed.words))
    });
    html! {
        @if mismatches > 0 {
            div .warning role="alert" {
                strong { (mismatches) " differences from the reference model." }
                " Nothing here can be relied on: the board is faulty, overclocked or built from other sources."
                @for first in &run.mismatches.first { p { (first) } }
            }
        }
        dl .facts {
            @for (name, value) in facts.iter().chain(&scrubbed) { div { dt { (name) } dd { (value) } } }
        }
        p .note {
            @if mismatches == 0 {
                "Every spike that came back and every activity counter equals the reference model's. "
            }
            "Speed through the port is that of the board behind it: of a simulation where the port is virtual or a "
            "model."
        }
    }
}
