//! The array.

use super::proof::{Proof, verilog};
use nernst_hdl::array::ledger::Ledger;
use nernst_hdl::array::neuron_unit::NeuronUnit;
use nernst_hdl::array::router::Router;
use nernst_hdl::array::scheduler::Scheduler;
use nernst_hdl::array::spike_queue::SpikeQueue;
use nernst_hdl::array::tally::{SumTally, Tally, counts};
use nernst_hdl::array::unpacker::Unpacker;
use nernst_spec::tick::clamp_limits;
use nernst_spec::{ArrayConfig, WeightBits};

/// Membranes of this width.
pub fn neuron_unit<const W: usize>(name: &'static str) -> Proof {
    let (lowest, highest) = clamp_limits(if W == 18 { WeightBits::Eight } else { WeightBits::Four });
    let properties = include_str!("../../formal/array/neuron_unit.sv")
        .replace("WIDTH", &W.to_string())
        .replace("LOWEST", &format!("-36'sd{}", -lowest))
        .replace("HIGHEST", &format!("36'sd{highest}"));
    Proof {
        name,
        verilog: verilog(NeuronUnit::<W>::new(false)),
        properties,
        cut: "top/parameter_table top/multiplier",
        depth: 14,
        faults: &[
            ("(((negative$q & |inexact$q)) & 19'h7ffff)", "19'h0"),
            ("fire = ~above$q[32'h13] & ~hold_now$q", "fire = ~above$q[32'h13]"),
        ],
    }
}

/// With codes of so many bits.
pub fn tally(name: &'static str, bits: usize) -> Proof {
    let most = (1 << bits) - 2;
    let codes = counts(bits);
    let line = |(code, count): (usize, &u64)| format!("            8'd{code}: f_count = 9'd{count};\n");
    // All ones stand for nothing.
    let table: String = codes.iter().enumerate().take(codes.len() - 1).map(line).collect();
    Proof {
        name,
        verilog: verilog(Tally::new(bits)),
        properties: include_str!("../../formal/array/tally.sv")
            .replace("COUNTS", &table)
            .replace("MOST", &most.to_string())
            .replace("KEPT", &format!("8'd{}", most + 1)),
        cut: "",
        depth: 4,
        faults: &[("code$d = ((came$q) & 8'hff)", "code$d = 8'h0")],
    }
}

/// Of so many bits, of what is at most five bits wide.
pub fn sum_tally(name: &'static str, bits: usize) -> Proof {
    Proof {
        name,
        verilog: verilog(SumTally::<5, 16>::new(bits)),
        properties: include_str!("../../formal/array/sum_tally.sv")
            .replace("WIDTH", "5")
            .replace("BITS", &bits.to_string())
            .replace("MOST", &format!("16'd{}", (1 << bits) - 1)),
        cut: "",
        depth: 4,
        faults: &[("sum$d = nothing;", "sum$d = total;"), ("held$d = total;", "held$d = sum$q;")],
    }
}

/// Of one of the ready configurations.
pub fn ledger(name: &'static str, config: &str) -> Proof {
    let config = ArrayConfig::ready(config).unwrap();
    let sweep = Ledger::sweep(&config);
    Proof {
        name,
        verilog: verilog(Ledger::new(&config)),
        properties: include_str!("../../formal/array/ledger.sv")
            .replace("BEFORE", &format!("8'd{}", sweep.clocks - 2))
            .replace("STEPS", &format!("8'd{}", sweep.places.len()))
            .replace("DUE", &format!("9'd{}", 3 << (sweep.tally_bits - 2)))
            .replace("MOST", &format!("9'd{}", (1 << sweep.tally_bits) - 2)),
        cut: "top/c:cores$* top/c:tallies$* top/reached top/budget top/steps top/counts top/multiplier top/values_low top/values_high top/copy_low \
              top/copy_high",
        depth: 14,
        faults: &[
            ("copying$d = copy_wanted$q", "copying$d = snapshot_now$q"),
            ("(position$q == before_last)", "(position$q == last)"),
            ("wanted$d = due$q |", "wanted$d ="),
            ("copy_high$write = kept$q & copying$q", "copy_high$write = kept$q"),
        ],
    }
}

pub fn router() -> Proof {
    const UPSTREAM: usize = 5;
    Proof {
        name: "router",
        verilog: verilog(Router::new(16, 2, 600, 40, UPSTREAM)),
        properties: include_str!("../../formal/array/router.sv").replace("UPSTREAM", &format!("6'd{UPSTREAM}")),
        cut: "top/routes top/queue",
        depth: 12,
        faults: &[
            ("e_slot$d = delay + tick", "e_slot$d = delay"),
            ("room_left$d = filled$q < most", "room_left$d = 1'b1"),
            ("pop = some$q & ~out_valid$q", "pop = some$q"),
        ],
    }
}

pub fn unpacker() -> Proof {
    Proof {
        name: "unpacker",
        verilog: verilog(Unpacker::default()),
        properties: include_str!("../../formal/array/unpacker.sv").into(),
        cut: "",
        depth: 4,
        faults: &[("only$d = after$last", "only$d = 1'b1"), ("left$d = nibbles$rest", "left$d = left$q")],
    }
}

pub fn spike_queue() -> Proof {
    let core = ArrayConfig::ready("85f").unwrap().cores[0];
    Proof {
        name: "spike queue",
        verilog: verilog(SpikeQueue::new(&core, 0)),
        properties: include_str!("../../formal/array/spike_queue.sv").into(),
        cut: "top/flags$0 top/flags$1 top/places top/unpacker top/turns top/context_first",
        depth: 6,
        faults: &[
            ("spare_valid$d = unpacker$valid", "spare_valid$d = 1'b0"),
            ("free = ~out_valid$q | taken", "free = 1'b1"),
            ("neuron = out_first$q + out_turns$q", "neuron = out_first$q"),
        ],
    }
}

pub fn scheduler() -> Proof {
    Proof {
        name: "scheduler",
        verilog: verilog(Scheduler::default()),
        properties: include_str!("../../formal/array/scheduler.sv").into(),
        cut: "top/slots top/unpacker top/summary$0 top/summary$1 top/summary$2 top/summary$3 top/summary$4 top/summary$5 top/summary$6 top/summary$7",
        depth: 6,
        faults: &[
            ("spare$d = ~leaves & (spare$q | out$q)", "spare$d = 1'b0"),
            ("erase$d = starting$q | clear", "erase$d = clear"),
            ("advance = ~spare$q", "advance = 1'b1"),
        ],
    }
}

/// All of them.
#[allow(dead_code, reason = "the tests name each")]
pub fn all() -> Vec<Proof> {
    vec![
        neuron_unit::<15>("neuron unit, 15 bits"),
        neuron_unit::<16>("neuron unit, 16 bits"),
        neuron_unit::<18>("neuron unit, 18 bits"),
        tally("tally, 7 bits", 7),
        tally("tally, 8 bits", 8),
        sum_tally("tally of sums, 7 bits", 7),
        sum_tally("tally of sums, 11 bits", 11),
        ledger("ledger of tiny", "tiny"),
        ledger("ledger of 85f", "85f"),
        router(),
        unpacker(),
        spike_queue(),
        scheduler(),
    ]
}
