//! What was not reached, and why.

use super::points::{Bits, Points};
use serde::Serialize;
use std::collections::BTreeMap;
use std::fmt;

/// Why bits of nets do not change.
struct Reason {
    /// How the name of the net begins (without numbers), and the lowest bit of it of which the reason is true.
    of: &'static [(&'static str, usize)],
    why: &'static str,
}

/// Cores and neurons of the array that the reasons speak of.
pub const ARRAY: (usize, usize) = (7, 1509);

const REASONS: [Reason; 8] = [
    Reason {
        of: &[
            ("array.ledger.copy_high", 1),
            ("array.ledger.values_high", 1),
            ("array.ledger.high", 1),
            ("array.ledger.new_high", 1),
            ("array.ledger.old_high", 1),
        ],
        why: "a counter has 48 bits, and these change after more events than a session has",
    },
    Reason { of: &[("array.tick$", 12)], why: "a tick has a number of 15 bits, and a session has fewer ticks" },
    Reason {
        of: &[
            ("array.router.cores", 7),
            ("array.router.ones$ones", 3),
            ("array.router.reached", 3),
            ("array.router.route", 15),
            ("array.router.routes.", 22),
            ("array.events$#", 8),
            ("array.ledger.reached.came", 3),
            ("array.ledger.reached.waited", 3),
            ("array.ledger.reached.held", 10),
            ("array.ledger.reached.sum", 10),
        ],
        why: "a route may lead to 16 cores, and this array has seven",
    },
    Reason {
        of: &[
            ("array.neurons$#", 11),
            ("array.cores$#$spike_neuron", 11),
            ("array.cores$#.core$#.queue.first", 11),
            ("array.cores$#.core$#.queue.out_first", 11),
            ("array.cores$#.core$#.queue.spare_first", 11),
            ("array.cores$#.core$#.queue.out_turns", 8),
            ("array.cores$#.core$#.queue.spare_turns", 8),
            ("array.router.a_number", 11),
            ("array.router.b_number", 11),
            ("array.router.c_number", 11),
            ("array.router.d_number", 11),
            ("array.router.e_number", 11),
            ("array.router.out_number", 11),
            ("array.router.queue$read_data", 11),
            ("array.router.value", 12),
            ("link$spike_neuron", 11),
        ],
        why: "an array may have 4,096 neurons, and this one has 1,509, of which 144 turn together",
    },
    Reason {
        of: &[
            ("array.address_decoder$ring", 5),
            ("array.address_decoder.ring_now", 5),
            ("array.address_decoder.row_limit", 5),
            ("array.address_decoder.limit", 11),
            ("array.quotient", 4),
            ("array.settling", 4),
            ("array.beginning", 5),
            ("array.activity", 8),
            ("array.cores$#.core$#.rings$#$open", 2),
            ("array.cores$#.core$#.rings$#$store", 2),
            ("array.cores$#.core$#.rings$#.heard", 16),
        ],
        why: "limits, and clocks that are waited, of this array's cores, their rings and tiles: none of its INT8 cores can be chained, and none with contexts has three tiles to a unit",
    },
    Reason {
        of: &[
            ("array.cores$#.core$#.queue.unpacker$index_tag", 5),
            ("array.cores$#.core$#.queue.unpacker.nibble_tag", 5),
            ("array.cores$#.core$#.queue.unpacker.out_tag", 5),
            ("array.cores$#.core$#.queue.unpacker.word_tag", 5),
            ("array.cores$#.core$#.scheduler.slots$set_address", 13),
            ("array.cores$#.core$#.scheduler.slots$word_address", 9),
        ],
        why: "a block of more than one use, of which this one needs fewer bits: places of a ring have five, events of 16 ticks fill half a block RAM",
    },
    Reason {
        of: &[
            ("array.ledger.position", 7),
            ("array.ledger.code", 7),
            ("array.ledger.since_load", 7),
            ("array.ledger.tallies$#.code", 7),
            ("array.ledger.tallies$#.held", 7),
            ("array.ledger.cores$#.pulses$#.", 7),
            ("array.ledger.cores$#$chain_", 7),
            ("array.ledger.cores$#$sum_in", 12),
            ("array.ledger.cores$#$sum_out", 14),
            ("array.ledger.cores$#.nonzero.", 14),
            ("array.ledger.number_#", 6),
            ("array.ledger.sum", 14),
            ("array.ledger.multiplier$a", 14),
            ("array.ledger.budget$count", 14),
        ],
        why: "the counters of seven cores are gone through in fewer than 128 steps, and between two rounds fewer events are counted than with 16 cores",
    },
    Reason {
        of: &[("array.address_decoder.space$d", 9)],
        why: "spaces with rows are found a clock later, in a register of their own; this bit of the group is never set",
    },
];

#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct Share {
    pub reached: usize,
    pub all: usize,
}

impl Share {
    fn add(&mut self, count: u64) {
        self.all += 1;
        self.reached += usize::from(count > 0);
    }
}

impl fmt::Display for Share {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "{} of {} ({:.2} %)", self.reached, self.all, 100.0 * self.reached as f64 / self.all.max(1) as f64)
    }
}

