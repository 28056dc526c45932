//! Samples on a netlist after synthesis, 64 boards side by side, against the reference model.

use super::BenchError;
use crate::session::RESET_STATE;
use nernst_sim::netlist_boards::{Record, Step};
use nernst_sim::{NetlistBoards, ReferenceArray};
use nernst_spec::ledger::{Class, words};
use nernst_spec::link::stream::{Decoder, Event, Train};
use nernst_spec::link::{Command, Reply};
use nernst_spec::{ArrayConfig, Image, Ledger};
use rust_hdl_bsp_ecp5::switching::{LANES, Statistics};
use serde::{Deserialize, Serialize};

/// What was compared, and what was not equal.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct NetlistReport {
    pub config: String,
    pub network: String,
    /// SHA-256 of the netlist.
    pub netlist_sha256: String,
    /// Flip-flops, LUT RAMs, block RAMs and multipliers of the netlist, and the multiplexers that its logic became.
    pub cells: usize,
    pub samples: usize,
    /// Samples whose class was found by the netlist's spikes, if classes are known.
    pub correct: Option<usize>,
    pub ticks: u64,
    pub clocks: u64,
    /// Spikes that the host heard.
    pub spikes: u64,
    /// Membranes that were read, after the last sample of each board.
    pub membranes: u64,
    /// Counters of activity, after the last sample of each board.
    pub counters: u64,
    /// What differs from the reference model.
    pub mismatches: u64,
    /// The first difference.
    pub first: Option<String>,
}

/// Runs samples (the input lines of every tick) on a netlist, the JSON of Yosys, and compares every spike that the host hears, and every membrane and
/// activity counter after the last sample of each board. `answers` is told the spikes of each sample. `progress` is told the clocks and the boards that
/// still run, now and then.
///
/// # Errors
/// The netlist cannot be simulated, or does not answer.
pub fn run(
    netlist: &str,
    image: &Image,
    samples: &[Vec<Vec<u16>>],
    mut answers: impl FnMut(usize, &[Vec<u16>]),
    progress: impl FnMut(u64, usize),
) -> Result<NetlistReport, BenchError> {
    let config = &image.config;
    let mut boards = NetlistBoards::from_json(netlist, config)?;
    // Board b has the samples b, b + 64 and so on.
    let lanes = samples.len().clamp(1, LANES);
    let of_board = |board: usize| (board..samples.len()).step_by(lanes);
    let scripts = (0..lanes).map(|board| script(image, of_board(board).map(|sample| &samples[sample]))).collect();
    let records = boards.run(scripts, progress)?;
    let mut report = NetlistReport {
        config: config.name.clone(),
        network: image.name.clone(),
        cells: cells(boards.simulator().statistics()),
        samples: samples.len(),
        clocks: boards.simulator().cycle(),
        ..NetlistReport::default()
    };
    for (board, record) in records.iter().enumerate() {
        let mut told = ticks(config, record).into_iter();
        let mut model = ReferenceArray::new(config);
        model.load(image)?;
        for sample in of_board(board) {
            model.reset(RESET_STATE);
            let heard: Vec<Vec<u16>> = told.by_ref().take(samples[sample].len()).collect();
            for (tick, lines) in samples[sample].iter().enumerate() {
                lines.iter().try_for_each(|&line| model.input(line))?;
                let expected = model.tick();
                let found = heard.get(tick);
                report.compare(found == Some(&expected), || {
                    format!("sample {sample}, tick {tick}: spikes {found:?}, the model has {expected:?}")
                });
                report.ticks += 1;
                report.spikes += expected.len() as u64;
            }
            answers(sample, &heard);
        }
        report.compare_end(board, image, record, &model);
    }
    Ok(report)
}

fn cells(of: Statistics) -> usize {
    of.muxes + of.flip_flops + of.distributed_rams + of.block_rams + of.multipliers
}

/// Loads, runs the samples, and reads membranes and ledger.
fn script<'a>(image: &Image, samples: impl Iterator<Item = &'a Vec<Vec<u16>>>) -> Vec<Step> {
    let config = &image.config;
    let mut steps = Step::load(image);
    for ticks in samples {
        steps.push(Step::Command(Command::Reset { flags: RESET_STATE }));
        steps.extend(Step::ticks(config, ticks));
    }
    for (core, shape) in config.cores.iter().enumerate() {
        let places = image.cores[core].contexts.membranes(core, shape);
        steps.extend(places.into_iter().flat_map(|(first, count)| Step::read(first, count)));
    }
    steps.push(Step::Command(Command::Snapshot));
    steps.extend(Step::read_ledger(config));
    steps
}

/// The neurons that a board told of in each tick, ascending.
fn ticks(config: &ArrayConfig, record: &Record) -> Vec<Vec<u16>> {
    let mut decoder = Decoder::new(Train::to_host(config));
    let (mut ticks, mut spikes) = (vec![], vec![]);
    for reply in &record.replies {
        let Reply::Stream(payload) = reply else { continue };
        for event in decoder.read(payload) {
            match event {
                // Array numbers are below 4,096.
                Event::Spike(turn) => spikes.push(config.at_turn(turn.into()) as u16),
                Event::Late => {}
                Event::Tick => {
                    spikes.sort_unstable();
                    ticks.push(std::mem::take(&mut spikes));
                }
            }
        }
    }
    ticks
}

impl NetlistReport {
    fn compare(&mut self, equal: bool, what: impl FnOnce() -> String) {
        if !equal {
            self.mismatches += 1;
            self.first.get_or_insert_with(what);
        }
    }

    /// Membranes and counters.
    fn compare_end(&mut self, board: usize, image: &Image, record: &Record, model: &ReferenceArray) {
        let config = &image.config;
        let read = record.replies.iter().filter_map(|reply| match reply {
            Reply::Words { words, .. } => Some(words.iter().map(|word| word.low())),
            _ => None,
        });
        let read: Vec<u32> = read.flatten().collect();
        let (membranes, ledger) = read.split_at(read.len().saturating_sub(words(config)));
        let expected: Vec<i32> = (0..config.cores.len()).flat_map(|core| model.membranes(core)).collect();
        self.membranes += expected.len() as u64;
        let found: Vec<i32> = membranes.iter().map(|&membrane| membrane as i32).collect();
        self.compare(found == expected, || {
            let place = expected.iter().zip(&found).position(|(expected, found)| expected != found);
            format!("board {board}: membrane {place:?} of {found:?}, the model has {expected:?}")
        });
        let expected = model.ledger();
        self.counters += expected.named().filter(|(_, class, _)| *class == Class::Activity).count() as u64;
        match Ledger::from_words(config, ledger) {
            None => self.compare(false, || format!("board {board}: no ledger")),
            Some(found) => {
                for (counter, found, expected) in found.differences(&expected) {
                    self.compare(false, || format!("board {board}: {counter} is {found}, the model has {expected}"));
                }
            }
        }
    }
}
