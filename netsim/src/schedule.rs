//! Puts the operators in order.

use crate::netlist::{Netlist, Word, WordOp};
use crate::program::{Group, Program, Segment};

pub fn plan(netlist: &mut Netlist) -> Program {
    stage(netlist);
    let ops = (0..netlist.words.len() as Word).filter(|&w| !netlist.words[w as usize].args().is_empty()).collect();
    let segments = vec![Segment { path: Vec::new(), ops }];
    let moves = netlist.registers.iter().map(|r| (r.value, r.next)).collect();
    Program::new(netlist, segments, vec![Group { path: Vec::new(), moves }])
}

/// Registers change one after the other: what one takes over or asks at the edge must not be another's value.
fn stage(netlist: &mut Netlist) {
    for i in 0..netlist.registers.len() {
        let r = netlist.registers[i];
        let fixed = |n: &mut Netlist, w: Word| if matches!(n.op(w), WordOp::Register(_)) && w != r.value { n.copy(w) } else { w };
        let next = fixed(netlist, r.next);
        let enable = r.enable.map(|e| if matches!(netlist.op(e), WordOp::Register(_)) { netlist.copy(e) } else { e });
        netlist.registers[i].next = next;
        netlist.registers[i].enable = enable;
    }
}
