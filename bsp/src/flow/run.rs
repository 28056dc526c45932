//! The record of one place and route, whatever became of it.

use super::report::{self, Clock, Report, ReportError, Versions};
use super::{FlowError, FlowOptions, Synthesis, Toolchain, sha256};
use crate::boards::Board;
use serde::{Deserialize, Serialize};
use std::cmp::Ordering;
use std::path::Path;
use std::time::Duration;

/// Name of the record in the folder.
pub(super) const RECORD: &str = "run.json";

/// Everything that decides the result of a run: equal inputs, equal bitstreams.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Inputs {
    /// Board's name.
    pub board: String,
    /// FPGA.
    pub device: String,
    /// [`Design::configuration`](super::Design::configuration).
    pub configuration: String,
    /// SHA-256 of the Verilog in hexadecimal digits.
    pub verilog_sha256: String,
    /// SHA-256 of the pins (LPF) in hexadecimal digits.
    pub lpf_sha256: String,
    /// [`FlowOptions::freq_mhz`].
    pub freq_mhz: Option<f64>,
    /// Seed of placement.
    pub seed: u32,
    /// [`FlowOptions::place_ebr`].
    pub place_ebr: bool,
    /// [`FlowOptions::yosys_args`].
    pub yosys_args: Vec<String>,
    /// [`FlowOptions::nextpnr_args`].
    pub nextpnr_args: Vec<String>,
    /// Tools.
    pub versions: Versions,
}

impl Inputs {
    pub(super) fn new(
        tools: &Toolchain,
        synthesis: &Synthesis,
        lpf: &str,
        board: &Board,
        options: &FlowOptions,
    ) -> Self {
        Self {
            board: board.name.to_string(),
            device: board.device.to_string(),
            configuration: synthesis.configuration.clone(),
            verilog_sha256: synthesis.verilog_sha256.clone(),
            lpf_sha256: sha256(lpf),
            freq_mhz: options.freq_mhz,
            seed: options.seed,
            place_ebr: options.place_ebr,
            yosys_args: synthesis.yosys_args.clone(),
            nextpnr_args: options.nextpnr_args.clone(),
            versions: Versions { yosys: synthesis.yosys.clone(), ..tools.versions().clone() },
        }
    }
}

/// What became of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// Routed; every clock reached its constraint.
    Met,
    /// Routed; a clock missed its constraint.
    Missed,
    /// A tool gave up, for instance because the design does not fit or does not route. It would do so again.
    Failed,
    /// A tool took longer than [`FlowOptions::timeout`].
    TimedOut,
    /// Something outside the design ended it: a tool was killed or did not start, a file could not be written.
    Broken,
}

impl Status {
    /// What an error makes of a run; `None` if it was stopped on request, since nothing is known of it then.
    pub(super) fn of(error: &FlowError) -> Option<Self> {
        match error {
            FlowError::Failed { .. } => Some(Self::Failed),
            FlowError::Timeout { .. } => Some(Self::TimedOut),
            FlowError::Stopped { .. } => None,
            _ => Some(Self::Broken),
        }
    }
}

impl std::fmt::Display for Status {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        f.pad(match self {
            Self::Met => "met",
            Self::Missed => "missed",
            Self::Failed => "failed",
            Self::TimedOut => "timed out",
            Self::Broken => "broken",
        })
    }
}

/// One place and route: what went in and what came out; `run.json` in its folder.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Run {
    /// What went in.
    #[serde(flatten)]
    pub inputs: Inputs,
    /// What became of it.
    pub status: Status,
    /// The clock with the least room, if routed: see [`Report::slowest_clock`].
    pub clock: Option<Clock>,
    /// LUT4 used, if routed.
    pub lut: Option<u64>,
    /// Flip-flops used, if routed.
    pub ff: Option<u64>,
    /// Block RAMs used, if routed.
    pub ebr: Option<u64>,
    /// Wall clock of nextpnr and ecppack; that of Yosys, which several runs may share, is in `synthesis.json`.
    pub seconds: f64,
    /// Longest time that a tool had, in seconds.
    pub timeout_seconds: Option<u64>,
    /// Why it failed.
    pub error: Option<String>,
}

