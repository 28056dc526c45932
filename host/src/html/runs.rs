//! Several runs beside each other.

use super::figure::figure;
use crate::energy::Statement;
use crate::energy::bill::Bill;
use crate::energy::units::si;
use crate::plot::{self, PlotError};
use crate::report::RunReport;
use maud::{Markup, html};

/// Energy against accuracy, and a table of all runs.
pub(super) fn beside(runs: &[(RunReport, Statement)]) -> Result<Markup, PlotError> {
    let bills: Vec<(&RunReport, &Bill)> =
        runs.iter().filter_map(|(run, statement)| Some((run, statement.bills.first()?))).collect();
    let labelled: Vec<_> = bills.iter().copied().filter(|(run, _)| run.accuracy.is_some()).collect();
    let caption = html! {
        "Accuracy is exact. Joules are estimates"
        @if let Some((_, bill)) = bills.first() {
            ", " code { (bill.prices) } " (" (bill.evidence(bill.total.grade)) ")"
        }
        "; their axis is logarithmic. The scale of accuracy does not begin at 0."
    };
    Ok(html! {
        @if !labelled.is_empty() {
            (figure("Energy against accuracy", caption, |sheet| plot::energy_accuracy(&labelled, sheet))?)
        }
        section {
            h3 { "All runs" }
            div .scroll {
                table {
                    thead {
                        tr {
                            th .name { "network" } th .name { "configuration" } th .name { "code" }
                            th { "accuracy" } th { "mismatches" } th { "spikes" } th { "operations" }
                            th { "clocks" } th { "energy" } th { "events ratio" }
                        }
                    }
                    tbody { @for (run, statement) in runs { (row(run, statement)) } }
                }
            }
            p .note {
                "Spikes, operations and clocks of the busiest core are exact, as means of a sample. The ratio is "
                "that of communication to computation in events, exact. Energy of a sample is an estimate"
                @if let Some((_, bill)) = bills.first() {
                    ", by " code { (bill.prices) } " (" (bill.evidence(bill.total.grade)) ")"
                }
                "."
            }
        }
    })
}

fn row(run: &RunReport, statement: &Statement) -> Markup {
    let mean = |counter: &str| match run.ledger.total(counter) {
        Some(count) => format!("{:.1}", count as f64 / run.samples.max(1) as f64),
        None => "not counted".into(),
    };
    html! {
        tr {
            td .name { (run.network) } td .name { (run.config) @if run.dense { ", dense" } } td .name { (run.coding) }
            td { @if let Some(accuracy) = run.accuracy { (format!("{:.2} %", 100.0 * accuracy)) } @else { "not known" } }
            td { (run.mismatches.total()) }
            td { (mean("spikes")) }
            td { (mean("synaptic_operations")) }
            td { (format!("{:.1}", run.busy_clocks_per_sample)) }
            @for figures in statement.figures.iter().take(1) { td { (si(figures.sample.joules, "J")) } }
            td { @if let Some(events) = statement.events { (events) } @else { "not counted" } }
        }
    }
}
