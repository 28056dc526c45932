//! Bills as tables, and what follows from them.

use crate::energy::bill::{Bill, Line};
use crate::energy::range::Span;
use crate::energy::units::{digits, si};
use crate::energy::{Scope, Statement, counters};
use maud::{Markup, html};
use nernst_spec::ledger::Class;

/// A table for each price table, and the range over them.
pub(super) fn bills(statement: &Statement) -> Markup {
    html! {
        section {
            h3 { "The bill" }
            p {
                "Of the whole run, " (statement.samples)
                " samples. Counts are exact; joules are estimates, each with its grade."
            }
            @if let Some(range) = &statement.range {
                h4 { "Range over the price tables" }
                div .scroll { table {
                    thead { tr {
                        th .name { "group" } th { "from" } th { "to" } th .name { "grade" } th .name { "by" }
                    } }
                    tbody { (span(&range.total)) @for group in &range.groups { (span(group)) } }
                } }
                p .note { "Tables price different counters: what a table does not price is not in its joules." }
            }
            @for bill in &statement.bills { (table(bill, &statement.port)) }
        }
    }
}

fn span(span: &Span) -> Markup {
    html! {
        tr {
            td .name { (span.name) } td { (si(span.low, "J")) } td { (si(span.high, "J")) }
            td .name { (span.grade) } td .name { (span.prices.join(", ")) }
        }
    }
}

fn table(bill: &Bill, port: &str) -> Markup {
    html! {
        h4 { code { (bill.prices) } ": " (bill.title) }
        @if bill.scope == Scope::AllIn { p .note { "All-in: a price holds what its device took in all." } }
        @if let Some(device) = &bill.device {
            p .note { "What the same counts would take of " (device) "; nothing of it was measured on this array." }
        }
        @if let Some(fit) = &bill.fit { p .note { "Fit: " (fit.to_string().trim()) } }
        div .scroll { table {
            thead { tr {
                th .name { "counter" } th { "count" } th { "joules" } th .name { "grade" } th .name { "source" }
            } }
            @for group in &bill.groups {
                @if let Some(sum) = &group.estimate {
                    tbody {
                        tr .sum {
                            td .name { (group.name) } td {} td { (si(sum.joules, "J")) }
                            td .name { (bill.evidence(sum.grade)) } td {}
                        }
                        @for line in bill.lines.iter().filter(|line| line.group == group.name) {
                            (row(bill, line, port))
                        }
                    }
                }
            }
            tbody { tr .sum {
                td .name { "total" } td {} td { (si(bill.total.joules, "J")) }
                td .name { (bill.evidence(bill.total.grade)) } td {}
            } }
        } }
        p .note {
            @if bill.unpriced.is_empty() { "Every counter of the run that is not 0 has a price." } @else {
                "Not priced, and not in the joules: "
                @for (number, unpriced) in bill.unpriced.iter().enumerate() {
                    @if number > 0 { ", " }
                    (unpriced.counter) " (" (unpriced.count) ")"
                }
                "."
            }
        }
        @if !bill.uncounted.is_empty() {
            p .note {
                "Too low: additions of " (bill.uncounted.join(", ")) " have no price here (loaded not to count weights other than 0, \
                 or all were 0)."
            }
        }
    }
}

fn row(bill: &Bill, line: &Line, port: &str) -> Markup {
    let of_time = counters::find(&line.counter).is_some_and(|counter| counter.definition.class == Class::Time);
    html! {
        tr {
            td .name.within { (line.counter) }
            td { (line.count) }
            td {
                (si(line.estimate.joules, "J"))
                @if let Some(error) = line.estimate.standard_error { " ± " (si(error, "J")) }
            }
            td .name { (bill.evidence(line.estimate.grade)) }
            td .source {
                (line.source)
                @if let Some(note) = &line.note { "; " (note) }
                @if of_time { "; the count depends on when the host's bytes arrived, here at port " (port) }
            }
        }
    }
}

/// Bits about the class, and bits per joule.
pub(super) fn information(statement: &Statement) -> Markup {
    let Some(information) = statement.information else { return html! {} };
    let kelvin = statement.conditions.temperature_kelvin;
    html! {
        section {
            h3 { "Bits per joule" }
            p {
                "The decisions tell " (format!("{:.3} of {:.3}", information.corrected, information.class_entropy))
                " bits about the class of a sample (plug-in estimate " (format!("{:.3}", information.plug_in))
                ", corrected by Miller and Madow for " (information.samples) " samples)."
            }
            div .scroll { table {
                thead { tr {
                    th .name { "prices" } th { "bits per joule" }
                    th { "energy of a bit over kT ln 2 at " (kelvin) " K" }
                    th .name { "grade" }
                } }
                tbody { @for (bill, figures) in statement.bills.iter().zip(&statement.figures) { tr {
                    td .name { (bill.prices) }
                    td { @if let Some(bits) = figures.bits_per_joule { (si(bits, "bit/J")) } @else { "not known" } }
                    td { @if let Some(times) = figures.times_landauer { (digits(times)) } @else { "not known" } }
                    td .name { (bill.evidence(figures.grade)) }
                } } }
            } }
        }
    }
}

/// Published limits of spiking against dense networks.
pub(super) fn crossovers(statement: &Statement) -> Markup {
    let Some(activity) = statement.activity else { return html! {} };
    html! {
        section {
            h3 { "Spiking or dense" }
            p {
                "Activity of the run, exact: " (digits(activity.spikes_per_synapse)) " spikes a synapse and inference, "
                (digits(activity.spike_rate)) " spikes a source and tick, " (activity.ticks) " ticks. Each limit is an "
                "argument about other hardware, under assumptions of its own; none is a measurement of this array."
            }
            div .scroll { table {
                thead { tr {
                    th .name { "verdict" } th { "limit" } th { "here" } th .name { "measure" } th .name { "source" }
                } }
                tbody { @for crossover in &statement.crossovers { tr {
                    td .name { (crossover.verdict) }
                    td {
                        (digits(crossover.low))
                        @if crossover.high > crossover.low { " to " (digits(crossover.high)) }
                    }
                    td { (digits(crossover.value)) }
                    td .name { (crossover.measure) }
                    td .source { (crossover.source) "; assumes " (crossover.assumes) }
                } } }
            } }
        }
    }
}
