//! A stand-in for the array: it answers the link's signals, takes its time, and notes what was done to it.

use nernst_hdl::array::ValueAccess;
use nernst_hdl::link::Link;
use nernst_spec::memory::{Address, Word};
use nernst_spec::{ArrayConfig, encoding};
use rust_hdl_bsp_ecp5::cosim::Rng;
use std::collections::{HashMap, VecDeque};

/// What was done to the array.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Deed {
    Write(Address, Word),
    Input(u16),
    Tick(u16),
    Reset(u8),
    Snapshot,
}

/// Neurons of so many that fire in a tick: any function of its number will do.
pub fn spikes_of(tick: u16, neurons: usize) -> Vec<u16> {
    let mut rng = Rng::new(tick as u64 * 77 + 5);
    for _ in 0..4 {
        rng.next_u64();
    }
    let count = if rng.one_in(12) { 150 } else { rng.below(5) };
    (0..count).map(|_| rng.below(neurons as u64) as u16).collect()
}

/// What a word holds that was never written.
pub fn blank(address: Address) -> Word {
    Word::new(address.0 as u64 * 0x1_2345_6789)
}

/// Clocks from a new address to what is known about it.
const CHECK_LATENCY: usize = 5;
/// Clocks from a line to its value, and from a spike on a line to the next value.
const VALUE_LATENCY: usize = 5;

pub struct StandIn {
    pub config: ArrayConfig,
    pub memory: HashMap<Address, Word>,
    pub deeds: Vec<Deed>,
    pub refused: u64,
    pub resent: u64,
    pub bytes_in: u64,
    pub bytes_out: u64,
    /// Ticks run since the last reset of the state.
    pub tick: u16,
    /// Ticks since the last reset of the state after which the budget is used up.
    pub budget: u16,
    addresses: VecDeque<u32>,
    since_write: u32,
    since_input: usize,
    /// Clocks of the tick, reset and read that run; spikes not yet handed over.
    ticking: Option<u64>,
    spikes: VecDeque<u16>,
    resetting: u64,
    reading: Option<(u64, Address)>,
    read_word: Word,
    settling: u64,
    /// Of the lines that have one; and what was wanted of them in the clocks before.
    values: Vec<u8>,
    accesses: VecDeque<ValueAccess>,
}

impl StandIn {
    pub fn new(config: &ArrayConfig) -> Self {
        Self {
            config: config.clone(),
            memory: HashMap::new(),
            deeds: vec![],
            refused: 0,
            resent: 0,
            bytes_in: 0,
            bytes_out: 0,
            tick: 0,
            budget: u16::MAX,
            addresses: VecDeque::from(vec![0; CHECK_LATENCY + 1]),
            since_write: 8,
            since_input: 8,
            ticking: None,
            spikes: VecDeque::new(),
            resetting: 0,
            reading: None,
            read_word: Word::default(),
            settling: 0,
            values: vec![0; encoding::lines(config)],
            accesses: VecDeque::from(vec![ValueAccess::default(); VALUE_LATENCY + 1]),
        }
    }

    pub fn word(&self, address: Address) -> Word {
        self.memory.get(&address).copied().unwrap_or(blank(address))
    }

