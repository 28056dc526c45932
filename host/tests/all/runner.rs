//! The runner beside boards that agree with the reference model and boards that do not.

use crate::common::{random_image, random_spikes};
use nernst::port::Direct;
use nernst::runner::{Gave, Runner, Step};
use nernst::session::Session;
use nernst_sim::{Activity, Board, BoardError, ReferenceArray, ReferenceBoard};
use nernst_spec::ledger::ArrayCounter;
use nernst_spec::link::stream::{Decoder, Event, Train, payloads};
use nernst_spec::link::{Deframer, Kind};
use nernst_spec::{ArrayConfig, Image};
use std::collections::VecDeque;

fn config() -> ArrayConfig {
    ArrayConfig::ready("tiny-int8").unwrap()
}

fn samples() -> Vec<Vec<Vec<u16>>> {
    (0..20).map(|seed| random_spikes(seed, 12, 64, 0.1)).collect()
}

#[test]
fn an_honest_board_has_no_mismatch_and_its_samples_are_independent() {
    let image = random_image(&config(), 1);
    let mut session = Session::open(Box::new(Direct::new("test", ReferenceBoard::new(&config())))).unwrap();
    session.load(&image, |_, _| {}).unwrap();
    let mut runner = Runner::new(&mut session, &image, true).unwrap();
    let mut runs = vec![];
    // The same sample first and last gives the same.
    let mut order = samples();
    order.push(order[0].clone());
    runner.run(order.clone(), |number, run| runs.push((number, run))).unwrap();
    let (ledger, mismatches) = runner.finish().unwrap();
    assert_eq!((mismatches.total(), mismatches.membranes), (0, Some(0)));
    assert_eq!(ledger.array(ArrayCounter::Ticks), 21 * 12);
    assert_eq!(runs.iter().map(|(number, _)| *number).collect::<Vec<_>>(), (0..21).collect::<Vec<_>>());
    assert_eq!(runs[0].1, runs[20].1);
    let spikes: usize = runs.iter().flat_map(|(_, run)| &run.ticks).map(Vec::len).sum();
    assert_eq!(spikes as u64, ledger.array(ArrayCounter::HostSpikesOut));
    assert!(spikes > 0);
    for (_, run) in &runs {
        for (output, count) in image.outputs.iter().zip(&run.answers) {
            assert_eq!(run.ticks.iter().flatten().filter(|neuron| *neuron == output).count() as i64, *count);
        }
    }
}

/// A reference board that loses every 50th spike to the host, reports of its counters included.
struct Lossy {
    board: ReferenceBoard,
    spikes: u64,
    deframer: Deframer,
}

impl Board for Lossy {
    fn exchange(&mut self, input: &mut VecDeque<u8>, output: &mut VecDeque<u8>) -> Result<Activity, BoardError> {
        let mut honest = VecDeque::new();
        let activity = self.board.exchange(input, &mut honest)?;
        for byte in honest {
            let Some(Ok(mut frame)) = self.deframer.push(byte) else { continue };
            if frame.kind == Kind::StreamOut {
                // A frame holds whole ticks, so few they are.
                let train = Train::to_host(&config());
                let kept = Decoder::new(train).read(&frame.payload).into_iter().filter(|&event| {
                    let is_spike = event != Event::Tick;
                    self.spikes += is_spike as u64;
                    !is_spike || !self.spikes.is_multiple_of(50)
                });
                frame.payload = payloads(train, 0, kept).concat();
            }
            output.extend(frame.encode());
        }
        Ok(activity)
    }
}

#[test]
fn every_lost_spike_is_a_mismatch() {
    let image = random_image(&config(), 2);
    let board = Lossy { board: ReferenceBoard::new(&config()), spikes: 0, deframer: Deframer::new() };
    let mut session = Session::open(Box::new(Direct::new("test", board))).unwrap();
    session.load(&image, |_, _| {}).unwrap();
    let mut runner = Runner::new(&mut session, &image, false).unwrap();
    runner.run(samples(), |_, _| {}).unwrap();
    let (ledger, mismatches) = runner.finish().unwrap();
    assert_eq!(mismatches.spikes, ledger.array(ArrayCounter::HostSpikesOut) / 50);
    assert!(mismatches.spikes > 0);
    assert_eq!((mismatches.counters, mismatches.membranes), (0, None));
    assert!(mismatches.first[0].starts_with("sample "), "{:?}", mismatches.first);
}

