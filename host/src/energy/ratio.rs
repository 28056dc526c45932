//! Communication against computation, beside the cortex's 35 : 1.

use super::bill::Bill;
use super::bits;
use super::counters::{self, Place, group_name};
use crate::report::RunReport;
use nernst_spec::CoreConfig;
use serde::Serialize;

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
    let shapes: Vec<CoreConfig> = run.cores.iter().map(|core| core.shape).collect();
    let mut ratio = Ratio { communication: 0.0, computation: 0.0 };
    for counter in counters::all() {
        let name = counter.definition.name;
        if !link && bits::on_link(name) {
            continue;
        }
        let moved = match counter.place {
            Place::Array => product(run.ledger.array.get(name), bits::of_array(name, &shapes)),
            Place::Core => {
                let cores = run.ledger.cores.iter().zip(&shapes);
                cores.map(|(core, shape)| product(core.get(name), bits::of_core(name, shape, &shapes))).sum()
            }
        };
        match group_name(counter.definition.group).as_str() {
            "communication" => ratio.communication += moved,
            "computation" => ratio.computation += moved,
            _ => {}
        }
    }
    ratio
}

fn product(count: Option<&u64>, bits: Option<u64>) -> f64 {
    count.zip(bits).map_or(0.0, |(&count, bits)| count as f64 * bits as f64)
}

/// Joules of a bill; `None` where its table does not price both groups. Its grade is the bill's.
pub fn joules(bill: &Bill) -> Option<Ratio> {
    Some(Ratio { communication: bill.group("communication")?.joules, computation: bill.group("computation")?.joules })
}
