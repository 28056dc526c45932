//! Finds the clock enable that a register's feedback hides.
//!
//! rust-hdl writes `d = q` and then `if (e) d = x` around a plain register. In words that is
//! `next = e ? x : value`: the register changes only when `e` holds, and `x` is needed only then.

use crate::netlist::{Netlist, Word, WordOp};
use std::collections::HashMap;

pub fn infer(netlist: &mut Netlist) {
    for i in 0..netlist.registers.len() {
        let r = netlist.registers[i];
        netlist.scope = netlist.homes[r.value as usize];
        let mut known = HashMap::new();
        let (enable, next) = split(netlist, r.value, r.next, &mut known);
        match netlist.value(enable) {
            // Never changes: an enable that is 0 costs nothing.
            Some(0) => netlist.registers[i].enable = Some(enable),
            Some(_) => {}
            None => {
                netlist.registers[i].enable = Some(enable);
                netlist.registers[i].next = next;
            }
        }
    }
}

/// When `next` differs from holding `value`, and what it is then.
fn split(n: &mut Netlist, value: Word, next: Word, known: &mut HashMap<Word, (Word, Word)>) -> (Word, Word) {
    if next == value {
        return (n.constant(0), next);
    }
    let node = n.words[next as usize];
    if node.op != WordOp::Mux {
        return (n.constant(1), next);
    }
    if let Some(&found) = known.get(&next) {
        return found;
    }
    let [condition, then, otherwise] = node.args;
    let (e1, x1) = split(n, value, then, known);
    let (e0, x0) = split(n, value, otherwise, known);
    let result = match (n.value(e1), n.value(e0)) {
        (Some(1), Some(1)) => (e1, next),
        (Some(0), _) => {
            let not = n.apply(WordOp::Not { mask: 1 }, condition, 0, 0);
            (n.apply(WordOp::And, not, e0, 0), x0)
        }
        (_, Some(0)) => (n.apply(WordOp::And, condition, e1, 0), x1),
        (Some(1), _) => (n.apply(WordOp::Or, condition, e0, 0), n.apply(WordOp::Mux, condition, x1, x0)),
        (_, Some(1)) => {
            let not = n.apply(WordOp::Not { mask: 1 }, condition, 0, 0);
            (n.apply(WordOp::Or, not, e1, 0), n.apply(WordOp::Mux, condition, x1, x0))
        }
        _ => (n.apply(WordOp::Mux, condition, e1, e0), n.apply(WordOp::Mux, condition, x1, x0)),
    };
    known.insert(next, result);
    result
}
