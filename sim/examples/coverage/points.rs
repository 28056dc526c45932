//! What Verilator counted: lines and bits, and how often.

use std::collections::BTreeMap;
use std::fmt;

/// A line that is run, or a bit that changes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Point {
    Line { scope: String, line: u32, what: String },
    Bit { scope: String, signal: String },
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
            let scope =
                field("h").trim_start_matches("TOP.").trim_start_matches("top").trim_start_matches('.').to_string();
            let point = match field("page").split('/').next() {
                Some("v_toggle") => Point::Bit { scope, signal: field("o").into() },
                _ => Point::Line { scope, line: field("l").parse().map_err(|_| wrong())?, what: field("o").into() },
            };
            *self.0.entry(point).or_default() += count.parse::<u64>().map_err(|_| wrong())?;
        }
        Ok(())
    }

    /// Every point, a line each.
    pub fn list(&self) -> String {
        let line = |(point, count): (&Point, &u64)| match point {
            Point::Line { scope, line, what } => format!("{count} line {scope} {line} {what}\n"),
            Point::Bit { scope, signal } => format!("{count} bit {scope} {signal}\n"),
        };
        self.0.iter().map(line).collect()
    }

    pub fn summary(&self) -> Summary {
        let mut summary = Summary::default();
        for (point, &count) in &self.0 {
            let share = match point {
                Point::Line { .. } => &mut summary.lines,
                Point::Bit { .. } => &mut summary.bits,
            };
            share.all += 1;
            share.reached += usize::from(count > 0);
        }
        summary
    }
}

#[derive(Clone, Copy, Debug, Default, serde::Serialize)]
pub struct Share {
    pub reached: usize,
    pub all: usize,
}

#[derive(Clone, Copy, Debug, Default, serde::Serialize)]
pub struct Summary {
    pub lines: Share,
    pub bits: Share,
}

impl fmt::Display for Share {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "{} of {} ({:.2} %)", self.reached, self.all, 100.0 * self.reached as f64 / self.all.max(1) as f64)
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "lines run: {}; bits that change: {}", self.lines, self.bits)
    }
}
