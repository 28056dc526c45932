//! Two machines that run the same system, tick by tick.

use super::super::client::Client;
use super::System;
use nernst_sim::{ReferenceArray, RtlArray};
use nernst_spec::ledger::CoreCounter;
use nernst_spec::link::message::{RESET_LEDGER, RESET_STATE};
use nernst_spec::link::{Command, Kind, Reply};
use nernst_spec::{ArrayConfig, CoreConfig, Image, Ledger};
use serde::Serialize;
use std::io::{Read, Write};

/// What runs a network.
pub trait Machine {
    /// Loads a network; the state and the ledger are reset.
    fn load(&mut self, image: &Image);
    /// Resets the state: membranes, events on their way, the tick.
    fn reset(&mut self);
    /// Runs a tick with spikes on these lines. Returns the neurons whose spikes came to the host, ascending.
    fn tick(&mut self, lines: &[u16]) -> Vec<u16>;
    fn membranes(&mut self, image: &Image) -> Vec<Vec<i32>>;
    fn ledger(&mut self, config: &ArrayConfig) -> Ledger;
}

impl Machine for ReferenceArray {
    fn load(&mut self, image: &Image) {
        *self = ReferenceArray::new(&image.config);
        self.load(image).unwrap();
    }
    fn reset(&mut self) {
        self.reset(RESET_STATE);
    }
    fn tick(&mut self, lines: &[u16]) -> Vec<u16> {
        lines.iter().for_each(|&line| self.input(line).unwrap());
        self.tick()
    }
    fn membranes(&mut self, image: &Image) -> Vec<Vec<i32>> {
        (0..image.cores.len()).map(|core| ReferenceArray::membranes(self, core)).collect()
    }
    fn ledger(&mut self, _: &ArrayConfig) -> Ledger {
        ReferenceArray::ledger(self)
    }
}

impl Machine for RtlArray {
    fn load(&mut self, image: &Image) {
        self.load(image).unwrap();
        self.reset(RESET_STATE | RESET_LEDGER).unwrap();
    }
    fn reset(&mut self) {
        self.reset(RESET_STATE).unwrap();
    }
    fn tick(&mut self, lines: &[u16]) -> Vec<u16> {
        let mut spikes = self.tick(lines).unwrap().spikes;
        spikes.sort_unstable();
        spikes
    }
    fn membranes(&mut self, image: &Image) -> Vec<Vec<i32>> {
        let core = |(number, shape): (usize, &CoreConfig)| {
            let places = image.cores[number].contexts.membranes(number, shape);
            let addresses = places.into_iter().flat_map(|(first, count)| (0..count).map(move |n| first.offset(n)));
            addresses.map(|address| self.read(address).unwrap().low() as i32).collect()
        };
        image.config.cores.iter().enumerate().map(core).collect()
    }
    fn ledger(&mut self, _: &ArrayConfig) -> Ledger {
        self.ledger().unwrap()
    }
}

impl<P: Read + Write> Machine for Client<P> {
    fn load(&mut self, image: &Image) {
        Client::load(self, image, false);
    }
    fn reset(&mut self) {
        let done = Reply::Done { kind: Kind::Reset as u8 };
        assert_eq!(self.ask(&Command::Reset { flags: RESET_STATE }), Some(done));
    }
    fn tick(&mut self, lines: &[u16]) -> Vec<u16> {
        Client::tick(self, lines)
    }
    fn membranes(&mut self, image: &Image) -> Vec<Vec<i32>> {
        Client::membranes(self, &image.config)
    }
    fn ledger(&mut self, config: &ArrayConfig) -> Ledger {
        Client::ledger(self, config)
    }
}

/// How much was compared, and was equal.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Seen {
    pub systems: u64,
    pub ticks: u64,
    pub host_spikes: u64,
    pub membranes: u64,
    /// Membranes other than 0 among them.
    pub awake: u64,
    pub counters: u64,
    pub events: u64,
    pub spikes: u64,
}

impl std::ops::AddAssign for Seen {
    fn add_assign(&mut self, other: Self) {
        self.systems += other.systems;
        self.ticks += other.ticks;
        self.host_spikes += other.host_spikes;
        self.membranes += other.membranes;
        self.awake += other.awake;
        self.counters += other.counters;
        self.events += other.events;
        self.spikes += other.spikes;
    }
}

/// Runs a system on two machines: every spike and every membrane of every tick, and every activity counter after each sample, must
/// be equal. An error says what is not.
pub fn compare(system: &System, model: &mut impl Machine, machine: &mut impl Machine) -> Result<Seen, String> {
    let (image, config) = (&system.image, &system.image.config);
    model.load(image);
    machine.load(image);
    let mut seen = Seen { systems: 1, ..Seen::default() };
    for (number, sample) in system.samples.iter().enumerate() {
        if number > 0 {
            model.reset();
            machine.reset();
        }
        for (tick, lines) in sample.iter().enumerate() {
            let at = || format!("sample {number}, tick {tick}");
            let (expected, found) = (model.tick(lines), machine.tick(lines));
            if expected != found {
                return Err(format!("{}: spikes {found:?}, the model has {expected:?}", at()));
            }
            seen.host_spikes += found.len() as u64;
            let (expected, found) = (model.membranes(image), machine.membranes(image));
            let cores = expected.iter().zip(&found).enumerate();
            for (core, (expected, found)) in cores {
                let unequal = expected.iter().zip(found).position(|(expected, found)| expected != found);
                if let Some(n) = unequal {
                    let (found, expected) = (found[n], expected[n]);
                    return Err(format!(
                        "{}: membrane of core {core} neuron {n} is {found}, the model's {expected}",
                        at()
                    ));
                }
                seen.membranes += expected.len() as u64;
                seen.awake += expected.iter().filter(|membrane| **membrane != 0).count() as u64;
            }
            seen.ticks += 1;
        }
        let (expected, found) = (model.ledger(config), machine.ledger(config));
        if let Some((counter, found, expected)) = found.differences(&expected).first() {
            return Err(format!("sample {number}: counter {counter} is {found}, the model's {expected}"));
        }
        seen.counters += expected.named().count() as u64;
        seen.events = expected.total(CoreCounter::Events);
        seen.spikes = expected.total(CoreCounter::Spikes);
    }
    Ok(seen)
}
