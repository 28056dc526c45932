//! What Verilator counted: lines and bits, and how often.

use super::nets::{Nets, Place};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::Range;

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

/// A model of a part of the design alone: where the part is, and its lines in the text of the whole.
pub struct Part {
    path: String,
    /// `None`: they are the same.
    lines: Option<HashMap<usize, usize>>,
}

impl Part {
    /// The whole design.
    pub fn whole() -> Self {
        Self { path: String::new(), lines: None }
    }

    /// A part of the whole by the name of its instance. A line of the one text has as many lines before it in its module as that of the other.
    pub fn new(instance: &str, of_part: &str, of_whole: &str) -> Self {
        let begins: HashMap<String, usize> =
            modules(of_whole).map(|(name, range)| (name.into(), range.start)).collect();
        let mut lines = HashMap::new();
        for (name, range) in modules(of_part) {
            let name = name.replacen("top", &format!("top${instance}"), 1);
            if let Some(begin) = begins.get(&name) {
                lines.extend(range.clone().map(|line| (line, line - range.start + begin)));
            }
        }
        Self { path: instance.into(), lines: Some(lines) }
    }

    fn line(&self, line: usize) -> Option<usize> {
        self.lines.as_ref().map_or(Some(line), |lines| lines.get(&line).copied())
    }

    fn path(&self, path: &str) -> String {
        let parts = [self.path.as_str(), path];
        let parts: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
        parts.join(".")
    }
}

/// The modules of a text by name, with the numbers of their lines, from 1.
fn modules(text: &str) -> impl Iterator<Item = (&str, Range<usize>)> {
    let mut begins = vec![];
    for (number, line) in text.lines().enumerate() {
        if let Some(rest) = line.strip_prefix("module ") {
            begins.push((rest.split('(').next().unwrap_or_default(), number + 1));
        }
    }
    let ends = begins.iter().skip(1).map(|&(_, begin)| begin).chain([text.lines().count() + 1]).collect::<Vec<_>>();
    begins.into_iter().zip(ends).map(|((name, begin), end)| (name, begin..end))
}

impl Points {
    /// Adds a file as Verilator writes it of a model of this part: `C '\x01key\x02value...' count` in each line.
    pub fn add(&mut self, text: &str, part: &Part) -> Result<(), String> {
        for line in text.lines().filter(|line| line.starts_with("C '")) {
            let wrong = || format!("no coverage point: {line}");
            let (keys, count) = line[3..].rsplit_once("' ").ok_or_else(wrong)?;
            let fields: BTreeMap<&str, &str> =
                keys.split('\x01').filter_map(|field| field.split_once('\x02')).collect();
            let field = |name: &str| fields.get(name).copied().unwrap_or_default();
            let path = part.path(field("h").trim_start_matches("TOP.top").trim_start_matches('.'));
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
                    let line = part.line(line).ok_or(format!("line {line} of the part is not in the whole"))?;
                    Point::Line { scope: path, line, what: field("o").into() }
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
