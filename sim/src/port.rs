//! Any board as a port in this process: no thread, no operating system.

use crate::board::{Activity, Board, BoardError};
use std::collections::VecDeque;
use std::io::{self, Read, Write};
use std::time::{Duration, Instant};

/// `Read + Write` over a [`Board`].
///
/// The board works inside [`Read::read`] and [`Write::flush`]. A read returns as soon as there are bytes. When the board
/// is quiet and has said nothing, a read fails with [`io::ErrorKind::TimedOut`] at once, for waiting would bring nothing;
/// while the board works, it fails so after the timeout.
#[derive(Debug)]
pub struct BoardPort<B> {
    board: B,
    input: VecDeque<u8>,
    output: VecDeque<u8>,
    timeout: Duration,
}

impl<B: Board> BoardPort<B> {
    /// How long a read waits for a board that works but says nothing, unless it is set.
    pub const TIMEOUT: Duration = Duration::from_secs(1);

    pub fn new(board: B) -> Self {
        Self { board, input: VecDeque::new(), output: VecDeque::new(), timeout: Self::TIMEOUT }
    }

    /// Sets how long a read waits for a board that works but says nothing.
    pub fn set_timeout(&mut self, timeout: Duration) {
        self.timeout = timeout;
    }
    pub fn board(&self) -> &B {
        &self.board
    }
    pub fn board_mut(&mut self) -> &mut B {
        &mut self.board
    }
    pub fn into_board(self) -> B {
        self.board
    }
    /// Bytes that a read returns without asking the board.
    pub fn bytes_to_read(&self) -> usize {
        self.output.len()
    }

    fn exchange(&mut self) -> Result<Activity, BoardError> {
        self.board.exchange(&mut self.input, &mut self.output)
    }
}

impl<B: Board> Read for BoardPort<B> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        let mut since = None;
        while self.output.is_empty() {
            let activity = self.exchange()?;
            let waited = since.get_or_insert_with(Instant::now).elapsed();
            if self.output.is_empty() && (activity == Activity::Quiet || waited >= self.timeout) {
                return Err(io::Error::new(io::ErrorKind::TimedOut, "the virtual board has nothing to say"));
            }
        }
        self.output.read(buffer)
    }
}

impl<B: Board> Write for BoardPort<B> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.input.extend(bytes);
        Ok(bytes.len())
    }

    /// Lets the board work until it has taken what was written.
    fn flush(&mut self) -> io::Result<()> {
        let since = Instant::now();
        while !self.input.is_empty() {
            self.exchange()?;
            if since.elapsed() >= self.timeout {
                return Err(io::Error::new(
                    io::ErrorKind::TimedOut,
                    "the virtual board does not take what was written",
                ));
            }
        }
        Ok(())
    }
}
