//! Executes commands on the model, one step at a time.

use super::replies::Replies;
use super::wire::NoCommand;
use crate::model::{AccessError, ReferenceArray};
use nernst_spec::link::message::{MAX_STREAM, Refusal};
use nernst_spec::link::stream::Event;
use nernst_spec::link::{Command, Reply};
use nernst_spec::memory::{Address, Word};
use nernst_spec::{Identity, link::frame::crc32};
use std::collections::VecDeque;

/// A numbered frame that waits in the receive buffer.
#[derive(Clone, Debug)]
pub(super) struct Queued {
    pub kind: u8,
    pub command: Result<Command, NoCommand>,
    /// Bytes of the receive buffer that it takes.
    pub taken: usize,
}

/// How far the command that is executed has come.
#[derive(Clone, Debug, Default)]
pub(super) struct Executor {
    /// Words of a digest, or of a stream, that are done.
    done: usize,
    /// Bytes of the words of a digest.
    digest: Vec<u8>,
    /// Ticks that the current word of a stream still runs.
    ticks: u16,
    /// Words for the host that are not in a frame yet.
    stream: VecDeque<u16>,
    /// Why the stream ended early.
    refusal: Option<(Refusal, u32)>,
}

impl Executor {
    /// Works on a command; the caller has seen that there is room for one reply. Returns whether it is finished.
    pub fn step(&mut self, queued: &Queued, array: &mut ReferenceArray, replies: &mut Replies) -> bool {
        let kind = queued.kind;
        let error = |(refusal, address): (Refusal, u32)| Reply::Error { code: refusal as u8, kind, address };
        let reply = match &queued.command {
            Err(NoCommand::Kind) => Some(error((Refusal::Kind, 0))),
            Err(NoCommand::Length) => Some(error((Refusal::Length, 0))),
            Ok(Command::Synchronise { .. } | Command::Acknowledge) => None,
            Ok(Command::Identify) => Some(Reply::Identity(Identity::new(array.config()).to_bytes())),
            Ok(Command::Reset { flags }) => {
                array.reset(*flags);
                Some(Reply::Done { kind })
            }
            Ok(Command::Snapshot) => {
                array.snapshot();
                Some(Reply::Done { kind })
            }
            Ok(Command::Write { address, words }) => write(array, *address, words).err().map(error),
            Ok(Command::Read { address, count }) => Some(match read(array, *address, *count as usize) {
                Ok(words) => Reply::Words { address: *address, words },
                Err(refused) => error(refused),
            }),
            Ok(Command::Digest { address, count }) => {
                if self.done < *count as usize {
                    match read(array, address.offset(self.done), 1) {
                        Ok(words) => {
                            self.digest.extend(words[0].to_bytes());
                            self.done += 1;
                            return false;
                        }
                        Err(refused) => Some(error(refused)),
                    }
                } else {
                    Some(Reply::Digest(crc32(&self.digest)))
                }
            }
            Ok(Command::Stream(words)) => match self.stream_step(words, array) {
                Step::More => return false,
                Step::Frame(words) => {
                    replies.push(Reply::Stream(words));
                    return false;
                }
                Step::End => self.refusal.map(error),
            },
        };
        reply.into_iter().for_each(|reply| replies.push(reply));
        *self = Self::default();
        true
    }

    /// One tick or input spike of a stream, or one frame of what came out of it.
    fn stream_step(&mut self, words: &[u16], array: &mut ReferenceArray) -> Step {
        let over = self.refusal.is_some() || (self.ticks == 0 && self.done == words.len());
        if self.stream.len() >= MAX_STREAM || (over && !self.stream.is_empty()) {
            return Step::Frame(self.stream.drain(..self.stream.len().min(MAX_STREAM)).collect());
        }
        if over {
            return Step::End;
        }
        let word = self.done < words.len() && self.ticks == 0;
        let spike = word && matches!(Event::from(words[self.done]), Event::Spike(_));
        if array.is_stopped() && (spike || self.ticks > 0) {
            self.refusal = Some((Refusal::Budget, 0));
            return Step::More;
        }
        if self.ticks > 0 {
            let ended = Event::Tick(array.tick_number() as u16);
            self.ticks -= 1;
            self.stream.extend(array.tick().into_iter().map(|neuron| u16::from(Event::Spike(neuron))));
            self.stream.push_back(ended.into());
            return Step::More;
        }
        match Event::from(words[self.done]) {
            Event::Tick(ticks) => self.ticks = ticks,
            Event::Spike(line) => self.refusal = array.input(line).err().map(refusal),
        }
        self.done += 1;
        Step::More
    }
}

enum Step {
    More,
    Frame(Vec<u16>),
    End,
}

/// Writes words up to the first that cannot be.
fn write(array: &mut ReferenceArray, first: Address, words: &[Word]) -> Result<(), (Refusal, u32)> {
    let mut words = words.iter().enumerate();
    words.try_for_each(|(offset, &word)| array.write(first.offset(offset), word)).map_err(refusal)
}

fn read(array: &ReferenceArray, first: Address, count: usize) -> Result<Vec<Word>, (Refusal, u32)> {
    (0..count).map(|offset| array.read(first.offset(offset)).map_err(refusal)).collect()
}

fn refusal(error: AccessError) -> (Refusal, u32) {
    match error {
        AccessError::Missing(address) | AccessError::ReadOnly(address) => (Refusal::Address, address.0),
        AccessError::Input { line, .. } => (Refusal::Input, line as u32),
    }
}
