//! What was not reached, and why.

use super::points::{Bits, Points};
use serde::Serialize;
use std::collections::BTreeMap;
use std::fmt;

/// Why bits of these names do not change: the beginning of the name (without numbers), what is in it, the lowest bit of which it is true, and the reason.
const REASONS: [(&str, &[&str], usize, &str); 1] = [(
    "array.ledger.",
    &["_high", ".high"],
    2,
    "a counter has 48 bits, and these change after more events than a session has",
)];

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
    /// The same, each copy for itself.
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
            let explained = (self.bits_that_stay.iter())
                .filter(|hole| hole.reason.is_some() && self::part(&hole.example) == *part)
                .map(|hole| hole.count)
                .sum::<usize>();
            let copies = self.bits_of_copies[part];
            writeln!(
                f,
                "bits that change of the {part}: {share}; {explained} of the others have a reason; of copies {copies}"
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

fn without_numbers(text: &str) -> String {
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
    REASONS
        .iter()
        .find(|(begin, within, from, _)| {
            name.starts_with(begin) && within.iter().any(|part| name.contains(part)) && bit >= *from
        })
        .map(|(.., reason)| *reason)
}
