//! Two machines that run the same system, tick by tick.

use super::super::client::Client;
use super::System;
use nernst_sim::{ReferenceArray, RtlArray, RtlArrayError};
use nernst_spec::ledger::{Class, CoreCounter};
use nernst_spec::link::message::{RESET_LEDGER, RESET_STATE};
use nernst_spec::link::{Command, Kind, Reply};
use nernst_spec::memory::Address;
use nernst_spec::{ArrayConfig, Contexts, CoreConfig, Image, Ledger};
use serde::Serialize;
use std::fmt;
use std::io::{Read, Write};

/// What runs a network. An error says why it does not.
pub trait Machine {
    /// Loads a network; the state and the ledger are reset.
    fn load(&mut self, image: &Image) -> Result<(), String>;
    /// Resets the state: membranes, events on their way, the tick.
    fn reset(&mut self) -> Result<(), String>;
    /// Runs a tick with spikes on these lines. Returns the neurons whose spikes came to the host, ascending.
    fn tick(&mut self, lines: &[u16]) -> Result<Vec<u16>, String>;
    fn membranes(&mut self, image: &Image) -> Result<Vec<Vec<i32>>, String>;
    /// Number of the tick that runs next, where it can be seen.
    fn tick_number(&mut self) -> Option<u64>;
    fn ledger(&mut self, config: &ArrayConfig) -> Result<Ledger, String>;
}

impl Machine for ReferenceArray {
    fn load(&mut self, image: &Image) -> Result<(), String> {
        *self = ReferenceArray::new(&image.config);
        self.load(image).map_err(|error| error.to_string())
    }
    fn reset(&mut self) -> Result<(), String> {
        self.reset(RESET_STATE);
        Ok(())
    }
    fn tick(&mut self, lines: &[u16]) -> Result<Vec<u16>, String> {
        lines.iter().try_for_each(|&line| self.input(line)).map_err(|error| error.to_string())?;
        Ok(self.tick())
    }
    fn membranes(&mut self, image: &Image) -> Result<Vec<Vec<i32>>, String> {
        Ok((0..image.cores.len()).map(|core| ReferenceArray::membranes(self, core)).collect())
    }
    fn tick_number(&mut self) -> Option<u64> {
        Some(ReferenceArray::tick_number(self))
    }
    fn ledger(&mut self, _: &ArrayConfig) -> Result<Ledger, String> {
        Ok(ReferenceArray::ledger(self))
    }
}

impl Machine for RtlArray {
    fn load(&mut self, image: &Image) -> Result<(), String> {
        self.load(image).and_then(|()| self.reset(RESET_STATE | RESET_LEDGER)).map_err(|error| error.to_string())
    }
    fn reset(&mut self) -> Result<(), String> {
        self.reset(RESET_STATE).map_err(|error| error.to_string())
    }
    fn tick(&mut self, lines: &[u16]) -> Result<Vec<u16>, String> {
        let mut spikes = self.tick(lines).map_err(|error| error.to_string())?.spikes;
        spikes.sort_unstable();
        Ok(spikes)
    }
    fn membranes(&mut self, image: &Image) -> Result<Vec<Vec<i32>>, String> {
        let core = |(number, shape): (usize, &CoreConfig)| {
            let contexts = image.cores[number].contexts;
            if contexts > Contexts::ONE {
                // What is in the lanes is some context's: to look at it must change nothing.
                self.read(Address::membrane(number, 0))?;
            }
            let places = contexts.membranes(number, shape);
            let addresses = places.into_iter().flat_map(|(first, count)| (0..count).map(move |n| first.offset(n)));
            addresses.map(|address| self.read(address).map(|word| word.low() as i32)).collect::<Result<_, _>>()
        };
        let cores: Result<_, RtlArrayError> = image.config.cores.iter().enumerate().map(core).collect();
        cores.map_err(|error| error.to_string())
    }
    fn tick_number(&mut self) -> Option<u64> {
        Some(RtlArray::tick_number(self).into())
    }
    fn ledger(&mut self, _: &ArrayConfig) -> Result<Ledger, String> {
        self.ledger().map_err(|error| error.to_string())
    }
}

