//! Bits of a running board's memory flip, and whoever watches over it finds, tells and mends them.

#[allow(dead_code, reason = "a test needs a part of it")]
#[path = "../../../sim/tests/all/common/networks.rs"]
mod networks;

use crate::common::command::nernst;
use crate::common::{random_image, random_spikes};
use nernst::port::Direct;
use nernst::runner::{RunError, Runner, Upset};
use nernst::session::Session;
use nernst_sim::virtual_board::Options;
use nernst_sim::{Activity, Board, BoardError, ReferenceBoard, VirtualBoard};
use nernst_spec::ArrayConfig;
use rust_hdl_bsp_ecp5::cosim::compared;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard};

/// The RTL with particles that strike its memories.
#[derive(Clone)]
struct Exposed {
    board: Arc<Mutex<VirtualBoard>>,
    /// A bit that flips back whatever is written.
    stuck: Option<Bit>,
}

/// A bit of a block RAM.
#[derive(Clone, Debug)]
struct Bit {
    memory: String,
    row: usize,
    bit: u32,
}

impl Exposed {
    fn new(config: &ArrayConfig) -> Self {
        let board = VirtualBoard::new(config, &Options::default()).unwrap();
        Self { board: Arc::new(Mutex::new(board)), stuck: None }
    }

    fn board(&self) -> MutexGuard<'_, VirtualBoard> {
        self.board.lock().unwrap()
    }

    fn read(&self, bit: &Bit) -> u64 {
        let mut board = self.board();
        let simulator = board.simulator();
        simulator.read_memory(simulator.memory(&bit.memory).unwrap(), bit.row)[0]
    }

    fn flip(&self, bit: &Bit) {
        let word = self.read(bit) ^ 1 << bit.bit;
        let mut board = self.board();
        let simulator = board.simulator();
        simulator.write_memory(simulator.memory(&bit.memory).unwrap(), bit.row, &[word]);
    }
}

impl Board for Exposed {
    fn exchange(&mut self, input: &mut VecDeque<u8>, output: &mut VecDeque<u8>) -> Result<Activity, BoardError> {
        let Some(bit) = &self.stuck else { return self.board().exchange(input, output) };
        if self.read(bit) >> bit.bit & 1 == 0 {
            self.flip(bit);
        }
        // A byte for each look at the bit, so that it flips between a write and what follows.
        let mut byte = input.pop_front().into_iter().collect();
        let activity = self.board().exchange(&mut byte, output)?;
        byte.into_iter().rev().for_each(|byte| input.push_front(byte));
        Ok(if input.is_empty() { activity } else { Activity::Busy })
    }
}

fn samples(count: u64, lines: usize) -> Vec<Vec<Vec<u16>>> {
    (0..count).map(|seed| random_spikes(seed, 6, lines as u16, 0.1)).collect()
}

/// A memory that holds what is loaded.
struct Loaded {
    memory: String,
    rows: usize,
    bits: u32,
    /// How the place of its rows is told, but for the number of the row.
    told: String,
}

/// Weights and parameters of an array.
fn loaded(config: &ArrayConfig) -> Vec<Loaded> {
    let mut memories = vec![];
    for (number, core) in config.cores.iter().enumerate() {
        let within = format!("array.cores${number}.int{}$0", core.weight_bits.bits());
        for tile in 0..core.tiles {
            let (ring, place) = (tile / core.tiles_per_unit, tile % core.tiles_per_unit);
            let memory = format!("{within}.rings${ring}.tiles${place}.rows.mem");
            memories.push(Loaded { memory, rows: 512, bits: 36, told: format!("Weights core {number} unit {tile}") });
        }
        for unit in 0..core.units() {
            let memory = format!("{within}.rings${unit}.neuron_unit.parameter_table.mem");
            let told = format!("Parameters core {number} unit {unit}");
            memories.push(Loaded { memory, rows: core.ring(), bits: 29, told });
        }
    }
    memories
}

#[test]
fn a_flipped_bit_is_found_told_and_written_again() {
    let mut strikes = 0;
    for name in ["tiny", "tiny-int8"] {
        let config = ArrayConfig::ready(name).unwrap();
        let image = random_image(&config, 3);
        let exposed = Exposed::new(&config);
        let mut session = Session::open(Box::new(Direct::new("exposed", exposed.clone()))).unwrap();
        session.load(&image, |_, _| {}).unwrap();
        for (number, Loaded { memory, rows, bits, told }) in loaded(&config).into_iter().enumerate() {
            let bit = Bit { row: (number * 197 + 31) % rows, bit: (number as u32 * 11 + 3) % bits, memory };
            let before = exposed.read(&bit);
            let mut runner = Runner::new(&mut session, &image, false).unwrap();
            runner.scrub(1);
            let pieces = runner.scrubbed().unwrap().pieces as u64;
            let each = |number, _| {
                if number == 4 {
                    exposed.flip(&bit);
                    assert_ne!(exposed.read(&bit), before);
                }
            };
            runner.run(samples(pieces + 14, config.inputs), each).unwrap();
            // Before the pass at the end.
            let scrubbed = runner.scrubbed().unwrap().clone();
            let [Upset { place, loaded, found, samples: [first, last], .. }] = &scrubbed.upsets[..] else {
                panic!("{bit:?}: {scrubbed}");
            };
            assert_eq!(*place, format!("{told} row {}", bit.row), "{bit:?}");
            assert_eq!((loaded ^ found).count_ones(), 1, "{bit:?}: {scrubbed}");
            // Some samples are under way while another is taken.
            assert!(*first <= 13 && *last >= 4 && last - first <= pieces + 8, "{bit:?}: {scrubbed}");
            assert_eq!(exposed.read(&bit), before, "{bit:?}");
            runner.finish().unwrap();
            assert_eq!(runner.scrubbed().unwrap().upsets.len(), 1);
            strikes += 1;
        }
        // All is as it was.
        let mut runner = Runner::new(&mut session, &image, true).unwrap();
        runner.scrub(3);
        runner.run(samples(10, config.inputs), |_, _| {}).unwrap();
        let (_, mismatches) = runner.finish().unwrap();
        assert_eq!((mismatches.total(), runner.scrubbed().unwrap().upsets.len()), (0, 0));
    }
    compared(
        "flipped bits of a running board's memory",
        format!("{strikes} strikes, each found, told and written again"),
    );
}

