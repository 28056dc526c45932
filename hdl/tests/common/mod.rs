//! Drives an array the way the link does, in rust-hdl's simulator and as Verilog side by side.
#![allow(dead_code)]

pub mod model;
pub mod side_by_side;

use nernst_hdl::array::Array;
use nernst_spec::ledger::words;
use nernst_spec::link::message::*;
use nernst_spec::memory::{Address, Word};
use nernst_spec::{ArrayConfig, Contexts, Image, Ledger};
use side_by_side::SideBySide;

/// More clocks than anything of an array in these tests takes.
const PATIENCE: usize = 20_000;

pub struct Bench {
    pub array: SideBySide<Array>,
    pub config: ArrayConfig,
    /// Spikes to the host are accepted in one of this many clocks.
    pub host_pace: u64,
}

impl Bench {
    pub fn new(config: &ArrayConfig) -> Self {
        let array = SideBySide::new(Array::new(config), |u, level| u.clock.next = level.into());
        Self { array, config: config.clone(), host_pace: 1 }
    }

    pub fn set_address(&mut self, address: Address) {
        self.array.uut.address.next = u64::from(address.0).into();
    }

    pub fn write(&mut self, address: Address, word: Word) {
        self.set_address(address);
        (0..5).for_each(|_| self.array.tick());
        let u = &mut self.array.uut;
        u.write.next = true;
        u.write_low.next = u64::from(word.low()).into();
        u.write_high.next = u64::from(word.high()).into();
        self.array.tick();
        self.array.uut.write.next = false;
        (0..6).for_each(|_| self.array.tick());
    }

    pub fn read(&mut self, address: Address) -> Word {
        self.set_address(address);
        self.array.uut.read.next = true;
        self.array.tick();
        self.array.uut.read.next = false;
        for _ in 0..PATIENCE {
            self.array.tick();
            let u = &self.array.uut;
            if u.read_done.val() {
                return Word::new(u.read_low.val().to_u64() | u.read_high.val().to_u64() << 32);
            }
        }
        panic!("{address} is not read");
    }

    /// Clears the memory and loads what is not 0.
    pub fn load(&mut self, image: &Image) {
        self.reset(RESET_MEMORY);
        for (first, words) in image.blocks() {
            for (offset, word) in words.into_iter().enumerate().filter(|(_, word)| *word != Word::default()) {
                self.write(first.offset(offset), word);
            }
        }
    }

    pub fn input(&mut self, line: usize) {
        let u = &mut self.array.uut;
        u.input_valid.next = true;
        u.input_line.next = (line as u64).into();
        for _ in 0..PATIENCE {
            self.array.settle();
            let taken = self.array.uut.input_ready.val();
            self.array.tick();
            if taken {
                self.array.uut.input_valid.next = false;
                return;
            }
        }
        panic!("input line {line} is not taken");
    }

    /// Runs a tick and returns the spikes that reach the host.
    pub fn tick(&mut self) -> Vec<u16> {
        self.array.uut.tick_start.next = true;
        self.array.tick();
        self.array.uut.tick_start.next = false;
        let mut spikes = vec![];
        for _ in 0..PATIENCE {
            self.array.uut.spike_ready.next = self.array.cycle.is_multiple_of(self.host_pace);
            self.array.settle();
            let u = &self.array.uut;
            if u.spike_valid.val() && u.spike_ready.val() {
                spikes.push(u.spike_neuron.val().to_u16());
            }
            if !u.tick_busy.val() {
                return spikes;
            }
            self.array.tick();
        }
        panic!("the tick does not end");
    }

    pub fn reset(&mut self, flags: u8) {
        let u = &mut self.array.uut;
        u.reset_start.next = true;
        u.reset_flags.next = u64::from(flags).into();
        self.array.tick();
        self.array.uut.reset_start.next = false;
        for _ in 0..PATIENCE {
            self.array.settle();
            if !self.array.uut.reset_busy.val() {
                return;
            }
            self.array.tick();
        }
        panic!("the reset does not end");
    }

    pub fn ledger(&mut self) -> Ledger {
        self.array.uut.snapshot.next = true;
        self.array.tick();
        self.array.uut.snapshot.next = false;
        let halves: Vec<u32> = (0..words(&self.config)).map(|word| self.read(Address::ledger(word)).low()).collect();
        Ledger::from_words(&self.config, &halves).unwrap()
    }

    pub fn membranes(&mut self, core: usize) -> Vec<i32> {
        let shape = self.config.cores[core];
        let contexts = Contexts::from_log2(self.read(Address::settings(core)).low() as u8);
        let places = contexts.membranes(core, &shape);
        let addresses = places.into_iter().flat_map(|(first, count)| (0..count).map(move |n| first.offset(n)));
        addresses.map(|address| self.read(address).low() as i32).collect()
    }
}