impl Run {
    /// `None` for a run that was stopped on request: nothing is known of it.
    pub(super) fn new(
        inputs: Inputs,
        result: &Result<Report, FlowError>,
        timeout: Option<Duration>,
        time: Duration,
    ) -> Option<Self> {
        let report = result.as_ref().ok();
        let status = match result {
            Ok(report) if report.timing_met => Status::Met,
            Ok(_) => Status::Missed,
            Err(error) => Status::of(error)?,
        };
        Some(Self {
            inputs,
            status,
            clock: report.and_then(|report| report.slowest_clock().map(|(_, clock)| clock)),
            lut: report.map(|report| report.lut.used),
            ff: report.map(|report| report.ff.used),
            ebr: report.map(|report| report.ebr.used),
            seconds: (time.as_secs_f64() * 1e3).round() / 1e3,
            timeout_seconds: timeout.map(|timeout| timeout.as_secs()),
            error: result.as_ref().err().map(ToString::to_string),
        })
    }

    /// A run that had no netlist to place.
    pub(super) fn without_netlist(inputs: Inputs, status: Status, error: &str, timeout: Option<Duration>) -> Self {
        Self {
            inputs,
            status,
            clock: None,
            lut: None,
            ff: None,
            ebr: None,
            seconds: 0.0,
            timeout_seconds: timeout.map(|timeout| timeout.as_secs()),
            error: Some(error.to_string()),
        }
    }

    /// Reads a record.
    ///
    /// # Errors
    /// [`ReportError`] if the file cannot be read or is not a record of a run.
    pub fn load(path: &Path) -> Result<Self, ReportError> {
        report::read(path)
    }

    /// Whether there is a bitstream.
    pub fn is_routed(&self) -> bool {
        matches!(self.status, Status::Met | Status::Missed)
    }

    /// Whether doing it again with this limit of time could not end otherwise.
    pub(super) fn is_final(&self, timeout: Option<Duration>) -> bool {
        match self.status {
            Status::Met | Status::Missed | Status::Failed => true,
            Status::TimedOut => {
                timeout.map(|limit| limit.as_secs()).is_some_and(|now| Some(now) <= self.timeout_seconds)
            }
            Status::Broken => false,
        }
    }

    /// Orders runs from the best to the worst: those that routed first, of them the one whose slowest clock has the most room
    /// over what was asked, then the one with fewer LUTs. For one asked clock that is the order of the clocks achieved.
    pub fn compare(&self, other: &Self) -> Ordering {
        let room = |run: &Self| run.clock.map_or(0.0, |clock| clock.achieved_mhz / clock.constraint_mhz);
        (other.is_routed().cmp(&self.is_routed()))
            .then_with(|| room(other).total_cmp(&room(self)))
            .then_with(|| self.lut.cmp(&other.lut))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(status: Status, achieved_mhz: f64, lut: u64) -> Run {
        let routed = matches!(status, Status::Met | Status::Missed);
        Run {
            inputs: Inputs {
                board: "ulx3s-25f".into(),
                device: "LFE5U-25F".into(),
                configuration: "blinky".into(),
                verilog_sha256: String::new(),
                lpf_sha256: String::new(),
                freq_mhz: None,
                seed: 1,
                place_ebr: false,
                yosys_args: vec![],
                nextpnr_args: vec![],
                versions: Versions::default(),
            },
            status,
            clock: routed.then_some(Clock { achieved_mhz, constraint_mhz: 50.0 }),
            lut: routed.then_some(lut),
            ff: routed.then_some(1),
            ebr: routed.then_some(1),
            seconds: 1.0,
            timeout_seconds: Some(60),
            error: (!routed).then(|| "no route".into()),
        }
    }

    #[test]
    fn the_fastest_goes_first_then_the_smallest_and_failures_last() {
        let best_first = [
            run(Status::Met, 70.1, 900),
            run(Status::Met, 70.0, 100),
            run(Status::Met, 70.0, 101),
            run(Status::Missed, 49.9, 1),
            run(Status::Failed, 0.0, 0),
        ];
        let mut runs = best_first.clone();
        runs.reverse();
        runs.sort_by(Run::compare);
        assert_eq!(runs, best_first);
        assert_eq!(run(Status::Failed, 0.0, 0).compare(&run(Status::TimedOut, 0.0, 0)), Ordering::Equal);
    }

    #[test]
    fn only_what_could_end_otherwise_is_done_again() {
        let limit = |seconds| Some(Duration::from_secs(seconds));
        for status in [Status::Met, Status::Missed, Status::Failed] {
            assert!(run(status, 60.0, 1).is_final(None), "{status}");
        }
        assert!(!run(Status::Broken, 0.0, 0).is_final(limit(1)));
        let late = run(Status::TimedOut, 0.0, 0);
        assert_eq!(
            [limit(59), limit(60), limit(61), None].map(|limit| late.is_final(limit)),
            [true, true, false, false]
        );
    }
}
