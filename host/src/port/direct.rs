//! A board in this process, without an operating system between.

use super::{Port, SIMULATED};
use nernst_sim::{Activity, Board};
use std::collections::VecDeque;
use std::io::{self, Read};
use std::time::{Duration, Instant};

/// A port straight to a [`Board`].
///
/// Its clock is that of the wall, advanced by all the time that somebody waited for a board that had nothing to say.
pub struct Direct<B> {
    name: String,
    board: B,
    input: VecDeque<u8>,
    output: VecDeque<u8>,
    opened: Instant,
    skipped: Duration,
}

impl<B: Board> Direct<B> {
    pub fn new(name: &str, board: B) -> Self {
        Self {
            name: name.into(),
            board,
            input: VecDeque::new(),
            output: VecDeque::new(),
            opened: Instant::now(),
            skipped: Duration::ZERO,
        }
    }

    pub fn board(&self) -> &B {
        &self.board
    }
    pub fn board_mut(&mut self) -> &mut B {
        &mut self.board
    }
}

impl<B: Board + Send> Port for Direct<B> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.input.extend(bytes);
        Ok(())
    }

    fn read(&mut self, buffer: &mut [u8], timeout: Duration) -> io::Result<usize> {
        let since = Instant::now();
        while self.output.is_empty() {
            let activity = self.board.exchange(&mut self.input, &mut self.output)?;
            if !self.output.is_empty() {
                break;
            }
            if activity == Activity::Quiet {
                self.skipped += timeout.saturating_sub(since.elapsed());
                return Ok(0);
            }
            if since.elapsed() >= timeout {
                return Ok(0);
            }
        }
        self.output.read(buffer)
    }

    fn now(&self) -> Duration {
        self.opened.elapsed() + self.skipped
    }

    fn bytes_per_second(&self) -> Option<u32> {
        SIMULATED
    }

    fn name(&self) -> &str {
        &self.name
    }
}
