//! From a netlist to a program: what is needed when, gathered into cells.

use crate::cells;
use crate::design::{Scope, ScopeId};
use crate::enable;
use crate::netlist::{Netlist, Word, WordOp};
use crate::program::{Cell, Literal, Path, Program, Taking, Work};
use crate::regions::Regions;
use std::collections::{BTreeMap, HashMap};

/// Registers that are taken over in one cell.
const TAKES: usize = 32;

/// Makes a program of a netlist.
pub fn plan(netlist: &mut Netlist) -> Program {
    enable::infer(netlist);
    stage(netlist);
    let mut regions = Regions::new(netlist);
    let takes = takes(netlist, &mut regions);
    let settle = cells::gather(netlist, &mut regions, &takes, &units(netlist));
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

/// Registers by the instance that they belong to, and there by the condition under which they change.
fn takes(netlist: &Netlist, regions: &mut Regions) -> Vec<Cell> {
    let units = units(netlist);
    let mut groups: BTreeMap<(ScopeId, Path), Vec<(Word, Word)>> = BTreeMap::new();
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
    let mut cells: Vec<(ScopeId, usize, Vec<Taking>)> = Vec::new();
    for ((unit, path), moves) in groups {
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
    cells.into_iter().map(|(.., takings)| Cell { path: Path::new(), work: Work::Take(takings) }).collect()
}

/// The instance that does the work of each: instances without others in them, such as registers and memories, belong to
/// the one around them.
pub fn units(netlist: &Netlist) -> Vec<ScopeId> {
    let parent = |path: &str| path.rsplit_once('.').map_or("", |p| p.0).to_string();
    let mut numbers: HashMap<&str, ScopeId> = HashMap::new();
    netlist.scopes.iter().enumerate().for_each(|(i, s)| drop(numbers.insert(&s.path, i)));
    let mut has_inner = vec![false; netlist.scopes.len()];
    for scope in netlist.scopes.iter().filter(|s| !s.path.is_empty()) {
        if let Some(&outer) = numbers.get(parent(&scope.path).as_str()) {
            has_inner[outer] = true;
        }
    }
    let unit = |(i, scope): (ScopeId, &Scope)| match numbers.get(parent(&scope.path).as_str()) {
        Some(&outer) if !has_inner[i] => outer,
        _ => i,
    };
    netlist.scopes.iter().enumerate().map(unit).collect()
}
