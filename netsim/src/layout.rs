//! Renumbers words, so that what works together lies together in the state: a processor's cache holds what is awake.
//!
//! First come the words that keep a value or are read by other cells, instance by instance; the others are only looked at
//! from outside.

use crate::design::{Bits, ScopeId};
use crate::netlist::{Netlist, Word, WordOp};
use crate::program::{Cell, Path, Work};
use std::collections::HashSet;

/// Renumbers the words of a netlist and of its cells. Returns all words, each after its arguments.
pub fn arrange(netlist: &mut Netlist, settle: &mut [Cell], takes: &mut [Cell], units: &[ScopeId]) -> Vec<Word> {
    let kept = kept(netlist, settle, takes);
    let mut places: Vec<Word> = (0..netlist.words.len() as Word).collect();
    places.sort_by_key(|&w| {
        let is_register = matches!(netlist.op(w), WordOp::Register(_));
        (!kept.contains(&w), units[netlist.homes[w as usize]], !is_register, w)
    });
    let mut new = vec![0; places.len()];
    places.iter().enumerate().for_each(|(place, &w)| new[w as usize] = place as Word);
    let rename = |w: &mut Word| *w = new[*w as usize];
    netlist.words = places.iter().map(|&w| netlist.words[w as usize]).collect();
    netlist.homes = places.iter().map(|&w| netlist.homes[w as usize]).collect();
    netlist.table.clear();
    for node in &mut netlist.words {
        let count = node.op.arguments();
        node.args[..count].iter_mut().for_each(rename);
    }
    for r in &mut netlist.registers {
        [&mut r.value, &mut r.next].into_iter().chain(&mut r.enable).for_each(rename);
    }
    for w in &mut netlist.writes {
        [&mut w.address, &mut w.data].into_iter().chain(&mut w.enable).chain(&mut w.mask).for_each(rename);
    }
    let nets = netlist.nets.iter_mut().flatten().map(|n| &mut n.value);
    for bits in netlist.port_values.iter_mut().chain(nets) {
        let mut renamed = Bits::default();
        for &piece in bits.pieces() {
            renamed.push(crate::design::Piece { node: new[piece.node as usize], ..piece });
        }
        *bits = renamed;
    }
    let rename_path = |path: &mut Path| path.iter_mut().flatten().for_each(|l| rename(&mut l.0));
    for cell in settle.iter_mut().chain(takes) {
        rename_path(&mut cell.path);
        match &mut cell.work {
            Work::Compute(segments) => segments.iter_mut().for_each(|s| {
                rename_path(&mut s.path);
                s.ops.iter_mut().for_each(rename);
            }),
            Work::Take(takings) => takings.iter_mut().for_each(|t| {
                rename_path(&mut t.path);
                t.moves.iter_mut().for_each(|(value, next)| [value, next].into_iter().for_each(rename));
            }),
            Work::Write(_) => {}
        }
    }
    new
}

/// Words that have to be in the state while the design runs.
fn kept(netlist: &Netlist, settle: &[Cell], takes: &[Cell]) -> HashSet<Word> {
    let mut kept = HashSet::new();
    let mut keep = |w: Word| {
        if !matches!(netlist.op(w), WordOp::Const(_)) {
            kept.insert(w);
        }
    };
    let literals = |path: &Path| path.iter().flatten().map(|l| l.0).collect::<Vec<_>>();
    for cell in settle.iter().chain(takes) {
        literals(&cell.path).into_iter().for_each(&mut keep);
        match &cell.work {
            Work::Compute(segments) => {
                let own: HashSet<Word> = segments.iter().flat_map(|s| &s.ops).copied().collect();
                for segment in segments {
                    let args = segment.ops.iter().flat_map(|&w| netlist.words[w as usize].args().to_vec());
                    args.chain(literals(&segment.path)).filter(|w| !own.contains(w)).for_each(&mut keep);
                }
            }
            Work::Take(takings) => takings.iter().for_each(|t| {
                literals(&t.path).into_iter().for_each(&mut keep);
                t.moves.iter().for_each(|m| [m.0, m.1].into_iter().for_each(&mut keep));
            }),
            Work::Write(_) => {}
        }
    }
    for w in &netlist.writes {
        [Some(w.address), Some(w.data), w.enable, w.mask].into_iter().flatten().for_each(&mut keep);
    }
    netlist.outputs().flat_map(|v| v.pieces()).for_each(|p| keep(p.node));
    kept
}
