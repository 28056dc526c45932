//! Boards behind a line whose bytes take time. The clock is simulated: it goes on by bytes on the line and by waiting.

use crate::bench::BenchError;
use crate::port::Port;
use crate::stack::with_large_stack;
use nernst_sim::virtual_board::{Line, Options};
use nernst_sim::{Activity, Board, VirtualBoard};
use nernst_spec::ArrayConfig;
use std::collections::VecDeque;
use std::io::{self, Read};
use std::time::Duration;

/// Bits of a byte on the line: 8N1.
pub const BITS: u64 = 10;
/// Bytes in whose time the board and the host look at the line. Fewer cost time of the machine that simulates; more make both ends slower to
/// notice what has come: this is a sixteenth of the longest frame.
const STEP_BYTES: u64 = 16;
/// Simulated time after which whoever still waits has been waiting for ever.
const LIMIT: Duration = Duration::from_secs(3600);

/// Any board, which takes no time itself, behind a line of a baud rate.
///
/// Bytes of each direction follow each other without a gap as long as there are some, and the two do not disturb each other.
pub struct LineRate<B> {
    name: String,
    board: B,
    baud: u32,
    /// Nanoseconds since the start.
    now: u64,
    to_board: Direction,
    from_board: Direction,
    input: VecDeque<u8>,
    output: VecDeque<u8>,
}

/// Bytes with the time at which they are through.
#[derive(Default)]
struct Direction {
    bytes: VecDeque<(u64, u8)>,
    free_at: u64,
}

impl Direction {
    fn send(&mut self, now: u64, byte: u8, time: u64) {
        self.free_at = self.free_at.max(now) + time;
        self.bytes.push_back((self.free_at, byte));
    }
    fn arrived(&mut self, now: u64) -> Option<u8> {
        self.bytes.pop_front_if(|(time, _)| *time <= now).map(|(_, byte)| byte)
    }
}

impl<B: Board> LineRate<B> {
    /// `baud`: bits a second, at least 1.
    pub fn new(name: &str, board: B, baud: u32) -> Self {
        Self {
            name: name.into(),
            board,
            baud: baud.max(1),
            now: 0,
            to_board: Direction::default(),
            from_board: Direction::default(),
            input: VecDeque::new(),
            output: VecDeque::new(),
        }
    }

    fn byte_time(&self) -> u64 {
        BITS * 1_000_000_000 / u64::from(self.baud)
    }

    /// Gives the board what has come to it, and puts on the line what it says. Returns whether nothing is on its way.
    fn settle(&mut self) -> io::Result<bool> {
        while let Some(byte) = self.to_board.arrived(self.now) {
            self.input.push_back(byte);
        }
        while self.board.exchange(&mut self.input, &mut self.output)? == Activity::Busy {}
        let time = self.byte_time();
        for byte in self.output.drain(..) {
            self.from_board.send(self.now, byte, time);
        }
        Ok(self.to_board.bytes.is_empty() && self.from_board.bytes.is_empty())
    }
}

impl<B: Board + Send> Port for LineRate<B> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        let time = self.byte_time();
        bytes.iter().for_each(|&byte| self.to_board.send(self.now, byte, time));
        Ok(())
    }

    fn read(&mut self, buffer: &mut [u8], timeout: Duration) -> io::Result<usize> {
        let deadline = self.now + timeout.as_nanos() as u64;
        loop {
            let silent = self.settle()?;
            let mut count = 0;
            while count < buffer.len()
                && let Some(byte) = self.from_board.arrived(self.now)
            {
                buffer[count] = byte;
                count += 1;
            }
            if count > 0 || self.now >= deadline {
                return Ok(count);
            }
            if self.now() > LIMIT {
                return Err(io::Error::new(io::ErrorKind::TimedOut, "no end within an hour of simulated time"));
            }
            self.now = if silent { deadline } else { deadline.min(self.now + STEP_BYTES * self.byte_time()) };
        }
    }

    fn now(&self) -> Duration {
        Duration::from_nanos(self.now)
    }
    fn bytes_per_second(&self) -> Option<u32> {
        Some(self.baud / BITS as u32)
    }
    fn name(&self) -> &str {
        &self.name
    }
}

/// The RTL of a chip with its UART, bit by bit. Its clock is that of the chip; where that has nothing to do, waiting takes no clocks.
pub struct Uart {
    name: String,
    board: VirtualBoard,
    clock_hz: u32,
    clocks_per_bit: u32,
    skipped: Duration,
    input: VecDeque<u8>,
    output: VecDeque<u8>,
}

impl Uart {
    /// The chip of a configuration, with the bit nearest to `baud` that is a whole number of clocks.
    pub fn start(config: &ArrayConfig, baud: u32) -> Result<Self, BenchError> {
        let clocks_per_bit = (f64::from(config.clock_hz) / f64::from(baud.max(1))).round() as u32;
        let options = Options { line: Line::Uart { clocks_per_bit }, ..Options::default() };
        let board = with_large_stack(|| VirtualBoard::new(config, &options))??;
        let (input, output) = Default::default();
        let (name, clock_hz) = ("RTL with its UART".into(), config.clock_hz);
        Ok(Self { name, board, clock_hz, clocks_per_bit, skipped: Duration::ZERO, input, output })
    }

    /// Bits a second.
    pub fn baud(&self) -> u32 {
        self.clock_hz / self.clocks_per_bit
    }
}

impl Port for Uart {
    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.input.extend(bytes);
        Ok(())
    }

    fn read(&mut self, buffer: &mut [u8], timeout: Duration) -> io::Result<usize> {
        let deadline = self.now() + timeout;
        while self.output.is_empty() {
            let activity = self.board.exchange(&mut self.input, &mut self.output)?;
            if !self.output.is_empty() {
                break;
            }
            let now = self.now();
            if activity == Activity::Quiet {
                self.skipped += deadline.saturating_sub(now);
            }
            if activity == Activity::Quiet || now >= deadline {
                return Ok(0);
            }
        }
        self.output.read(buffer)
    }

    fn now(&self) -> Duration {
        // Whole seconds apart, so that no product overflows.
        let (clocks, hz) = (self.board.clocks(), u64::from(self.clock_hz));
        self.skipped + Duration::from_secs(clocks / hz) + Duration::from_nanos(clocks % hz * 1_000_000_000 / hz)
    }
    fn bytes_per_second(&self) -> Option<u32> {
        Some(self.baud() / BITS as u32)
    }
    fn name(&self) -> &str {
        &self.name
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use nernst_sim::BoardError;

    /// Says back what it hears.
    struct Echo;
    impl Board for Echo {
        fn exchange(&mut self, input: &mut VecDeque<u8>, output: &mut VecDeque<u8>) -> Result<Activity, BoardError> {
            output.extend(input.drain(..));
            Ok(Activity::Quiet)
        }
    }

    #[test]
    fn bytes_take_their_time_in_each_direction() {
        // A byte takes a millisecond.
        let mut port = LineRate::new("echo", Echo, 10_000);
        port.write(&[1; 100]).unwrap();
        let mut buffer = [0; 200];
        let mut came = 0;
        while came < 100 {
            came += port.read(&mut buffer, Duration::from_secs(10)).unwrap();
        }
        let time = port.now().as_millis() as u64;
        assert!((101..=101 + 2 * STEP_BYTES).contains(&time), "{time} ms");
        // Silence passes at once, and no longer than was asked for.
        assert_eq!(port.read(&mut buffer, Duration::from_secs(5)).unwrap(), 0);
        assert_eq!(port.now().as_millis() as u64, time + 5000);
    }
}
