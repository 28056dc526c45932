//! Workloads on the netlist: what each counted and what it switched.

use super::{TogglesError, Workload};
use nernst_sim::NetlistBoards;
use nernst_sim::netlist_boards::{Cut, Record};
use nernst_spec::ledger::{self, ArrayCounter};
use nernst_spec::link::Reply;
use nernst_spec::{ArrayConfig, Ledger};
use rust_hdl_bsp_ecp5::switching::{Statistics, routed_pips};

/// Clocks by which the ledger's window and that of the toggles may differ: the clearing of the ledger and the snapshot
/// follow their commands by a few clocks.
const SLACK: u64 = 64;
/// Groups of nets: all, and all with the segments of their routes.
const TOGGLES: usize = 0;
const SEGMENTS: usize = 1;

/// One workload.
#[derive(Clone, Debug, PartialEq)]
pub struct Measured {
    /// Its name.
    pub name: String,
    /// Its counters, from the netlist's own ledger.
    pub ledger: Ledger,
    /// Toggles of all nets.
    pub toggles: u64,
    /// Toggles, each times the routed segments of its net; 0 without routes.
    pub segments: u64,
}

/// All workloads, and the netlist that they ran on.
#[derive(Clone, Debug, PartialEq)]
pub struct Measurement {
    /// In the order of the workloads.
    pub workloads: Vec<Measured>,
    /// Sizes of the netlist.
    pub statistics: Statistics,
    /// Nets that have a route, and segments of all; none without routes.
    pub routed: Option<(usize, u64)>,
    /// Clocks that were simulated.
    pub clocks: u64,
}

/// Runs workloads, one in each lane, on a netlist (the JSON of Yosys), with the routes of `placed` (the JSON of
/// nextpnr's `--write`) if there are any. `progress` is told the clocks and the workloads that still run, now and then.
///
/// # Errors
/// The netlist cannot be run, or counts other than the reference model.
pub fn measure(
    netlist: &str,
    placed: Option<&str>,
    config: &ArrayConfig,
    workloads: &[Workload],
    progress: impl FnMut(u64, usize),
) -> Result<Measurement, TogglesError> {
    let mut boards = NetlistBoards::from_json(netlist, config)?;
    let pips = placed.map(routed_pips).transpose().map_err(TogglesError::Placed)?;
    let mut routed = (0, 0);
    boards.simulator().count_toggles(|net| {
        let segments = pips.iter().flat_map(|pips| net.names.iter().filter_map(|name| pips.get(name)));
        let segments = segments.copied().max().unwrap_or(0);
        routed = (routed.0 + usize::from(segments > 0), routed.1 + u64::from(segments));
        vec![(TOGGLES, 1), (SEGMENTS, segments)]
    });
    if pips.is_some() && routed.0 == 0 {
        return Err(TogglesError::NoRoute);
    }
    let records = boards.run(workloads.iter().map(Workload::script).collect(), progress)?;
    let measured = workloads.iter().zip(&records).map(|(workload, record)| one(workload, record));
    Ok(Measurement {
        workloads: measured.collect::<Result<_, _>>()?,
        statistics: boards.simulator().statistics(),
        routed: pips.is_some().then_some(routed),
        clocks: boards.simulator().cycle(),
    })
}

/// Checks what a board did against the model.
fn one(workload: &Workload, record: &Record) -> Result<Measured, TogglesError> {
    let name = workload.name.clone();
    let answer = |what| TogglesError::Answer { name: name.clone(), what };
    let ledger = ledger(workload, record).ok_or_else(|| answer("ledger"))?;
    let model = workload.model()?;
    if let Some((counter, netlist, model)) = ledger.differences(&model).into_iter().next() {
        return Err(TogglesError::Counter { name, counter, netlist, model });
    }
    let [begin, end] = &record.cuts[..] else { return Err(answer("begin and end")) };
    let (by_ledger, counted) = (ledger.array(ArrayCounter::Clocks), end.clock - begin.clock);
    if by_ledger.abs_diff(counted) > SLACK {
        return Err(TogglesError::Window { name, ledger: by_ledger, counted });
    }
    let group = |cut: &Cut, group: usize| cut.toggles.get(group).copied().unwrap_or(0);
    let toggles = |number| group(end, number) - group(begin, number);
    Ok(Measured { name, ledger, toggles: toggles(TOGGLES), segments: toggles(SEGMENTS) })
}

/// The ledger that a board sent last.
fn ledger(workload: &Workload, record: &Record) -> Option<Ledger> {
    let config = &workload.image.config;
    let all = record.replies.iter().filter_map(|reply| match reply {
        Reply::Words { words, .. } => Some(words.iter().map(|word| word.low())),
        _ => None,
    });
    let words: Vec<u32> = all.flatten().collect();
    let first = words.len().checked_sub(ledger::words(config))?;
    Ledger::from_words(config, &words[first..])
}