impl<P: Read + Write> Machine for Client<P> {
    fn load(&mut self, image: &Image) -> Result<(), String> {
        Client::load(self, image, false);
        Ok(())
    }
    fn reset(&mut self) -> Result<(), String> {
        let done = Reply::Done { kind: Kind::Reset as u8 };
        assert_eq!(self.ask(&Command::Reset { flags: RESET_STATE }), Some(done));
        Ok(())
    }
    fn tick(&mut self, lines: &[u16]) -> Result<Vec<u16>, String> {
        Ok(Client::tick(self, lines))
    }
    fn membranes(&mut self, image: &Image) -> Result<Vec<Vec<i32>>, String> {
        Ok(Client::membranes(self, &image.config))
    }
    fn tick_number(&mut self) -> Option<u64> {
        None
    }
    fn ledger(&mut self, config: &ArrayConfig) -> Result<Ledger, String> {
        Ok(Client::ledger(self, config))
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
    /// Counters of activity, which are all that a model without a clock has.
    pub counters: u64,
    pub events: u64,
    pub spikes: u64,
}

impl fmt::Display for Seen {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let Self { systems, ticks, host_spikes, membranes, counters, .. } = self;
        write!(
            f,
            "{systems} networks, {ticks} ticks, {host_spikes} spikes to the host, {membranes} membranes, {counters} counters"
        )
    }
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
/// be equal. Every sample is also run without a look at the membranes but at its end, for a machine that has time between ticks may be right only for that.
/// An error says what is not equal.
pub fn compare(system: &System, model: &mut impl Machine, machine: &mut impl Machine) -> Result<Seen, String> {
    // First what is sooner over.
    compare_in(&[true, false], system, model, machine)
}

/// The same without a look at the membranes but at the end of a sample.
pub fn compare_in_a_hurry(
    system: &System,
    model: &mut impl Machine,
    machine: &mut impl Machine,
) -> Result<Seen, String> {
    compare_in(&[true], system, model, machine)
}

fn compare_in(
    hurries: &[bool],
    system: &System,
    model: &mut impl Machine,
    machine: &mut impl Machine,
) -> Result<Seen, String> {
    let (image, config) = (&system.image, &system.image.config);
    model.load(image)?;
    machine.load(image)?;
    let mut seen = Seen { systems: 1, ..Seen::default() };
    let mut is_first = true;
    for (number, sample) in system.samples.iter().enumerate() {
        for &in_a_hurry in hurries {
            if !std::mem::take(&mut is_first) {
                model.reset()?;
                machine.reset()?;
            }
            for (tick, lines) in sample.iter().enumerate() {
                let hurry = if in_a_hurry { ", in a hurry" } else { "" };
                let at = || format!("sample {number}, tick {tick}{hurry}");
                let (expected, found) = (model.tick(lines)?, machine.tick(lines)?);
                if expected != found {
                    return Err(format!("{}: spikes {found:?}, the model has {expected:?}", at()));
                }
                if let (Some(expected), Some(found)) = (model.tick_number(), machine.tick_number())
                    && expected != found
                {
                    return Err(format!("{}: the next is tick {found}, the model's {expected}", at()));
                }
                seen.host_spikes += found.len() as u64;
                seen.ticks += 1;
                if !in_a_hurry || tick + 1 == sample.len() {
                    let membranes = [model.membranes(image)?, machine.membranes(image)?];
                    seen.take(&membranes).map_err(|error| format!("{}: {error}", at()))?;
                }
            }
        }
        let (expected, found) = (model.ledger(config)?, machine.ledger(config)?);
        if let Some((counter, found, expected)) = found.differences(&expected).first() {
            return Err(format!("sample {number}: counter {counter} is {found}, the model's {expected}"));
        }
        seen.counters += expected.named().filter(|(_, class, _)| *class == Class::Activity).count() as u64;
        seen.events = expected.total(CoreCounter::Events);
        seen.spikes = expected.total(CoreCounter::Spikes);
    }
    Ok(seen)
}

impl Seen {
    /// Compares membranes of all cores: the model's, and the machine's.
    fn take(&mut self, [expected, found]: &[Vec<Vec<i32>>; 2]) -> Result<(), String> {
        let counts = |cores: &[Vec<i32>]| cores.iter().map(Vec::len).collect::<Vec<_>>();
        if counts(expected) != counts(found) {
            return Err(format!("{:?} membranes in the cores, the model has {:?}", counts(found), counts(expected)));
        }
        for (core, (expected, found)) in expected.iter().zip(found).enumerate() {
            if let Some(n) = expected.iter().zip(found).position(|(expected, found)| expected != found) {
                let (found, expected) = (found[n], expected[n]);
                return Err(format!("membrane of core {core} neuron {n} is {found}, the model's {expected}"));
            }
            self.membranes += expected.len() as u64;
            self.awake += expected.iter().filter(|membrane| **membrane != 0).count() as u64;
        }
        Ok(())
    }
}
