//! What a host says to do a thing, as steps of a script.

use super::Step;
use nernst_spec::ledger;
use nernst_spec::link::Command;
use nernst_spec::link::message::{MAX_WORDS, RESET_LEDGER, RESET_MEMORY, RESET_STATE};
use nernst_spec::link::stream::{Train, encode};
use nernst_spec::memory::Address;
use nernst_spec::{ArrayConfig, Image};

impl Step {
    /// Resets everything and writes all words of an image that are not 0.
    pub fn load(image: &Image) -> Vec<Self> {
        let mut steps = vec![Self::Command(Command::Reset { flags: RESET_STATE | RESET_LEDGER | RESET_MEMORY })];
        for (first, words) in image.blocks() {
            let mut at = 0;
            for run in words.chunk_by(|a, b| (a.bits() != 0) == (b.bits() != 0)) {
                let frames = run.chunks(MAX_WORDS).enumerate().filter(|_| run[0].bits() != 0);
                steps.extend(frames.map(|(frame, words)| {
                    let address = first.offset(at + frame * MAX_WORDS);
                    Self::Command(Command::Write { address, words: words.to_vec() })
                }));
                at += run.len();
            }
        }
        steps
    }

    /// Runs ticks, each with spikes on these input lines.
    pub fn ticks(config: &ArrayConfig, ticks: &[Vec<u16>]) -> Vec<Self> {
        let payloads = encode(Train::to_board(config), ticks).into_iter().map(|(payload, _)| payload);
        payloads.map(|payload| Self::Command(Command::Stream(payload))).collect()
    }

    /// Reads words.
    pub fn read(first: Address, count: usize) -> Vec<Self> {
        let part = |at: usize| Command::Read { address: first.offset(at), count: MAX_WORDS.min(count - at) as u8 };
        (0..count).step_by(MAX_WORDS).map(|at| Self::Command(part(at))).collect()
    }

    /// Reads the ledger as it was at the last snapshot.
    pub fn read_ledger(config: &ArrayConfig) -> Vec<Self> {
        Self::read(Address::ledger(0), ledger::words(config))
    }
}
