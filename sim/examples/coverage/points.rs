//! What Verilator counted: lines and bits, and how often.

use super::nets::{Nets, Place};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// A line that is run, or a bit that changes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Point {
    /// `what`: a block, or the branch of a condition.
    Line {
        scope: String,
        line: usize,
        what: String,
    },
    Bit {
        name: String,
        bit: usize,
    },
}

/// All points, and their counts.
#[derive(Default)]
pub struct Points(BTreeMap<Point, u64>);

impl Points {
    /// Adds a file as Verilator writes it: `C '\x01key\x02value...' count` in each line.
    pub fn add(&mut self, text: &str) -> Result<(), String> {
        for line in text.lines().filter(|line| line.starts_with("C '")) {
            let wrong = || format!("no coverage point: {line}");
            let (keys, count) = line[3..].rsplit_once("' ").ok_or_else(wrong)?;
            let fields: BTreeMap<&str, &str> =
                keys.split('\x01').filter_map(|field| field.split_once('\x02')).collect();
            let field = |name: &str| fields.get(name).copied().unwrap_or_default();
            let path = field("h").trim_start_matches("TOP.top").trim_start_matches('.');
            let point = match field("page").split('/').next() {
                Some("v_toggle") => {
                    // Verilator has no dollars in names.
                    let name = field("o").replace("__024", "$");
                    let (name, bit) = match name.strip_suffix(']').and_then(|name| name.rsplit_once('[')) {
                        Some((name, bit)) => (name, bit.parse().map_err(|_| wrong())?),
                        None => (name.as_str(), 0),
                    };
                    let name = if path.is_empty() { name.to_string() } else { format!("{path}.{name}") };
                    Point::Bit { name, bit }
                }
                _ => {
                    let line = field("l").parse().map_err(|_| wrong())?;
                    Point::Line { scope: path.into(), line, what: field("o").into() }
                }
            };
            *self.0.entry(point).or_default() += count.parse::<u64>().map_err(|_| wrong())?;
        }
        Ok(())
    }

    /// Every line of code with how often it was run: part of the design, text, branch, count.
    pub fn lines<'a>(&'a self, verilog: &'a str) -> impl Iterator<Item = (&'a str, &'a str, &'a str, u64)> {
        let text: Vec<&str> = verilog.lines().collect();
        self.0.iter().filter_map(move |(point, &count)| match point {
            Point::Line { scope, line, what } => {
                Some((scope.as_str(), text.get(line.checked_sub(1)?)?.trim(), what.as_str(), count))
            }
            Point::Bit { .. } => None,
        })
    }

    /// Every bit of every net that is not constant once, whatever it is called in places.
    pub fn bits(&self, nets: &Nets) -> Bits {
        let mut by_net: HashMap<u64, (u64, &str, usize)> = HashMap::new();
        let (mut constant, mut unknown) = (0, BTreeSet::new());
        for (point, &count) in &self.0 {
            let Point::Bit { name, bit } = point else { continue };
            match nets.place(name, *bit) {
                Place::Constant => constant += 1,
                Place::Unknown => {
                    unknown.insert((name.as_str(), *bit));
                }
                Place::Net(net) => {
                    // The shortest name is that of the largest part that has it.
                    let (changes, of, at) = by_net.entry(net).or_insert((0, name, *bit));
                    *changes += count;
                    if name.len() < of.len() {
                        (*of, *at) = (name, *bit);
                    }
                }
            }
        }
        let mut bits: Vec<(String, usize, u64)> =
            by_net.into_values().map(|(count, name, bit)| (name.to_string(), bit, count)).collect();
        bits.sort();
        Bits { bits, constant, unknown: unknown.len() }
    }
}

/// The bits of a design.
pub struct Bits {
    /// Name, bit of it, and how often it changed.
    pub bits: Vec<(String, usize, u64)>,
    /// Bits of names that are constant.
    pub constant: usize,
    /// Bits of memories.
    pub unknown: usize,
}