/// Bits or lines that are alike but for numbers in their names, and were not reached.
#[derive(Clone, Debug, Serialize)]
pub struct Hole {
    pub name: String,
    pub count: usize,
    pub example: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<&'static str>,
}

/// What is generated many times.
struct Copies {
    /// One of them.
    scope: String,
    example: String,
    /// How often they were run, or changed.
    count: u64,
}

impl Copies {
    fn of(scope: &str, example: String) -> Self {
        Self { scope: scope.into(), example, count: 0 }
    }
}

/// What was reached of a design.
///
/// RTL that is generated many times, for cores, tiles and lanes, is counted once: it is reached if one of its copies is.
#[derive(Default, Serialize)]
pub struct Coverage {
    /// Lines that were run, by part of the design.
    pub lines: BTreeMap<String, Share>,
    /// Bits of nets that changed, by part; each net once, whatever it is called in places, without constants.
    pub bits: BTreeMap<String, Share>,
    /// Bits of the others that have a reason to stay.
    pub bits_explained: BTreeMap<String, usize>,
    /// Lines and bits of all copies, each for itself.
    pub lines_of_copies: BTreeMap<String, Share>,
    pub bits_of_copies: BTreeMap<String, Share>,
    /// Bits of names that Yosys finds to be constant, and bits of memories: neither is counted.
    pub constant: usize,
    pub of_memories: usize,
    pub lines_not_run: Vec<Hole>,
    pub bits_that_stay: Vec<Hole>,
}

impl Coverage {
    pub fn new(points: &Points, bits: Bits, verilog: &str) -> Self {
        let mut coverage = Self { constant: bits.constant, of_memories: bits.unknown, ..Self::default() };
        let mut lines: BTreeMap<String, Copies> = BTreeMap::new();
        for (scope, text, what, count) in points.lines(verilog) {
            coverage.lines_of_copies.entry(part(scope)).or_default().add(count);
            let name = format!("{} | {} | {what}", without_numbers(scope), without_numbers(text));
            lines.entry(name).or_insert_with(|| Copies::of(scope, format!("{scope}: {text}"))).count += count;
        }
        for (name, copies) in lines {
            coverage.lines.entry(part(&copies.scope)).or_default().add(copies.count);
            if copies.count == 0 {
                coverage.lines_not_run.push(Hole { name, count: 1, example: copies.example, reason: None });
            }
        }
        let mut nets: BTreeMap<(String, usize), Copies> = BTreeMap::new();
        for (name, bit, count) in bits.bits {
            coverage.bits_of_copies.entry(part(&name)).or_default().add(count);
            let copies = nets.entry((without_numbers(&name), bit));
            copies.or_insert_with(|| Copies::of(&name, format!("{name}[{bit}]"))).count += count;
        }
        let mut holes: BTreeMap<String, Hole> = BTreeMap::new();
        for ((name, bit), copies) in nets {
            coverage.bits.entry(part(&copies.scope)).or_default().add(copies.count);
            if copies.count == 0 {
                let reason = reason(&name, bit);
                *coverage.bits_explained.entry(part(&copies.scope)).or_default() += usize::from(reason.is_some());
                let key = format!("{name} {}", reason.unwrap_or_default());
                let hole = Hole { name, count: 0, example: copies.example, reason };
                holes.entry(key).or_insert(hole).count += 1;
            }
        }
        coverage.bits_that_stay = holes.into_values().collect();
        coverage.bits_that_stay.sort_by_key(|hole| std::cmp::Reverse(hole.count));
        coverage
    }
}

impl fmt::Display for Coverage {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        for (part, share) in &self.lines {
            writeln!(f, "lines run of the {part}: {share}; of copies {}", self.lines_of_copies[part])?;
        }
        for (part, share) in &self.bits {
            let explained = self.bits_explained.get(part).copied().unwrap_or_default();
            let rest = Share { all: share.all - explained, ..*share };
            let copies = self.bits_of_copies[part];
            writeln!(
                f,
                "bits that change of the {part}: {share}; without {explained} that have a reason not to: {rest}; of copies {copies}"
            )?;
        }
        write!(f, "not counted: {} constant bits of names, {} bits of memories", self.constant, self.of_memories)
    }
}

/// The array, the link, or what holds them.
fn part(path: &str) -> String {
    let first = path.split(['.', '$', '[']).next().unwrap_or_default();
    if ["array", "link"].contains(&first) { first.into() } else { "top".into() }
}

/// The name of RTL that is generated many times: without numbers, kinds of cores, and which of a core's schedulers it is.
fn without_numbers(text: &str) -> String {
    let kinds = [".int4$", ".int8$", ".banked$"];
    let text = kinds.into_iter().fold(text.to_string(), |text, kind| text.replace(kind, ".core$"));
    let text = text.replace(".second_scheduler$0", ".scheduler");
    let mut out = String::new();
    for c in text.chars() {
        if !c.is_ascii_digit() {
            out.push(c);
        } else if !out.ends_with('#') {
            out.push('#');
        }
    }
    out
}

fn reason(name: &str, bit: usize) -> Option<&'static str> {
    let is_of = |reason: &&Reason| reason.of.iter().any(|(begin, from)| name.starts_with(begin) && bit >= *from);
    REASONS.iter().find(is_of).map(|reason| reason.why)
}
