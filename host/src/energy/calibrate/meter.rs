//! What a power meter saw: watts over time, from a CSV file.

use std::path::{Path, PathBuf};

/// Readings of a power meter.
#[derive(Clone, Debug, PartialEq)]
pub struct Meter {
    /// Time in seconds, ascending, and power in watt; at least two.
    readings: Vec<(f64, f64)>,
}

/// Why there are no readings, or no energy from them.
#[derive(Debug, thiserror::Error)]
pub enum MeterError {
    #[error("cannot read meter file {}: {source}", path.display())]
    Read { path: PathBuf, source: csv::Error },
    #[error("{}, line {line}: {what}", path.display())]
    Reading { path: PathBuf, line: u64, what: String },
    #[error("{} has {found} readings", path.display())]
    Few { path: PathBuf, found: usize },
    #[error("the meter's readings go from {from} s to {to} s, and a workload ran from {start} s to {end} s")]
    Outside { from: f64, to: f64, start: f64, end: f64 },
    #[error("the meter has {found} readings between {start} s and {end} s, too few for the energy of a workload")]
    Sparse { start: f64, end: f64, found: usize },
}

impl MeterError {
    /// What a user can do about it.
    pub fn help(&self) -> &'static str {
        match self {
            Self::Read { .. } | Self::Reading { .. } | Self::Few { .. } => {
                "a meter file is a CSV with the header `time,watts`, two rows or more, seconds ascending and watt"
            }
            Self::Outside { .. } => {
                "start the meter before the first workload, stop it after the last, use one clock for both"
            }
            Self::Sparse { .. } => "let workloads run longer, or read the meter more often",
        }
    }
}

/// Readings within a workload below which its energy would be a guess.
const LEAST_READINGS: usize = 5;

impl Meter {
    /// From a CSV file with the columns `time` in seconds and `watts`; others are ignored.
    pub fn load(path: &Path) -> Result<Self, MeterError> {
        #[derive(serde::Deserialize)]
        struct Row {
            time: f64,
            watts: f64,
        }
        let read = |source| MeterError::Read { path: path.into(), source };
        let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_path(path).map_err(read)?;
        let mut readings: Vec<(f64, f64)> = vec![];
        let header = reader.headers().map_err(read)?.clone();
        let mut record = csv::StringRecord::new();
        while reader.read_record(&mut record).map_err(read)? {
            let line = record.position().map_or(0, csv::Position::line);
            let wrong = |what: String| MeterError::Reading { path: path.into(), line, what };
            let row: Row = record.deserialize(Some(&header)).map_err(|error| wrong(error.to_string()))?;
            if !row.time.is_finite() || !row.watts.is_finite() {
                return Err(wrong(format!("{} s, {} W: not a number", row.time, row.watts)));
            }
            if let Some(&(before, _)) = readings.last()
                && row.time <= before
            {
                return Err(wrong(format!("{} s comes after {before} s", row.time)));
            }
            readings.push((row.time, row.watts));
        }
        if readings.len() < 2 {
            return Err(MeterError::Few { path: path.into(), found: readings.len() });
        }
        Ok(Self { readings })
    }

    /// From readings: seconds, ascending, and watt. `None` for fewer than two, or where time does not ascend.
    pub fn new(readings: Vec<(f64, f64)>) -> Option<Self> {
        let ascends = readings.windows(2).all(|pair| pair[0].0 < pair[1].0);
        (readings.len() >= 2 && ascends).then_some(Self { readings })
    }

    /// Energy between two times in joule: the integral by the trapezoidal rule, power between readings taken as a
    /// straight line.
    pub fn energy(&self, start: f64, end: f64) -> Result<f64, MeterError> {
        // There are at least two readings.
        let (from, to) = (self.readings[0].0, self.readings[self.readings.len() - 1].0);
        if start < from || end > to {
            return Err(MeterError::Outside { from, to, start, end });
        }
        let found = self.readings.iter().filter(|(time, _)| (start..=end).contains(time)).count();
        if found < LEAST_READINGS {
            return Err(MeterError::Sparse { start, end, found });
        }
        let pieces = self.readings.windows(2).filter(|pair| pair[1].0 > start && pair[0].0 < end);
        let piece = |pair: &[(f64, f64)]| {
            let ((t0, p0), (t1, p1)) = (pair[0], pair[1]);
            let power = |time: f64| p0 + (p1 - p0) * (time - t0) / (t1 - t0);
            let (a, b) = (t0.max(start), t1.min(end));
            (b - a) * (power(a) + power(b)) / 2.0
        };
        Ok(pieces.map(piece).sum())
    }
}
