//! What ran while a meter was looking: a CSV file of run reports with their times.

use crate::report::{ReportError, RunReport};
use std::path::{Path, PathBuf};

/// A run and when it was on the board.
#[derive(Clone, Debug, PartialEq)]
pub struct Workload {
    pub run: RunReport,
    /// In seconds, by the meter's clock.
    pub start: f64,
    /// In seconds, by the meter's clock; after `start`.
    pub end: f64,
}

/// Why there are no workloads.
#[derive(Debug, thiserror::Error)]
pub enum WorkloadError {
    #[error("cannot read workload file {}: {source}", path.display())]
    Read { path: PathBuf, source: csv::Error },
    #[error("{}, line {line}: {what}", path.display())]
    Row { path: PathBuf, line: u64, what: String },
    #[error("{}, line {line}: {source}", path.display())]
    Report { path: PathBuf, line: u64, source: ReportError },
}

impl WorkloadError {
    /// What a user can do about it.
    pub fn help(&self) -> &'static str {
        match self {
            Self::Read { .. } | Self::Row { .. } => {
                "a workload file is a CSV with the header `run,start,end`: a run's report, seconds by the meter's clock"
            }
            Self::Report { source, .. } => source.help(),
        }
    }
}

/// From a CSV file with the columns `run` (a file of `nernst run --json`, seen from the folder of the CSV), `start` and
/// `end` in seconds by the meter's clock. Where those are empty, they are what the report says, in Unix time. Other
/// columns are ignored. Several rows may name the same report, for runs that were repeated.
pub fn load(path: &Path) -> Result<Vec<Workload>, WorkloadError> {
    #[derive(serde::Deserialize)]
    struct Row {
        run: PathBuf,
        start: Option<f64>,
        end: Option<f64>,
    }
    let read = |source| WorkloadError::Read { path: path.into(), source };
    let folder = path.parent().unwrap_or(Path::new(""));
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_path(path).map_err(read)?;
    let header = reader.headers().map_err(read)?.clone();
    let mut workloads = vec![];
    for record in reader.records() {
        let record = record.map_err(read)?;
        let line = record.position().map_or(0, csv::Position::line);
        let wrong = |what| WorkloadError::Row { path: path.into(), line, what };
        let row: Row = record.deserialize(Some(&header)).map_err(|error| wrong(error.to_string()))?;
        let report = |source| WorkloadError::Report { path: path.into(), line, source };
        let run = RunReport::load(&folder.join(&row.run)).map_err(report)?;
        let (start, end) = (row.start.unwrap_or(run.begun), row.end.unwrap_or(run.begun + run.seconds));
        if !(start.is_finite() && end.is_finite() && start < end) {
            return Err(wrong(format!("it starts at {start} s and ends at {end} s")));
        }
        workloads.push(Workload { run, start, end });
    }
    Ok(workloads)
}
