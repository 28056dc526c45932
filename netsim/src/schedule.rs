//! From a netlist to a program: what is needed when, gathered into cells.

use crate::cells;
use crate::design::ScopeId;
use crate::edge;
use crate::enable;
use crate::layout;
use crate::netlist::{Netlist, Word, WordOp, WordWrite};
use crate::program::{Cell, Literal, Path, Program, Taking, Work};
use crate::regions::Regions;
use std::collections::{BTreeMap, HashMap};

/// Registers that are taken over in one cell.
const TAKES: usize = 16;
/// An instance with fewer registers is no unit of its own.
const SMALL_UNIT: usize = 6;

/// Makes a program of a netlist.
pub fn plan(netlist: &mut Netlist) -> Program {
    enable::infer(netlist);
    stage(netlist);
    let mut regions = Regions::new(netlist);
    let units = units(netlist);
    let takes = takes(netlist, &mut regions, &units);
    let cells = cells::gather(netlist, &mut regions, &take_cells(takes.clone()), &units);
    let (mut settle, mut edge) = edge::split(netlist, cells, takes, write_cells(netlist, &units));
    let order = layout::arrange(netlist, &mut settle, &mut edge, &units);
    Program::new(netlist, order, settle, edge)
}

/// Registers (value, next) by the instance that they belong to, and there by the condition under which they change.
pub type Takes = BTreeMap<(ScopeId, Path), Vec<(Word, Word)>>;

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

fn takes(netlist: &Netlist, regions: &mut Regions, units: &[ScopeId]) -> Takes {
    let mut groups = Takes::new();
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
        let unit = units[netlist.homes[r.value as usize]];
        groups.entry((unit, path)).or_default().push((r.value, r.next));
    }
    groups
}

/// Cells that do nothing but take over.
pub fn take_cells(takes: Takes) -> Vec<Cell> {
    let mut cells: Vec<(ScopeId, usize, Vec<Taking>)> = Vec::new();
    for ((unit, path), moves) in takes {
        for moves in moves.chunks(TAKES) {
            let taking = Taking { path: path.clone(), moves: moves.to_vec() };
            match cells.last_mut() {
                Some((last, size, takings)) if *last == unit && *size + moves.len() <= TAKES => {
                    *size += moves.len();
                    takings.push(taking);
                }
                _ => cells.push((unit, moves.len(), vec![taking])),
            }
        }
    }
    let work = |takings| Work::Compute { segments: Vec::new(), takings };
    cells.into_iter().map(|(.., takings)| Cell { path: Path::new(), work: work(takings) }).collect()
}

/// One cell for the memories of a unit: the writes of one memory depend on each other's order.
fn write_cells(netlist: &Netlist, units: &[ScopeId]) -> Vec<Cell> {
    let mut writes: BTreeMap<ScopeId, Vec<WordWrite>> = BTreeMap::new();
    for w in &netlist.writes {
        writes.entry(units[netlist.memories[w.memory as usize].scope]).or_default().push(*w);
    }
    writes.into_values().map(|w| Cell { path: Path::new(), work: Work::Write(w) }).collect()
}

/// The instance that the work of each instance is counted to: itself, or the one around it as long as it has little of
/// its own, as registers, memories and counters have.
pub fn units(netlist: &Netlist) -> Vec<ScopeId> {
    let outer = |path: &str| path.rsplit_once('.').map_or("", |p| p.0).to_string();
    let numbers: HashMap<&str, ScopeId> =
        netlist.scopes.iter().enumerate().map(|(i, s)| (s.path.as_str(), i)).collect();
    let parents: Vec<ScopeId> =
        netlist.scopes.iter().map(|s| numbers.get(outer(&s.path).as_str()).copied().unwrap_or(0)).collect();
    let mut size = vec![0; netlist.scopes.len()];
    netlist.registers.iter().for_each(|r| size[netlist.homes[r.value as usize]] += 1);
    let mut units: Vec<ScopeId> = (0..netlist.scopes.len()).collect();
    // Inner instances come after those around them.
    for i in (1..units.len()).rev() {
        if size[i] < SMALL_UNIT && parents[i] < i {
            size[parents[i]] += size[i];
            units[i] = parents[i];
        }
    }
    for i in 1..units.len() {
        units[i] = if units[i] == i { i } else { units[units[i]] };
    }
    units
}
