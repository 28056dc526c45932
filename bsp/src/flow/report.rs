//! What came out of a build.

use super::run::Inputs;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// A file that a tool wrote is missing or not as expected.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    /// It cannot be read.
    #[error("{path}: {source}", path = path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// The reason.
        source: std::io::Error,
    },
    /// It is no JSON, or not of the expected form.
    #[error("{path}: {source}", path = path.display())]
    Json {
        /// The file.
        path: PathBuf,
        /// The reason.
        source: serde_json::Error,
    },
    /// The netlist has no top module.
    #[error("{path}: no module is marked as the top", path = path.display())]
    NoTop {
        /// The file.
        path: PathBuf,
    },
}

/// Used and available cells of a kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Usage {
    /// In the design.
    pub used: u64,
    /// On the chip.
    pub available: u64,
}

/// Fastest clock.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Clock {
    /// Fmax after routing, in MHz.
    pub achieved_mhz: f64,
    /// Frequency asked for, in MHz.
    pub constraint_mhz: f64,
}

/// A piece of the critical path.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PathSegment {
    /// `clk-to-q`, `source`, `routing`, `logic` or `setup`.
    pub kind: String,
    /// In nanoseconds.
    pub delay_ns: f64,
    /// Cell and port where it starts.
    pub from: String,
    /// Cell and port where it ends.
    pub to: String,
    /// Net that it follows; empty inside a cell.
    pub net: String,
}

/// Versions, as the tools print them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Versions {
    /// Yosys.
    pub yosys: String,
    /// nextpnr-ecp5.
    pub nextpnr: String,
    /// ecppack.
    pub ecppack: String,
}

/// Time that a tool took.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StepTime {
    /// yosys, nextpnr-ecp5 or ecppack.
    pub step: String,
    /// Wall clock.
    pub seconds: f64,
}

/// Everything that is known of a finished build; `report.json` in its folder.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// What it was made of: board, configuration, digest of the Verilog, seed, options, tools.
    #[serde(flatten)]
    pub inputs: Inputs,
    /// LUT4, those of carry chains and LUT RAM included (TRELLIS_COMB).
    pub lut: Usage,
    /// Flip-flops (TRELLIS_FF).
    pub ff: Usage,
    /// Block RAMs of 18 Kbit (DP16KD).
    pub ebr: Usage,
    /// 18 x 18 multipliers (MULT18X18D).
    pub dsp: Usage,
    /// Every kind of cell that nextpnr counts.
    pub utilization: BTreeMap<String, Usage>,
    /// Cells by type in the netlist after Yosys: a memory that was dissolved into flip-flops shows here.
    pub cells: BTreeMap<String, u64>,
    /// By name of the clock net.
    pub clocks: BTreeMap<String, Clock>,
    /// Every clock reached its constraint.
    pub timing_met: bool,
    /// The longest path of the clock with the least room.
    pub critical_path: Vec<PathSegment>,
    /// Time of each tool.
    pub steps: Vec<StepTime>,
    /// The bitstream.
    pub bitstream: PathBuf,
    /// Its size.
    pub bitstream_bytes: u64,
}

impl Report {
    /// Puts the report together from the files in a build folder.
    pub(super) fn collect(
        dir: &Path,
        inputs: Inputs,
        cells: BTreeMap<String, u64>,
        steps: Vec<StepTime>,
    ) -> Result<Self, ReportError> {
        let nextpnr: Nextpnr = read(&dir.join("nextpnr.json"))?;
        let bitstream = dir.join("top.bit");
        let metadata = std::fs::metadata(&bitstream);
        let bitstream_bytes = metadata.map_err(|source| ReportError::Io { path: bitstream.clone(), source })?.len();
        let usage = |kind: &str| nextpnr.utilization.get(kind).copied().unwrap_or_default();
        Ok(Self {
            inputs,
            lut: usage("TRELLIS_COMB"),
            ff: usage("TRELLIS_FF"),
            ebr: usage("DP16KD"),
            dsp: usage("MULT18X18D"),
            cells,
            timing_met: nextpnr.fmax.values().all(|clock| clock.achieved >= clock.constraint),
            critical_path: nextpnr.worst_path(),
            clocks: nextpnr.clocks(),
            utilization: nextpnr.utilization,
            steps,
            bitstream,
            bitstream_bytes,
        })
    }

    /// The report as JSON text.
    pub fn to_json(&self) -> String {
        to_json(self)
    }

