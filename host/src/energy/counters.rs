//! The counters of the ledger by name, whatever they are: nothing here lists them a second time.

use nernst_spec::ledger::{ArrayCounter, CoreCounter, Definition, Group};
use serde::Serialize;

/// Where a counter counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Place {
    /// Once, in the array or its link.
    Array,
    /// In every core.
    Core,
}

/// A counter and where it counts.
#[derive(Clone, Copy, Debug)]
pub struct Counter {
    pub definition: Definition,
    pub place: Place,
}

/// All counters in the order of their addresses, those of the array first.
pub fn all() -> impl Iterator<Item = Counter> {
    let array = ArrayCounter::ALL.iter().map(|c| Counter { definition: c.definition(), place: Place::Array });
    array.chain(CoreCounter::ALL.iter().map(|c| Counter { definition: c.definition(), place: Place::Core }))
}

/// The counter of this name.
pub fn find(name: &str) -> Option<Counter> {
    all().find(|counter| counter.definition.name == name)
}

/// The names of all counters, for an error's help.
pub fn names() -> String {
    all().map(|counter| counter.definition.name).collect::<Vec<_>>().join(", ")
}

/// What a group is called in reports: `communication`, `computation`, `time`.
pub fn group_name(group: Group) -> String {
    // The names of the variants are the words of the ledger's definition, and a new group needs no change here.
    format!("{group:?}").to_lowercase()
}

/// The names of all groups, each once, in the order in which the counters name them.
pub fn groups() -> Vec<String> {
    let mut names = vec![];
    for counter in all() {
        let name = group_name(counter.definition.group);
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names.sort_by_key(|name| name == "time");
    names
}
