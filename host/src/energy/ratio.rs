//! Communication against computation, beside the cortex's 35 : 1.

use super::bill::Bill;
use super::bits;
use super::units::digits;
use crate::report::RunReport;
use serde::Serialize;
use std::fmt;

/// Long-distance communication over computation in human cortex: 3.5 W against 0.1 W (Levy and Calvert, PNAS
/// 118:e2008173118, 2021).
pub const CORTEX: f64 = 35.0;

/// Communication and computation in one measure.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Ratio {
    pub communication: f64,
    pub computation: f64,
}

impl Ratio {
    /// `communication / computation`; `None` without computation.
    pub fn value(&self) -> Option<f64> {
        (self.computation > 0.0).then(|| self.communication / self.computation)
    }
}

/// `2.5 : 1`, or `1 : 40` where computation is more.
impl fmt::Display for Ratio {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self.value() {
            Some(value) if value >= 1.0 => write!(f, "{} : 1", digits(value)),
            Some(value) if value > 0.0 => write!(f, "1 : {}", digits(1.0 / value)),
            Some(_) => f.write_str("0 : 1"),
            None => f.write_str("no computation"),
        }
    }
}

/// Events: spikes that reached a core (`bus_destinations`) against weights added and membranes updated
/// (`synaptic_operations`, `neuron_updates`). `None` where the run lacks one of them.
pub fn events(run: &RunReport) -> Option<Ratio> {
    let total = |counter| run.ledger.total(counter).map(|count| count as f64);
    Some(Ratio {
        communication: total("bus_destinations")?,
        computation: total("synaptic_operations")? + total("neuron_updates")?,
    })
}

/// Bits moved, see [`mod@bits`]; with or without those on the link to the host.
pub fn bits_moved(run: &RunReport, link: bool) -> Ratio {
    let moved = bits::moved(run);
    let of = |group: &str| {
        let counters = moved.iter().filter(|moved| moved.group == group && (link || !moved.on_link));
        counters.map(|moved| moved.bits).sum::<u128>() as f64
    };
    Ratio { communication: of("communication"), computation: of("computation") }
}

/// Joules of a bill; `None` where its table does not price both groups. Its grade is the bill's.
pub fn joules(bill: &Bill) -> Option<Ratio> {
    Some(Ratio { communication: bill.group("communication")?.joules, computation: bill.group("computation")?.joules })
}
