//! Loading an image and making sure that it is there.

use super::{RESET_MEMORY, RESET_STATE, Session, SessionError};
use nernst_spec::link::frame::crc32;
use nernst_spec::link::message::MAX_WORDS;
use nernst_spec::memory::{Address, Word};
use nernst_spec::{ArrayConfig, Image};

/// What loading did.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
pub struct LoadReport {
    /// Words of the array's memory, all of them covered by digests.
    pub words: usize,
    /// Words that travelled: the others are 0, and the memory was cleared before.
    pub words_written: usize,
    pub digests: usize,
}

/// A gap of zero words no longer than this is sent rather than begun anew: a frame costs about as much as two words.
const LONGEST_GAP: usize = 2;

impl Session {
    /// Replaces all that is in the array by an image and verifies every word by digests. `progress` is told words done and
    /// words in all.
    pub fn load(&mut self, image: &Image, mut progress: impl FnMut(usize, usize)) -> Result<LoadReport, SessionError> {
        self.fits(image)?;
        self.reset(RESET_STATE | RESET_MEMORY)?;
        let blocks = image.blocks();
        let words: usize = blocks.iter().map(|(_, words)| words.len()).sum();
        let (mut done, mut words_written) = (0, 0);
        for (first, block) in &blocks {
            for (offset, run) in runs(block) {
                self.write(first.offset(offset), run)?;
                words_written += run.len();
            }
            done += block.len();
            progress(done, words);
        }
        self.verify(image, &blocks)?;
        Ok(LoadReport { words, words_written, digests: blocks.len() })
    }

    /// Whether the image is for an array of this shape.
    pub fn fits(&self, image: &Image) -> Result<(), SessionError> {
        let board = &self.identity().config;
        if image.config.cores == board.cores && image.config.inputs == board.inputs {
            return Ok(());
        }
        Err(SessionError::Geometry {
            port: self.port_name(),
            image: image.name.clone(),
            expected: shape(&image.config),
            found: shape(board),
        })
    }

    fn verify(&mut self, image: &Image, blocks: &[(Address, Vec<Word>)]) -> Result<(), SessionError> {
        for (first, words) in blocks {
            // The largest block, a table of 4,096 routes, is far below what the count can say.
            self.post_digest(*first, words.len() as u16)?;
        }
        let mut wrong = None;
        for (first, words) in blocks {
            if self.take_digest()? != digest(words) {
                wrong.get_or_insert((*first, words.len()));
            }
        }
        match wrong {
            None => Ok(()),
            Some((address, words)) => {
                Err(SessionError::Verify { port: self.port_name(), image: image.name.clone(), address, words })
            }
        }
    }
}

/// What a board's digest of these words is.
pub(crate) fn digest(words: &[Word]) -> u32 {
    crc32(&words.iter().flat_map(|word| word.to_bytes()).collect::<Vec<u8>>())
}

/// Stretches that hold the words other than 0, each at most a frame long, with their offsets.
fn runs(words: &[Word]) -> Vec<(usize, &[Word])> {
    let mut runs: Vec<std::ops::Range<usize>> = vec![];
    for index in (0..words.len()).filter(|&index| words[index] != Word::default()) {
        match runs.last_mut() {
            Some(run) if index - run.end <= LONGEST_GAP && index + 1 - run.start <= MAX_WORDS => run.end = index + 1,
            _ => runs.push(index..index + 1),
        }
    }
    runs.into_iter().map(|run| (run.start, &words[run])).collect()
}

/// The shape of an array in a few words.
pub(crate) fn shape(config: &ArrayConfig) -> String {
    let mut groups: Vec<(usize, nernst_spec::CoreConfig)> = vec![];
    for &core in &config.cores {
        match groups.last_mut() {
            Some((count, last)) if *last == core => *count += 1,
            _ => groups.push((1, core)),
        }
    }
    let in_words = |(count, core): &(usize, nernst_spec::CoreConfig)| {
        let banks = if core.banks > 1 { format!(" in {} banks", core.banks) } else { String::new() };
        let chain = if core.chain { " that can be chained" } else { "" };
        format!("{count} x {} tiles {}{banks}{chain}", core.tiles, core.weight_bits)
    };
    let groups: Vec<_> = groups.iter().map(in_words).collect();
    format!("`{}` ({}, {} inputs)", config.name, groups.join(" + "), config.inputs)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn runs_hold_every_word_that_is_not_zero(bits in proptest::collection::vec(prop_oneof![3 => Just(0u64), 1 => 1u64..9], 0..300)) {
            let words: Vec<Word> = bits.iter().map(|&bits| Word::new(bits)).collect();
            let mut rebuilt = vec![Word::default(); words.len()];
            for (offset, run) in runs(&words) {
                prop_assert!(run.len() <= MAX_WORDS);
                rebuilt[offset..][..run.len()].copy_from_slice(run);
            }
            prop_assert_eq!(rebuilt, words);
        }
    }
}
