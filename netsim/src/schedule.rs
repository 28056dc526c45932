//! From a netlist to a program: what is needed when, gathered into cells.

use crate::cells;
use crate::enable;
use crate::netlist::{Netlist, Word, WordOp};
use crate::program::{Cell, Literal, Path, Program, Work};
use crate::regions::Regions;
use std::collections::BTreeMap;

/// Registers that are taken over in one cell.
const TAKES: usize = 16;

/// Makes a program of a netlist.
pub fn plan(netlist: &mut Netlist) -> Program {
    enable::infer(netlist);
    stage(netlist);
    let mut regions = Regions::new(netlist);
    let takes = takes(netlist, &mut regions);
    let settle = cells::gather(netlist, &mut regions, &takes);
    Program::new(netlist, settle, takes)
}

/// Registers change one after the other: what one takes over or asks at the edge must not be another's value.
fn stage(netlist: &mut Netlist) {
    for i in 0..netlist.registers.len() {
        let r = netlist.registers[i];
        if matches!(netlist.op(r.next), WordOp::Register(_)) {
            netlist.registers[i].next = netlist.copy(r.next);
        }
        if let Some(e) = r.enable
            && matches!(netlist.op(e), WordOp::Register(_))
        {
            netlist.registers[i].enable = Some(netlist.copy(e));
        }
    }
}

/// Registers by the condition under which they change.
fn takes(netlist: &Netlist, regions: &mut Regions) -> Vec<Cell> {
    let mut groups: BTreeMap<Path, Vec<(Word, Word)>> = BTreeMap::new();
    for r in &netlist.registers {
        let path = match r.enable {
            None => Path::new(),
            Some(e) if netlist.value(e).is_some() => continue,
            Some(e) => {
                let region = regions.under(netlist, e);
                let mut path = regions.path(region);
                // A register in a condition may have changed already; the whole condition was computed before.
                let register = |l: &Literal| matches!(netlist.op(l.0), WordOp::Register(_));
                if let Some(at) = path.iter().position(|c| c.iter().any(register)) {
                    path.truncate(at);
                    path.push(vec![(e, true)]);
                }
                path
            }
        };
        groups.entry(path).or_default().push((r.value, r.next));
    }
    let mut cells = Vec::new();
    for (path, moves) in groups {
        // Those that always change have nothing in common.
        let most = if path.is_empty() { 1 } else { TAKES };
        cells.extend(moves.chunks(most).map(|m| Cell { path: path.clone(), work: Work::Take(m.to_vec()) }));
    }
    cells
}
