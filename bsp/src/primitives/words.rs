//! What a memory holds.

use super::ContentsError;
use std::fmt::Write as _;

/// Words of a memory: those at power-up, and in the Rust model those of now.
pub(super) struct Words {
    now: Vec<u64>,
    initial: Vec<u64>,
    width: usize,
}

impl Words {
    /// `depth` words of `width` bits (at most 63), all 0.
    pub(super) fn zero(depth: usize, width: usize) -> Self {
        Self { now: vec![0; depth], initial: vec![0; depth], width }
    }

    /// The same with initial contents; words that are not given are 0.
    pub(super) fn with_contents(contents: &[u64], depth: usize, width: usize) -> Result<Self, ContentsError> {
        let initial = filled(contents, depth, width)?;
        Ok(Self { now: initial.clone(), initial, width })
    }

    /// The word of now; addresses go round.
    pub(super) fn get(&self, address: usize) -> u64 {
        self.now[address % self.now.len()]
    }

    /// Changes the word of now to the lowest bits of `word`.
    pub(super) fn set(&mut self, address: usize, word: u64) {
        let at = address % self.now.len();
        self.now[at] = word & ((1 << self.width) - 1);
    }

    /// The words at power-up.
    pub(super) fn initial(&self) -> &[u64] {
        &self.initial
    }

    /// `initial` assignments of a memory called `mem`.
    pub(super) fn verilog(&self) -> String {
        verilog_contents(&self.initial, self.width)
    }
}

/// Checks initial contents and fills them up with zeros.
fn filled(contents: &[u64], depth: usize, width: usize) -> Result<Vec<u64>, ContentsError> {
    if contents.len() > depth {
        return Err(ContentsError::TooMany { words: contents.len(), depth });
    }
    let too_wide = contents.iter().position(|&value| width < 64 && value >> width != 0);
    if let Some(address) = too_wide {
        return Err(ContentsError::TooWide { address, value: contents[address], width });
    }
    let mut words = contents.to_vec();
    words.resize(depth, 0);
    Ok(words)
}

/// `initial` assignments of a memory called `mem`: zeros, then every word that is not zero.
fn verilog_contents(words: &[u64], width: usize) -> String {
    let mut text = format!("  for (i = 0; i < {}; i = i + 1) mem[i] = {width}'h0;\n", words.len());
    for (address, word) in words.iter().enumerate().filter(|(_, word)| **word != 0) {
        let _ = writeln!(text, "  mem[{address}] = {width}'h{word:x};");
    }
    text
}