    /// Name and frequencies of the clock with the least room over what was asked; `None` for a design without registers.
    pub fn slowest_clock(&self) -> Option<(&str, Clock)> {
        let room = |clock: &Clock| clock.achieved_mhz / clock.constraint_mhz;
        let slowest = self.clocks.iter().min_by(|(_, a), (_, b)| room(a).total_cmp(&room(b)));
        slowest.map(|(name, clock)| (name.as_str(), *clock))
    }
}

impl std::fmt::Display for Report {
    /// A summary in a few lines, without the path.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Inputs { board, device, configuration, seed, verilog_sha256, .. } = &self.inputs;
        writeln!(f, "{configuration} for {board} ({device}), seed {seed}, Verilog {verilog_sha256:.12}")?;
        for (name, usage) in [("LUT4", self.lut), ("FF", self.ff), ("EBR", self.ebr), ("DSP", self.dsp)] {
            let percent = 100.0 * usage.used as f64 / usage.available.max(1) as f64;
            writeln!(f, "  {name:4} {:6} of {:6}  {percent:5.1} %", usage.used, usage.available)?;
        }
        for (name, clock) in &self.clocks {
            let verdict = if clock.achieved_mhz >= clock.constraint_mhz { "met" } else { "MISSED" };
            writeln!(
                f,
                "  {name}: {:.1} MHz, {:.1} MHz asked for: {verdict}",
                clock.achieved_mhz, clock.constraint_mhz
            )?;
        }
        writeln!(f, "  {} ({} bytes)", self.bitstream.display(), self.bitstream_bytes)
    }
}

/// nextpnr's `--report`.
#[derive(Deserialize)]
struct Nextpnr {
    #[serde(default)]
    critical_paths: Vec<NextpnrPath>,
    #[serde(default)]
    fmax: BTreeMap<String, NextpnrClock>,
    #[serde(default)]
    utilization: BTreeMap<String, Usage>,
}

#[derive(Deserialize)]
struct NextpnrClock {
    achieved: f64,
    constraint: f64,
}

#[derive(Deserialize)]
struct NextpnrPath {
    from: String,
    to: String,
    path: Vec<NextpnrSegment>,
}

#[derive(Deserialize)]
struct NextpnrSegment {
    #[serde(rename = "type")]
    kind: String,
    delay: f64,
    from: NextpnrPin,
    to: NextpnrPin,
    #[serde(default)]
    net: String,
}

#[derive(Deserialize)]
struct NextpnrPin {
    cell: String,
    #[serde(default)]
    port: String,
}

impl Nextpnr {
    fn clocks(&self) -> BTreeMap<String, Clock> {
        let clock = |c: &NextpnrClock| Clock { achieved_mhz: c.achieved, constraint_mhz: c.constraint };
        self.fmax.iter().map(|(name, c)| (name.clone(), clock(c))).collect()
    }

    /// Of the paths inside a clock, that of the clock with the smallest ratio of achieved to wanted.
    fn worst_path(&self) -> Vec<PathSegment> {
        let margin = |clock: &NextpnrClock| clock.achieved / clock.constraint;
        let worst = self.fmax.iter().min_by(|(_, a), (_, b)| margin(a).total_cmp(&margin(b))).map(|(name, _)| name);
        let of_clock = |path: &&NextpnrPath| {
            worst.is_some_and(|clock| [&path.from, &path.to].iter().all(|end| end.split(' ').nth(1) == Some(clock)))
        };
        let path = self.critical_paths.iter().find(of_clock).or(self.critical_paths.first());
        path.map(|path| path.path.iter().map(NextpnrSegment::segment).collect()).unwrap_or_default()
    }
}

impl NextpnrSegment {
    fn segment(&self) -> PathSegment {
        let pin = |pin: &NextpnrPin| {
            if pin.port.is_empty() { pin.cell.clone() } else { format!("{}.{}", pin.cell, pin.port) }
        };
        PathSegment {
            kind: self.kind.clone(),
            // nextpnr counts in picoseconds
            delay_ns: (self.delay * 1e3).round() / 1e3,
            from: pin(&self.from),
            to: pin(&self.to),
            net: self.net.clone(),
        }
    }
}

/// A JSON file as a value of a type.
pub(super) fn read<T: DeserializeOwned>(path: &Path) -> Result<T, ReportError> {
    let text = std::fs::read_to_string(path).map_err(|source| ReportError::Io { path: path.to_path_buf(), source })?;
    serde_json::from_str(&text).map_err(|source| ReportError::Json { path: path.to_path_buf(), source })
}

/// A record as JSON text.
pub(super) fn to_json(record: &impl Serialize) -> String {
    // numbers, strings and maps with string keys: nothing in a record can fail to serialize
    serde_json::to_string_pretty(record).unwrap_or_default()
}
