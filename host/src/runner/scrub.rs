//! Watching over the memory of a board while it runs: what was loaded and does not change is digested by the board, piece by piece behind the samples; a
//! word that has changed is found, told and written again.
//!
//! Membranes, events on their way and the parameters that one of several contexts has in its lanes are state: they change, and are compared with the
//! reference model instead.

use super::{RunError, Runner};
use crate::session::digest;
use nernst_spec::memory::{Address, Space, Word};
use nernst_spec::{Contexts, CoreConfig, Image};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::fmt;

/// Words that one digest is of, at most: a tile's rows of one bank. At nine clocks each, besides those of the array, that is the time of a few samples.
const PIECE: usize = 512;

/// What watching over the memory found.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scrubbed {
    /// Words that are watched.
    pub words: usize,
    /// Digests of all of them.
    pub pieces: usize,
    /// Digests that were compared.
    pub digests: u64,
    /// Every word that had changed, in the order in which they were found. All of them were written again.
    pub upsets: Vec<Upset>,
    /// Digests that differed although every word was right when it was read.
    pub vanished: u64,
}

/// A word that had changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Upset {
    /// As the link has it: [`Address`].
    pub address: u32,
    /// The same in words.
    pub place: String,
    /// What was loaded.
    pub loaded: u64,
    /// What was found instead.
    pub found: u64,
    /// The samples in which it may have been wrong: from the first behind the last digest that was right to the last that was run.
    pub samples: [u64; 2],
}

impl fmt::Display for Upset {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let Self { place, loaded, found, samples: [first, last], .. } = self;
        let bits = (loaded ^ found).count_ones();
        let plural = if bits == 1 { "bit" } else { "bits" };
        write!(f, "{place}: {found:#011x} instead of {loaded:#011x} ({bits} {plural}), ")?;
        match first > last {
            true => write!(f, "after the last sample"),
            false => write!(f, "in samples {first} to {last} or some of them"),
        }
    }
}

impl fmt::Display for Scrubbed {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let Self { words, pieces, digests, upsets, vanished } = self;
        let passes = *digests as f64 / (*pieces).max(1) as f64;
        write!(f, "{words} words by {digests} digests ({passes:.1} of each): ")?;
        match upsets.len() {
            0 => write!(f, "no word had changed")?,
            1 => write!(f, "1 word had changed, and was written again")?,
            count => write!(f, "{count} words had changed, and were written again")?,
        }
        if *vanished > 0 {
            write!(f, "; {vanished} digests differed where every word was right when it was read")?;
        }
        for upset in upsets {
            write!(f, "\n            {upset}")?;
        }
        Ok(())
    }
}

/// Consecutive words that do not change, and when they were last known to be right.
struct Piece {
    first: Address,
    words: Vec<Word>,
    digest: u32,
    /// Samples that had been run then.
    right_after: u64,
}

/// The watch over an image in a board.
pub(super) struct Scrub {
    pieces: Vec<Piece>,
    /// Digests behind each sample.
    each: usize,
    next: usize,
    /// Pieces whose digest was wrong.
    wrong: BTreeSet<usize>,
    scrubbed: Scrubbed,
}

impl Scrub {
    fn new(image: &Image, each: usize) -> Self {
        let pieces = constant(image);
        let words = pieces.iter().map(|piece| piece.words.len()).sum();
        let scrubbed = Scrubbed { words, pieces: pieces.len(), ..Scrubbed::default() };
        let each = each.min(pieces.len());
        Self { pieces, each, next: 0, wrong: BTreeSet::new(), scrubbed }
    }

    /// The pieces whose turn it is.
    fn turn(&mut self) -> Vec<usize> {
        let first = self.next;
        self.next = (first + self.each) % self.pieces.len();
        (first..first + self.each).map(|piece| piece % self.pieces.len()).collect()
    }
}

/// What of an image stays in a board as it was loaded.
fn constant(image: &Image) -> Vec<Piece> {
    let changes = |address: Address| {
        let of_core = |number: usize| (image.cores[number].contexts, &image.config.cores[number]);
        match (address.space(), of_core(address.core())) {
            (_, (Contexts::ONE, _)) => false,
            (Some(Space::Parameters), _) => true,
            (Some(Space::Weights), (contexts, shape)) => is_membrane(contexts, shape, address.row()),
            _ => false,
        }
    };
    let mut pieces = vec![];
    for (first, words) in image.blocks() {
        let mut words = words.into_iter().enumerate().map(|(offset, word)| (first.offset(offset), word)).peekable();
        while let Some((first, word)) = words.next() {
            if changes(first) {
                continue;
            }
            let mut piece = vec![word];
            while let Some((_, word)) = words.next_if(|(address, _)| piece.len() < PIECE && !changes(*address)) {
                piece.push(word);
            }
            pieces.push(Piece { first, digest: digest(&piece), words: piece, right_after: 0 });
        }
    }
    pieces
}