    /// Sets the link's inputs for this clock, and takes what its outputs say in it.
    pub fn drive(&mut self, link: &mut Link, rng: &mut Rng) {
        // What is known about an address is right only when it has stood for long enough.
        let address = link.address.val().to_u32();
        self.addresses.push_front(address);
        self.addresses.truncate(CHECK_LATENCY + 1);
        let settled = self.addresses.iter().all(|&a| a == address);
        let exists = Address(address).exists(&self.config);
        let writable = exists && Address(address).space().is_some_and(|space| space.is_writable());
        link.address_exists.next = if settled { exists } else { !exists };
        link.address_writable.next = if settled { writable } else { !writable };

        // Inputs of the link follow from the state only.
        let done = self.reading.take_if(|(left, _)| *left == 0);
        if let Some((_, address)) = done {
            self.read_word = self.word(address);
        }
        link.read_done.next = done.is_some();
        link.read_low.next = (self.read_word.low() as u64).into();
        link.read_high.next = (self.read_word.high() as u64).into();
        let input_ready = rng.one_in(3);
        link.input_ready.next = input_ready;
        let spike = self.spikes.front().copied().filter(|_| self.ticking.is_some_and(|left| left < 30));
        link.spike_valid.next = spike.is_some();
        link.spike_neuron.next = (spike.unwrap_or(0xaaa) as u64).into();
        link.tick_busy.next = self.ticking.is_some();
        link.reset_busy.next = self.resetting > 0;
        link.used_up.next = self.tick >= self.budget;
        let idle = self.ticking.is_none() && self.resetting == 0 && self.reading.is_none() && self.settling == 0;
        link.idle.next = idle && done.is_none();

        let access = link.values.val();
        self.accesses.push_front(access);
        self.accesses.truncate(VALUE_LATENCY + 1);
        let steady = access.active && self.ticking.is_none() && self.since_input + 1 >= VALUE_LATENCY;
        let wanted = self.accesses.back().copied().unwrap_or_default();
        let value = self.values.get(wanted.line.index()).filter(|_| steady && wanted.active);
        link.value.next = value.map_or(rng.next_u64() & 0xff, |&value| value.into()).into();
        if access.write {
            assert!(access.active && idle, "a value is written while the array works");
            self.values[access.line.index()] = access.value.to_u8();
        }

        // What happens at the edge.
        self.settling = self.settling.saturating_sub(1);
        self.since_input += 1;
        self.resetting = self.resetting.saturating_sub(1);
        if let Some((left, _)) = &mut self.reading {
            *left = left.saturating_sub(1);
        }
        if spike.is_some() && link.spike_ready.val() {
            self.spikes.pop_front();
        }
        if let Some(left) = &mut self.ticking {
            *left = left.saturating_sub(1);
            if *left == 0 && self.spikes.is_empty() {
                self.ticking = None;
                self.tick = self.tick.wrapping_add(1);
            }
        }
        self.since_write += 1;
        if link.write.val() {
            assert!(settled && exists && writable, "write to {}", Address(address));
            assert!(self.since_write >= 8, "write {} clocks after the last", self.since_write);
            assert!(idle, "write while the array works");
            self.since_write = 0;
            let word = Word::new(link.write_low.val().to_u64() | link.write_high.val().to_u64() << 32);
            self.memory.insert(Address(address), word);
            self.deeds.push(Deed::Write(Address(address), word));
        }
        if link.read.val() {
            assert!(settled && exists && idle, "read of {}", Address(address));
            self.reading = Some((rng.below(25), Address(address)));
        }
        if link.input_valid.val() && input_ready {
            assert!(self.ticking.is_none() && self.resetting == 0, "input during a tick");
            self.settling = 4;
            self.since_input = 0;
            self.deeds.push(Deed::Input(link.input_line.val().to_u32() as u16));
        }
        if link.tick_start.val() {
            assert!(self.ticking.is_none() && self.reading.is_none() && self.resetting == 0, "tick during something");
            self.ticking = Some(rng.below(60));
            self.spikes = spikes_of(self.tick, self.config.neurons()).into();
            self.deeds.push(Deed::Tick(self.tick));
        }
        if link.reset_start.val() {
            assert!(idle, "reset during something");
            let flags = link.reset_flags.val().to_u32() as u8;
            self.resetting = 1 + rng.below(40);
            if flags & nernst_spec::link::message::RESET_STATE != 0 {
                self.tick = 0;
            }
            if flags & nernst_spec::link::message::RESET_MEMORY != 0 {
                self.memory.clear();
                self.values.fill(0);
            }
            self.deeds.push(Deed::Reset(flags));
        }
        if link.snapshot.val() {
            assert!(idle, "snapshot during something");
            self.deeds.push(Deed::Snapshot);
        }
        self.refused += link.frame_refused.val() as u64;
        self.resent += link.frame_resent.val() as u64;
        self.bytes_in += link.byte_in.val() as u64;
        self.bytes_out += link.byte_out.val() as u64;
    }
}
