//! A line that loses, changes, doubles and invents bytes: in front of any port, repeatable by its seed.

use super::Port;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use std::io;
use std::time::Duration;

/// How often what happens to a byte, as probabilities for each byte of either direction.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Faults {
    /// It does not arrive.
    pub drop: f64,
    /// One of its bits arrives inverted.
    pub flip: f64,
    /// It arrives twice.
    pub duplicate: f64,
    /// Some byte that nobody sent arrives before it.
    pub insert: f64,
}

impl Faults {
    /// The same probability for each kind.
    pub const fn all(probability: f64) -> Self {
        Self { drop: probability, flip: probability, duplicate: probability, insert: probability }
    }
}

/// A port with a faulty line.
pub struct Faulty<P> {
    port: P,
    faults: Faults,
    random: StdRng,
    count: u64,
    delivered: u64,
    /// Bytes that arrived and that nobody has read yet.
    arrived: std::collections::VecDeque<u8>,
}

impl<P: Port> Faulty<P> {
    pub fn new(port: P, faults: Faults, seed: u64) -> Self {
        let random = StdRng::seed_from_u64(seed);
        Self { port, faults, random, count: 0, delivered: 0, arrived: Default::default() }
    }

    /// Bytes to which something happened.
    pub fn count(&self) -> u64 {
        self.count
    }
    /// Bytes that came out of the line at the board's end: also those that nobody sent, and not those that were lost.
    pub fn delivered(&self) -> u64 {
        self.delivered
    }
    /// What happens to bytes from now on.
    pub fn set_faults(&mut self, faults: Faults) {
        self.faults = faults;
    }
    pub fn inner(&self) -> &P {
        &self.port
    }

    fn spoil(&mut self, bytes: &[u8]) -> Vec<u8> {
        let mut spoilt = Vec::with_capacity(bytes.len());
        for &byte in bytes {
            let mut happens = |probability: f64| {
                let it_does = self.random.random_bool(probability);
                self.count += it_does as u64;
                it_does
            };
            let (insert, drop) = (happens(self.faults.insert), happens(self.faults.drop));
            let (flip, duplicate) = (happens(self.faults.flip), happens(self.faults.duplicate));
            if insert {
                spoilt.push(self.random.random());
            }
            let byte = if flip { byte ^ 1 << self.random.random_range(0..8) } else { byte };
            if !drop {
                spoilt.push(byte);
                if duplicate {
                    spoilt.push(byte);
                }
            }
        }
        spoilt
    }
}

impl<P: Port> Port for Faulty<P> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        let spoilt = self.spoil(bytes);
        self.delivered += spoilt.len() as u64;
        self.port.write(&spoilt)
    }

    fn read(&mut self, buffer: &mut [u8], timeout: Duration) -> io::Result<usize> {
        if self.arrived.is_empty() {
            let mut bytes = vec![0; buffer.len()];
            let count = self.port.read(&mut bytes, timeout)?;
            let spoilt = self.spoil(&bytes[..count]);
            self.arrived.extend(spoilt);
        }
        io::Read::read(&mut self.arrived, buffer)
    }

    fn now(&self) -> Duration {
        self.port.now()
    }
    fn bytes_per_second(&self) -> Option<u32> {
        self.port.bytes_per_second()
    }
    fn name(&self) -> &str {
        self.port.name()
    }
}