fn is_membrane(contexts: Contexts, shape: &CoreConfig, row: usize) -> bool {
    let context = contexts.of_row(row);
    (0..shape.lanes()).any(|lane| contexts.membrane_row(shape, context, lane) == row)
}

impl Runner<'_> {
    /// Watches over the memory: behind each sample so many digests, of the pieces whose turn it is, and all of them in [`Runner::finish`]. Words that have
    /// changed are written again before the next sample is sent.
    pub fn scrub(&mut self, each: usize) {
        self.scrub = Some(Scrub::new(self.image, each));
    }

    /// What that found so far; `None` where the memory is not watched.
    pub fn scrubbed(&self) -> Option<&Scrubbed> {
        self.scrub.as_ref().map(|scrub| &scrub.scrubbed)
    }

    /// Whether something is to be repaired before anything else is run.
    pub(super) fn has_found(&self) -> bool {
        self.scrub.as_ref().is_some_and(|scrub| !scrub.wrong.is_empty())
    }

    /// Asks for the digests behind a sample.
    pub(super) fn post_scrub(&mut self) -> Result<Vec<usize>, RunError> {
        let Some(scrub) = &mut self.scrub else { return Ok(vec![]) };
        let turn = scrub.turn();
        self.post_digests(&turn)?;
        Ok(turn)
    }

    fn post_digests(&mut self, numbers: &[usize]) -> Result<(), RunError> {
        let Some(scrub) = &self.scrub else { return Ok(()) };
        for piece in numbers.iter().map(|&number| &scrub.pieces[number]) {
            // No piece is longer than a count can say.
            self.session.post_digest(piece.first, piece.words.len() as u16)?;
        }
        Ok(())
    }

    /// Takes the digests behind a sample, after which so many had been run.
    pub(super) fn take_scrub(&mut self, numbers: &[usize], samples: u64) -> Result<(), RunError> {
        let Some(scrub) = &mut self.scrub else { return Ok(()) };
        for &number in numbers {
            let piece = &mut scrub.pieces[number];
            scrub.scrubbed.digests += 1;
            if self.session.take_digest()? != piece.digest {
                scrub.wrong.insert(number);
            } else if !scrub.wrong.contains(&number) {
                piece.right_after = samples;
            }
        }
        Ok(())
    }

    /// Looks at all of the memory once more.
    pub(super) fn scrub_all(&mut self) -> Result<(), RunError> {
        let Some(scrub) = &self.scrub else { return Ok(()) };
        let all: Vec<usize> = (0..scrub.pieces.len()).collect();
        self.post_digests(&all)?;
        self.take_scrub(&all, self.samples)?;
        self.repair()
    }

    /// Finds what has changed in the pieces that were wrong, and writes it again. Nothing else may be under way.
    pub(super) fn repair(&mut self) -> Result<(), RunError> {
        let Some(scrub) = &mut self.scrub else { return Ok(()) };
        while let Some(number) = scrub.wrong.pop_first() {
            let piece = &mut scrub.pieces[number];
            let found = self.session.read(piece.first, piece.words.len())?;
            let differ = piece.words.iter().zip(found).enumerate().filter(|(_, (loaded, found))| *loaded != found);
            let upsets: Vec<Upset> = differ
                .map(|(offset, (loaded, found))| {
                    let address = piece.first.offset(offset);
                    Upset {
                        address: address.0,
                        place: address.to_string(),
                        loaded: loaded.bits(),
                        found: found.bits(),
                        // The first sample that was not over when it was right; numbers count from 0.
                        samples: [piece.right_after, self.samples.saturating_sub(1)],
                    }
                })
                .collect();
            for upset in &upsets {
                self.session.write(Address(upset.address), &[Word::new(upset.loaded)])?;
            }
            scrub.scrubbed.vanished += u64::from(upsets.is_empty());
            let first = upsets.first().map(|upset| upset.place.clone());
            scrub.scrubbed.upsets.extend(upsets);
            if self.session.digest(piece.first, piece.words.len() as u16)? != piece.digest {
                return Err(RunError::Stuck {
                    port: self.session.port_name(),
                    place: first.unwrap_or_else(|| piece.first.to_string()),
                });
            }
            scrub.scrubbed.digests += 1;
            piece.right_after = self.samples;
        }
        Ok(())
    }
}
