//! From Verilog to a netlist: Yosys.

use super::process::Runner;
use super::report::{self, ReportError, StepTime};
use super::{Design, FlowError, FlowOptions, Progress, Toolchain, forget, make_dir, write};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::path::{Path, PathBuf};

/// Name of the record in the folder.
const RECORD: &str = "synthesis.json";

/// A netlist, and what it was made from; `synthesis.json` in its folder, beside the netlist `yosys.json`.
///
/// One synthesis serves any number of [`place_and_route`](super::place_and_route) with different seeds and options.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Synthesis {
    #[serde(skip)]
    dir: PathBuf,
    /// [`Design::configuration`].
    pub configuration: String,
    /// Name of the top module.
    pub top: String,
    /// SHA-256 of the Verilog in hexadecimal digits.
    pub verilog_sha256: String,
    /// [`FlowOptions::yosys_args`].
    pub yosys_args: Vec<String>,
    /// Version of Yosys, as it prints it.
    pub yosys: String,
    /// Time that Yosys took.
    pub steps: Vec<StepTime>,
}

impl Synthesis {
    /// Reads the record of an earlier synthesis.
    ///
    /// # Errors
    /// [`ReportError`] if the folder has no complete synthesis.
    pub fn load(dir: &Path) -> Result<Self, ReportError> {
        let path = dir.join(RECORD);
        let synthesis: Self = report::read(&path)?;
        let synthesis = Self { dir: dir.to_path_buf(), ..synthesis };
        // a netlist that is not there is better missed now than by nextpnr
        let netlist = synthesis.netlist();
        std::fs::metadata(&netlist).map_err(|source| ReportError::Io { path: netlist, source })?;
        Ok(synthesis)
    }

    /// Folder of the netlist.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// The netlist, as Yosys' `write_json` made it.
    pub fn netlist(&self) -> PathBuf {
        self.dir.join("yosys.json")
    }

    /// The record of what [`synthesize`] makes, before it has made it.
    pub(super) fn of(tools: &Toolchain, design: &Design, options: &FlowOptions) -> Self {
        Self {
            dir: PathBuf::new(),
            configuration: design.configuration.to_string(),
            top: design.top.to_string(),
            verilog_sha256: sha256(design.verilog),
            yosys_args: options.yosys_args.clone(),
            yosys: tools.versions().yosys.clone(),
            steps: Vec::new(),
        }
    }

    /// Whether both were made from the same by the same Yosys.
    pub(super) fn is(&self, other: &Self) -> bool {
        let same = Self { dir: other.dir.clone(), steps: other.steps.clone(), ..self.clone() };
        same == *other
    }
}

/// Synthesises a netlist in `dir`, which is made if it does not exist. Of the options, seed, frequency, placement of EBRs and
/// those of nextpnr have no part in it.
///
/// The folder then has `top.v`, `yosys.json` (the netlist), `yosys.log` and the returned record as `synthesis.json`.
///
/// # Errors
/// [`FlowError`] if Yosys does not start, fails, takes too long or is stopped, or if a file cannot be written.
pub fn synthesize(
    tools: &Toolchain,
    design: &Design,
    dir: &Path,
    options: &FlowOptions,
    progress: &mut dyn FnMut(Progress),
) -> Result<Synthesis, FlowError> {
    make_dir(dir)?;
    forget(dir, RECORD)?;
    write(dir, "top.v", design.verilog)?;
    let mut runner = Runner::new(dir, options, progress);
    runner.run("yosys", &tools.yosys, &yosys_arguments(design, options))?;
    let steps = runner.times;
    let synthesis = Synthesis { dir: dir.to_path_buf(), steps, ..Synthesis::of(tools, design, options) };
    write(dir, RECORD, &report::to_json(&synthesis))?;
    Ok(synthesis)
}

/// Least flip-flops of a clock enable and of a synchronous reset; of fewer it becomes logic before their inputs. The two flip-flops of a slice share both, and all of a tile
/// two resets: where each of many small groups has its own, nextpnr may look for
/// the last places of a full chip without an end.
const LEAST_ENABLED: usize = 3;
const LEAST_RESET: usize = 4;

/// Flip-flops that ECP5 has, in the words of Yosys' dfflegalize; what options leave out of them `synth_ecp5` takes away itself.
const FLIP_FLOPS: &str = "-cell $_DFF_?_ 01 -cell $_DFF_?P?_ r -cell $_SDFF_?P?_ r -cell $_DFFE_??_ 01 -cell $_DFFE_?P??_ r \
     -cell $_SDFFE_?P??_ r -cell $_ALDFF_?P_ x -cell $_ALDFFE_?P?_ x -cell $_DLATCH_?_ x";

/// `synth_ecp5`, stopped before it maps flip-flops and gone on with.
fn yosys_arguments(design: &Design, options: &FlowOptions) -> Vec<String> {
    let synth = ["synth_ecp5".into(), "-top".into(), design.top.into()];
    let synth = [&synth[..], &options.yosys_args].concat().join(" ");
    let legalize = format!("dfflegalize -mince {LEAST_ENABLED} -minsrst {LEAST_RESET} {FLIP_FLOPS}");
    let script = format!(
        "read_verilog top.v; {synth} -run begin:map_ffs; opt_clean; {legalize}; opt_merge; opt_clean; {synth} -run map_ffs: -json yosys.json; stat"
    );
    vec!["-p".into(), script]
}

/// SHA-256 of a text in hexadecimal digits, as `sha256sum` prints it.
pub fn sha256(text: &str) -> String {
    Sha256::digest(text).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_is_that_of_sha256sum() {
        assert_eq!(sha256("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }

    #[test]
    fn a_folder_without_a_netlist_is_no_synthesis() {
        let dir = tempfile::tempdir().unwrap();
        let error = Synthesis::load(dir.path()).unwrap_err().to_string();
        assert!(error.contains("synthesis.json"), "{error}");
    }
}