#[test]
fn another_network_in_the_board_shows_in_counters_and_membranes() {
    let (loaded, meant) = (random_image(&config(), 3), random_image(&config(), 4));
    let mut session = Session::open(Box::new(Direct::new("test", ReferenceBoard::new(&config())))).unwrap();
    session.load(&loaded, |_, _| {}).unwrap();
    let mut runner = Runner::new(&mut session, &meant, true).unwrap();
    runner.run(samples(), |_, _| {}).unwrap();
    let (_, mismatches) = runner.finish().unwrap();
    assert!(mismatches.counters > 0 && mismatches.spikes > 0 && mismatches.membranes > Some(0), "{mismatches:?}");
    assert_eq!(mismatches.first.len(), 3);
}

#[test]
fn a_trace_adds_up_to_the_run() {
    let image = random_image(&config(), 5);
    let mut session = Session::open(Box::new(Direct::new("test", ReferenceBoard::new(&config())))).unwrap();
    session.load(&image, |_, _| {}).unwrap();
    let mut runner = Runner::new(&mut session, &image, false).unwrap();
    let sample = random_spikes(9, 16, 64, 0.1);
    let mut run = None;
    runner.run([sample.clone()], |_, sample| run = Some(sample)).unwrap();
    let (ledger, _) = runner.finish().unwrap();
    let ticks = runner.trace(&sample, &[0, 63]).unwrap();
    assert_eq!(ticks.iter().map(|tick| tick.output_spikes.clone()).collect::<Vec<_>>(), run.unwrap().ticks);
    let sum = |counter: ArrayCounter| ticks.iter().map(|tick| tick.ledger.array[counter.name()]).sum::<u64>();
    for counter in [ArrayCounter::HostSpikesOut, ArrayCounter::BusTransfers, ArrayCounter::HostSpikesIn] {
        assert_eq!(sum(counter), ledger.array(counter), "{counter:?}");
    }
    assert!(ticks.iter().all(|tick| tick.ledger.array[ArrayCounter::Ticks.name()] == 1));
    // Every spike, those for the host among them; membranes as a model of the unchanged image has them.
    let mut model = ReferenceArray::new(&config());
    model.load(&image).unwrap();
    for tick in &ticks {
        tick.input_spikes.iter().for_each(|&line| model.input(line).unwrap());
        model.tick();
        assert!(tick.output_spikes.iter().all(|spike| tick.spikes.contains(spike)));
        assert_eq!(tick.membranes, [model.membranes(0)[0], model.membranes(1)[63 - 32]]);
    }
    let fired: usize = ticks.iter().map(|tick| tick.spikes.len()).sum();
    let counted: u64 = ticks.iter().map(|tick| tick.ledger.total("spikes").unwrap()).sum();
    assert_eq!(fired as u64, counted);
}

#[test]
fn an_image_for_another_array_is_refused() {
    let mut session = Session::open(Box::new(Direct::new("test", ReferenceBoard::new(&config())))).unwrap();
    let image = Image::empty("other", &ArrayConfig::ready("tiny").unwrap());
    assert!(Runner::new(&mut session, &image, false).is_err());
}

#[test]
fn a_run_that_is_told_step_by_step_reads_the_ledger_between_samples() {
    let image = random_image(&config(), 7);
    let mut session = Session::open(Box::new(Direct::new("test", ReferenceBoard::new(&config())))).unwrap();
    session.load(&image, |_, _| {}).unwrap();
    let mut runner = Runner::new(&mut session, &image, false).unwrap();
    let sample = || Step::Sample(random_spikes(3, 16, 64, 0.1));
    let mut steps = [sample(), Step::Ledger, Step::Wait, sample(), sample(), Step::Ledger, Step::End].into_iter();
    let mut ticks = vec![];
    let mut samples = 0;
    runner
        .drive(
            |_| steps.next().unwrap(),
            |gave| match gave {
                Gave::Sample(run) => samples += run.ticks.len() / 16,
                Gave::Ledger(ledger) => ticks.push(ledger.array(ArrayCounter::Ticks)),
            },
        )
        .unwrap();
    assert_eq!((samples, ticks), (3, vec![16, 48]));
    assert_eq!(runner.finish().unwrap().1.total(), 0);
}
