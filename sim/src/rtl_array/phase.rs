//! What an array is busy with in each clock of a tick.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::ops::AddAssign;

/// What some part of an array does in one clock, as its signals say.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Activity {
    /// Some core hands an event to its rings.
    pub integrates: bool,
    /// The rings of some core turn: they shift, but not to bring a context into the lanes.
    pub turns: bool,
    /// A context is brought into the lanes of some core.
    pub loads: bool,
    /// A spike is at the exit of a core, on the bus or in the router, or an event on the bus or at a scheduler.
    pub routes: bool,
}

/// The phase that a clock of a tick is counted to: the first of these that holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Phase {
    /// Some core adds an event.
    Integrate,
    /// Rings turn in some core, and none adds an event.
    Fire,
    /// Some core brings a context into its lanes, and none adds an event or turns its rings.
    Load,
    /// A spike or an event is on its way, and none of these.
    Route,
    /// Everything else: pipelines fill or drain, empty groups of axons are walked past, the array waits to be sure that all is over.
    Wait,
}

impl Phase {
    pub const ALL: [Phase; 5] = [Phase::Integrate, Phase::Fire, Phase::Load, Phase::Route, Phase::Wait];

    pub const fn name(self) -> &'static str {
        match self {
            Phase::Integrate => "integrate",
            Phase::Fire => "fire",
            Phase::Load => "load",
            Phase::Route => "route",
            Phase::Wait => "wait",
        }
    }
}

impl fmt::Display for Phase {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.pad(self.name())
    }
}

impl Activity {
    pub const fn phase(self) -> Phase {
        match self {
            Activity { integrates: true, .. } => Phase::Integrate,
            Activity { turns: true, .. } => Phase::Fire,
            Activity { loads: true, .. } => Phase::Load,
            Activity { routes: true, .. } => Phase::Route,
            _ => Phase::Wait,
        }
    }
}

/// Clocks of ticks, by phase.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Split {
    pub integrate: u64,
    pub fire: u64,
    pub load: u64,
    pub route: u64,
    pub wait: u64,
}

impl Split {
    pub const fn of(&self, phase: Phase) -> u64 {
        match phase {
            Phase::Integrate => self.integrate,
            Phase::Fire => self.fire,
            Phase::Load => self.load,
            Phase::Route => self.route,
            Phase::Wait => self.wait,
        }
    }
    /// All clocks.
    pub const fn total(&self) -> u64 {
        self.integrate + self.fire + self.load + self.route + self.wait
    }
    /// The phase with the most clocks; of equal ones the first.
    pub fn binding(&self) -> Phase {
        Phase::ALL.into_iter().rev().max_by_key(|&phase| self.of(phase)).unwrap_or(Phase::Wait)
    }
    pub fn count(&mut self, phase: Phase) {
        *match phase {
            Phase::Integrate => &mut self.integrate,
            Phase::Fire => &mut self.fire,
            Phase::Load => &mut self.load,
            Phase::Route => &mut self.route,
            Phase::Wait => &mut self.wait,
        } += 1;
    }
}

impl AddAssign for Split {
    fn add_assign(&mut self, other: Self) {
        self.integrate += other.integrate;
        self.fire += other.fire;
        self.load += other.load;
        self.route += other.route;
        self.wait += other.wait;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_belongs_to_the_first_phase_that_holds() {
        for bits in 0..16 {
            let [integrates, turns, loads, routes] = [1, 2, 4, 8].map(|bit| bits & bit != 0);
            let activity = Activity { integrates, turns, loads, routes };
            let first = [integrates, turns, loads, routes, true].iter().position(|&holds| holds);
            assert_eq!(Some(activity.phase()), first.map(|index| Phase::ALL[index]));
        }
    }

    #[test]
    fn a_split_sums_up_and_knows_what_binds() {
        let mut split = Split::default();
        assert_eq!(split.binding(), Phase::Integrate);
        for (count, phase) in [3, 5, 5, 1, 2].into_iter().zip(Phase::ALL) {
            (0..count).for_each(|_| split.count(phase));
        }
        assert_eq!((split.total(), split.binding()), (16, Phase::Fire));
        split += split;
        assert_eq!((split.total(), split.of(Phase::Wait)), (32, 4));
    }
}
