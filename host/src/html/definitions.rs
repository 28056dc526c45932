//! What every counter counts.

use crate::energy::counters::{self, Place};
use maud::{Markup, html};
use nernst_spec::ledger::Class;

/// All counters, folded away.
pub(super) fn definitions() -> Markup {
    html! {
        section {
            h2 { "Definitions" }
            details {
                summary { "What each counter counts" }
                @for group in counters::groups() {
                    h4 { (group) }
                    dl .definitions {
                        @for counter in counters::all().filter(|c| counters::group_name(c.definition.group) == group) {
                            dt {
                                code { (counter.definition.name) }
                                @if counter.place == Place::Core { " in each core" }
                                @if counter.definition.class == Class::Time { ", depends on when bytes arrive" }
                            }
                            dd { (counter.definition.sentence) }
                        }
                    }
                }
            }
        }
    }
}
