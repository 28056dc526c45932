//! Pictures with their captions, each once for a screen and once for a phone.

use crate::energy::bill::Bill;
use crate::energy::units::si;
use crate::energy::{PriceTable, Statement};
use crate::plot::{self, PlotError, Sheet};
use crate::report::RunReport;
use crate::trace::Trace;
use maud::{Markup, PreEscaped, html};

/// A picture below a heading; `draw` draws it for each width.
pub(super) fn figure(
    heading: &str,
    caption: Markup,
    draw: impl Fn(Sheet) -> Result<String, PlotError>,
) -> Result<Markup, PlotError> {
    Ok(html! {
        section {
            h3 { (heading) }
            figure {
                div .picture.wide role="img" aria-label=(heading) { (PreEscaped(draw(Sheet::WIDE)?)) }
                div .picture.narrow role="img" aria-label=(heading) { (PreEscaped(draw(Sheet::NARROW)?)) }
                figcaption { (caption) }
            }
        }
    })
}

/// The total of every bill, with grades.
pub(super) fn joules(bills: &[Bill]) -> Markup {
    html! {
        @for (number, bill) in bills.iter().enumerate() {
            @if number > 0 { "; " }
            (si(bill.total.joules / bill.samples.max(1) as f64, "J")) " a sample by " code { (bill.prices) }
            " (" (bill.evidence(bill.total.grade)) ")"
        }
    }
}

/// Joules by tick.
pub(super) fn ticks(trace: &Trace, table: &PriceTable) -> Result<Markup, PlotError> {
    let caption = html! {
        "Sample " (trace.sample) " (" @if let Some(class) = trace.label { "class " (class) ", " } "decision " (trace.decision)
        ") in " (trace.ticks.len())
        " ticks. Counts of each tick are exact; joules are estimates, " code { (table.name) } " ("
        (table.grade()) @if let Some(device) = &table.device { ", " (device) }
        "). Only counters that are a function of image and input are priced here: in a trace the host reads the ledger "
        "after every tick, so bytes on the link and clocks of waiting are others than in a run."
    };
    figure("Energy by tick", caption, |sheet| plot::energy_ticks(trace, table, sheet))
}

/// Joules by core and population.
pub(super) fn places(run: &RunReport, statement: &Statement) -> Result<Markup, PlotError> {
    // A statement has at least one bill.
    let Some(bill) = statement.bills.first() else { return Err(PlotError::Empty("no bill")) };
    let known = run.cores.iter().all(|core| core.populations.is_some());
    let caption = html! {
        "Joules of a sample, mean of " (bill.samples) ". Counts of each core are exact; joules are estimates, "
        code { (bill.prices) } " (" (bill.evidence(bill.total.grade)) "). "
        @if known {
            "Populations that share a core have one bar, because a core's counters do not tell them apart."
        } @else {
            "Populations are not known: the run was of a compiled image, which holds cores alone. "
            "Run the network (--network) to see them."
        }
    };
    figure("Energy by core and population", caption, |sheet| plot::energy_places(run, bill, sheet))
}

/// Where bits went.
pub(super) fn bits(run: &RunReport) -> Result<Markup, PlotError> {
    let caption = html! {
        "All " (run.samples) " samples, in the order of a spike's way: counts, bits, and their share. "
        "Exact: each count times the bits that one of its "
        "events moves. A byte on the link is 10 bits, a transfer on the bus its mask of cores, axon and delay, a row "
        "36 bits of a block RAM, an operation or update one membrane."
    };
    figure("Where the bits went", caption, |sheet| plot::bits(run, sheet))
}

/// Communication : computation.
pub(super) fn ratios(statement: &Statement) -> Result<Markup, PlotError> {
    let caption = html! {
        "Left of 1 : 1 computation is more, right of it communication. Events and bits are exact; joules are estimates "
        "with the grade behind them. The line is human cortex, in joules: " (statement.cortex)
        " : 1 (Levy and Calvert, PNAS 118:e2008173118, 2021)."
    };
    figure("Communication : computation", caption, |sheet| plot::ratios(statement, sheet))
}