#[test]
fn an_upset_behind_the_last_sample_is_found_at_the_end() {
    let config = ArrayConfig::ready("tiny").unwrap();
    let image = random_image(&config, 5);
    let exposed = Exposed::new(&config);
    let mut session = Session::open(Box::new(Direct::new("exposed", exposed.clone()))).unwrap();
    session.load(&image, |_, _| {}).unwrap();
    let mut runner = Runner::new(&mut session, &image, false).unwrap();
    runner.scrub(1);
    // Each piece was digested behind one of these.
    runner.run(samples(30, 64), |_, _| {}).unwrap();
    let struck = ["array.cores$1.int4$0.rings$1.tiles$0.rows.mem", "array.router.routes.banks$0.columns$0.mem"];
    struck.into_iter().for_each(|memory| exposed.flip(&Bit { memory: memory.into(), row: 7, bit: 0 }));
    runner.finish().unwrap();
    let upsets = &runner.scrubbed().unwrap().upsets;
    assert_eq!(upsets.len(), 2, "{upsets:?}");
    assert!(upsets[0].to_string().starts_with("Weights core 1 unit 2 row 7: 0x"), "{}", upsets[0]);
    assert!(upsets[1].place.starts_with("Routes"), "{}", upsets[1]);
}

#[test]
fn what_changes_while_a_network_runs_is_no_upset() {
    for seed in 0..6 {
        let config = networks::everything();
        let image = networks::image(&config, seed);
        let mut session = Session::open(Box::new(Direct::new("model", ReferenceBoard::new(&config)))).unwrap();
        session.load(&image, |_, _| {}).unwrap();
        let mut runner = Runner::new(&mut session, &image, false).unwrap();
        runner.scrub(1000);
        let spikes = (0..3).map(|sample| networks::spikes(&config, seed + sample, 6)).collect::<Vec<_>>();
        runner.run(spikes, |_, _| {}).unwrap();
        let (ledger, mismatches) = runner.finish().unwrap();
        assert!(ledger.total(nernst_spec::ledger::CoreCounter::Spikes) > 0);
        let scrubbed = runner.scrubbed().unwrap();
        assert_eq!((mismatches.total(), &scrubbed.upsets[..], scrubbed.vanished), (0, &[][..], 0), "seed {seed}");
        assert_eq!(scrubbed.digests, 4 * scrubbed.pieces as u64);
    }
}

#[test]
fn a_bit_that_cannot_be_mended_ends_the_run() {
    let config = ArrayConfig::ready("tiny").unwrap();
    let image = random_image(&config, 6);
    let mut exposed = Exposed::new(&config);
    // A bit that is 0 where it was loaded.
    let of_row = |row| Bit { memory: "array.cores$0.int4$0.rings$0.tiles$1.rows.mem".into(), row, bit: 9 };
    let mut session = Session::open(Box::new(Direct::new("exposed", exposed.clone()))).unwrap();
    session.load(&image, |_, _| {}).unwrap();
    drop(session);
    let bit = (0..512).map(of_row).find(|bit| exposed.read(bit) >> 9 & 1 == 0).unwrap();
    exposed.stuck = Some(bit.clone());
    let mut session = Session::open(Box::new(Direct::new("exposed", exposed))).unwrap();
    let mut runner = Runner::new(&mut session, &image, false).unwrap();
    runner.scrub(4);
    let ended = runner.run(samples(20, 64), |_, _| {}).and_then(|()| runner.finish().map(|_| ()));
    let Err(error @ RunError::Stuck { .. }) = ended else { panic!("{ended:?}") };
    let told = error.to_string();
    assert!(told.starts_with(&format!("Weights core 0 unit 1 row {} of the board on `exposed`", bit.row)), "{told}");
    assert!(error.help().unwrap().contains("block RAM is defective"));
    assert_eq!(runner.scrubbed().unwrap().upsets.len(), 1);
}

#[test]
fn a_run_tells_what_was_watched() {
    let network = concat!(env!("CARGO_MANIFEST_DIR"), "/../networks/digits/mlp-32-rate-int4.json");
    let run = |arguments: &[&str]| {
        nernst(&[&["run", "-n", network, "-c", "tiny", "-p", "virtual-direct", "-l", "6"], arguments].concat())
    };
    let (code, out, error) = run(&["--scrub"]);
    assert_eq!((code, error.as_str()), (0, ""));
    assert!(out.contains("scrub       ") && out.contains(": no word had changed\n"), "{out}");
    let (_, out, _) = run(&["--scrub=5", "--json"]);
    let report: serde_json::Value = serde_json::from_str(&out).unwrap();
    let scrubbed = &report["scrubbed"];
    assert_eq!(scrubbed["upsets"], serde_json::json!([]));
    // Five behind each of six samples, and all at the end.
    assert_eq!(scrubbed["digests"], 30 + scrubbed["pieces"].as_u64().unwrap());
    let (_, out, _) = run(&["--json"]);
    assert!(serde_json::from_str::<serde_json::Value>(&out).unwrap()["scrubbed"].is_null());
    let (code, _, error) = run(&["--scrub=0"]);
    assert!(code != 0 && error.contains("--scrub"), "{error}");
}
