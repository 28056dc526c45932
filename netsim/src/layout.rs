//! Renumbers words, so that what works together lies together in the state: a processor's cache holds what is awake.
//!
//! First come the words that keep a value or are read by other cells, instance by instance; the others are only looked at
//! from outside.

use crate::design::{Bits, ScopeId};
use crate::netlist::{Netlist, Word, WordOp, WordWrite};
use crate::program::{Cell, Path, Work};
use std::collections::HashSet;

/// Renumbers the words of a netlist and of its cells. Returns all words, each after its arguments.
pub fn arrange(netlist: &mut Netlist, settle: &mut [Cell], edge: &mut [Cell], units: &[ScopeId]) -> Vec<Word> {
    let kept = kept(netlist, settle, edge);
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
    netlist.writes.iter_mut().for_each(|w| rename_write(w, &new));
    let nets = netlist.nets.iter_mut().flatten().map(|n| &mut n.value);
    for bits in netlist.port_values.iter_mut().chain(nets) {
        let mut renamed = Bits::default();
        for &piece in bits.pieces() {
            renamed.push(crate::design::Piece { node: new[piece.node as usize], ..piece });
        }
        *bits = renamed;
    }
    let rename_path = |path: &mut Path| path.iter_mut().flatten().for_each(|l| rename(&mut l.0));
    for cell in settle.iter_mut().chain(edge) {
        rename_path(&mut cell.path);
        match &mut cell.work {
            Work::Compute { segments, takings } => {
                segments.iter_mut().for_each(|s| {
                    rename_path(&mut s.path);
                    s.ops.iter_mut().for_each(rename);
                });
                takings.iter_mut().for_each(|t| {
                    rename_path(&mut t.path);
                    t.moves.iter_mut().for_each(|(value, next)| [value, next].into_iter().for_each(rename));
                });
            }
            Work::Write(writes) => writes.iter_mut().for_each(|w| rename_write(w, &new)),
        }
    }
    new
}

fn rename_write(w: &mut WordWrite, new: &[Word]) {
    let words = [&mut w.address, &mut w.data].into_iter().chain(&mut w.enable).chain(&mut w.mask);
    words.for_each(|w| *w = new[*w as usize]);
}

/// Words that have to be in the state while the design runs.
fn kept(netlist: &Netlist, settle: &[Cell], edge: &[Cell]) -> HashSet<Word> {
    let cells = || settle.iter().chain(edge);
    let read = cells().flat_map(|c| c.reads(&netlist.words));
    let registers = cells().flat_map(|c| c.takings()).flat_map(|t| &t.moves).map(|m| m.0);
    let outputs = netlist.outputs().flat_map(|v| v.pieces()).map(|p| p.node);
    let all = read.chain(registers).chain(outputs);
    all.filter(|&w| !matches!(netlist.op(w), WordOp::Const(_))).collect()
}
