//! What was not reached, and why.

use super::points::{Bits, Points};
use serde::Serialize;
use std::collections::BTreeMap;
use std::fmt;

/// Why bits of these names do not change: the beginning of the name, what is in it, and the reason.
const REASONS: [(&str, &[&str], &str); 1] = [(
    "array.ledger.",
    &["_high", ".high", "_low.", ".low", ".old", ".new"],
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

/// What was reached of a design.
#[derive(Default, Serialize)]
pub struct Coverage {
    /// Lines that were run, by part of the design.
    pub lines: BTreeMap<String, Share>,
    /// Bits of nets that changed, by part; each net once, whatever it is called in places, without constants.
    pub bits: BTreeMap<String, Share>,
    /// Bits of names that Yosys finds to be constant, and bits of memories: neither is counted.
    pub constant: usize,
    pub of_memories: usize,
    pub lines_not_run: Vec<Hole>,
    pub bits_that_stay: Vec<Hole>,
}

impl Coverage {
    pub fn new(points: &Points, bits: Bits, verilog: &str) -> Self {
        let mut coverage = Self { constant: bits.constant, of_memories: bits.unknown, ..Self::default() };
        let mut holes: BTreeMap<String, Hole> = BTreeMap::new();
        for (scope, text, what, count) in points.lines(verilog) {
            coverage.lines.entry(part(scope)).or_default().add(count);
            if count == 0 {
                let name = format!("{} | {} | {what}", without_numbers(scope), without_numbers(text));
                add(&mut holes, name, format!("{scope}: {text}"), None);
            }
        }
        coverage.lines_not_run = sorted(holes);
        let mut holes = BTreeMap::new();
        for (name, bit, count) in bits.bits {
            coverage.bits.entry(part(&name)).or_default().add(count);
            if count == 0 {
                add(&mut holes, without_numbers(&name), format!("{name}[{bit}]"), reason(&name));
            }
        }
        coverage.bits_that_stay = sorted(holes);
        coverage
    }
}

impl fmt::Display for Coverage {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        for (part, share) in &self.lines {
            writeln!(f, "lines run of the {part}: {share}")?;
        }
        for (part, share) in &self.bits {
            let explained = (self.bits_that_stay.iter())
                .filter(|hole| hole.reason.is_some() && self::part(&hole.example) == *part)
                .map(|hole| hole.count)
                .sum::<usize>();
            writeln!(f, "bits that change of the {part}: {share}; {explained} of the others have a reason")?;
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

fn reason(name: &str) -> Option<&'static str> {
    REASONS
        .iter()
        .find(|(begin, within, _)| name.starts_with(begin) && within.iter().any(|part| name.contains(part)))
        .map(|(.., reason)| *reason)
}

fn add(holes: &mut BTreeMap<String, Hole>, name: String, example: String, reason: Option<&'static str>) {
    holes.entry(name.clone()).or_insert(Hole { name, count: 0, example, reason }).count += 1;
}

/// The largest first.
fn sorted(holes: BTreeMap<String, Hole>) -> Vec<Hole> {
    let mut holes: Vec<Hole> = holes.into_values().collect();
    holes.sort_by_key(|hole| std::cmp::Reverse(hole.count));
    holes
}
