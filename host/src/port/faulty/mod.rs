//! A line that loses, changes, doubles, invents, keeps back and cuts off bytes: in front of any port, repeatable by its seed.
//!
//! Time is that of the port in front of which it stands: where that one's silence is certain, what is kept back makes nobody wait.

mod kind;
mod line;
mod plan;

pub use kind::{ByFault, Fault, FaultCounts, Faults};
pub use plan::{Counting, FaultPlan, FaultPlanError, Scheduled};

use super::Port;
use line::Line;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use std::io;
use std::time::Duration;

/// A port with a faulty line.
pub struct Faulty<P> {
    port: P,
    plan: FaultPlan,
    random: StdRng,
    counts: FaultCounts,
    delivered: u64,
    /// Bytes on the way to the board and from it.
    to_board: Line,
    from_board: Line,
    /// Until then nothing leaves either line.
    stalled_until: Duration,
    disconnected: bool,
}

#[derive(Clone, Copy, PartialEq)]
enum Direction {
    ToBoard,
    FromBoard,
}

impl<P: Port> Faulty<P> {
    /// Faults by rate alone.
    pub fn new(port: P, faults: Faults, seed: u64) -> Self {
        Self::with_plan(port, FaultPlan::rates(faults, seed))
    }

    pub fn with_plan(port: P, plan: FaultPlan) -> Self {
        Self {
            port,
            random: StdRng::seed_from_u64(plan.seed),
            plan,
            counts: FaultCounts::default(),
            delivered: 0,
            to_board: Line::default(),
            from_board: Line::default(),
            stalled_until: Duration::ZERO,
            disconnected: false,
        }
    }

    /// Faults so far.
    pub fn count(&self) -> u64 {
        self.counts.total()
    }
    /// The same by kind.
    pub fn counts(&self) -> FaultCounts {
        self.counts
    }
    /// Bytes that came out of the line at the board's end: also those that nobody sent, and not those that were lost.
    pub fn delivered(&self) -> u64 {
        self.delivered
    }
    /// How often what happens to bytes from now on.
    pub fn set_faults(&mut self, faults: Faults) {
        self.plan.rates = faults;
    }
    pub fn inner(&self) -> &P {
        &self.port
    }

    /// Puts bytes on a line with what happens to them.
    fn pass(&mut self, direction: Direction, bytes: &[u8]) {
        let now = self.port.now();
        for (place, &byte) in bytes.iter().enumerate() {
            if self.disconnected {
                return;
            }
            let (mut byte, mut copies) = (byte, 1);
            for fault in Fault::ALL {
                let Some(time) = self.happens(fault, direction) else { continue };
                self.counts.add(fault);
                let flip = 1 << self.random.random_range(0..8u32);
                let invented = self.random.random();
                let line = if direction == Direction::ToBoard { &mut self.to_board } else { &mut self.from_board };
                match fault {
                    Fault::Insert => line.push(now, invented),
                    Fault::Drop => copies = 0,
                    Fault::Flip => byte ^= flip,
                    Fault::Duplicate => copies *= 2,
                    Fault::Delay => line.delay(now + time),
                    // A transfer that begins with it breaks nowhere.
                    Fault::Tear if place > 0 => line.tear(),
                    Fault::Tear => {}
                    Fault::Stall => self.stalled_until = self.stalled_until.max(now + time),
                    Fault::Disconnect => {
                        self.disconnected = true;
                        return;
                    }
                }
            }
            let line = if direction == Direction::ToBoard { &mut self.to_board } else { &mut self.from_board };
            (0..copies).for_each(|_| line.push(now, byte));
            line.count();
        }
    }

    /// Whether this happens to the next byte, and the time that it takes, if it takes any.
    fn happens(&mut self, fault: Fault, direction: Direction) -> Option<Duration> {
        let (to, from) = (self.to_board.counted(), self.from_board.counted());
        let is_due = |scheduled: &Scheduled| {
            scheduled.fault == fault
                && match scheduled.counting {
                    Counting::Both => scheduled.after == to + from,
                    Counting::ToBoard => direction == Direction::ToBoard && scheduled.after == to,
                    Counting::FromBoard => direction == Direction::FromBoard && scheduled.after == from,
                }
        };
        let usual = if fault == Fault::Stall { self.plan.stall } else { self.plan.delay };
        if let Some(due) = self.plan.schedule.iter().position(is_due) {
            // It happens once, though nothing may be counted between two looks.
            let scheduled = self.plan.schedule.swap_remove(due);
            return Some(scheduled.time.unwrap_or(usual));
        }
        let rate = self.plan.rates.of(fault);
        (rate > 0.0 && self.random.random::<f64>() < rate).then_some(usual)
    }

    /// Gives the board what has come through to it.
    fn send_due(&mut self) -> io::Result<()> {
        let now = self.port.now();
        if now < self.stalled_until {
            return Ok(());
        }
        let bytes = self.to_board.take(now, usize::MAX);
        self.delivered += bytes.len() as u64;
        if bytes.is_empty() { Ok(()) } else { self.port.write(&bytes) }
    }

    fn take_due(&mut self, buffer: &mut [u8]) -> usize {
        let now = self.port.now();
        if now < self.stalled_until {
            return 0;
        }
        let bytes = self.from_board.take(now, buffer.len());
        buffer[..bytes.len()].copy_from_slice(&bytes);
        bytes.len()
    }

    /// When the next byte that is kept back is due.
    fn next_due(&self) -> Option<Duration> {
        let next = [&self.to_board, &self.from_board].into_iter().filter_map(Line::next_due).min()?;
        Some(next.max(self.stalled_until))
    }
}

/// What an unplugged device gives.
fn gone() -> io::Error {
    io::Error::new(io::ErrorKind::BrokenPipe, "the device is gone")
}

impl<P: Port> Port for Faulty<P> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        if self.disconnected {
            return Err(gone());
        }
        self.pass(Direction::ToBoard, bytes);
        self.send_due()?;
        if self.disconnected { Err(gone()) } else { Ok(()) }
    }

    fn read(&mut self, buffer: &mut [u8], timeout: Duration) -> io::Result<usize> {
        let deadline = self.port.now() + timeout;
        loop {
            let taken = self.take_due(buffer);
            if taken > 0 {
                return Ok(taken);
            }
            if self.disconnected {
                return Err(gone());
            }
            self.send_due()?;
            let now = self.port.now();
            let until = self.next_due().map_or(deadline, |due| due.min(deadline));
            let mut bytes = vec![0; buffer.len()];
            let count = self.port.read(&mut bytes, until.saturating_sub(now))?;
            self.pass(Direction::FromBoard, &bytes[..count]);
            let taken = self.take_due(buffer);
            if taken > 0 || self.port.now() >= deadline {
                return Ok(taken);
            }
        }
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
    fn faults(&self) -> Option<FaultCounts> {
        Some(self.counts)
    }
}

#[cfg(test)]
mod tests;
