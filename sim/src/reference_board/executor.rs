//! Executes commands on the model, one step at a time.

use super::replies::Replies;
use super::wire::NoCommand;
use crate::model::{AccessError, ReferenceArray};
use nernst_spec::encoding::{self, Encoder as ValueEncoder};
use nernst_spec::link::message::{RESET_MEMORY, RESET_STATE, Refusal};
use nernst_spec::link::stream::{Adaptation, Decoder, Encoder, Event, Train};
use nernst_spec::link::{Command, Reply, Values};
use nernst_spec::memory::{Address, Word};
use nernst_spec::{ArrayConfig, Identity, link::frame::crc32};
use std::collections::VecDeque;

/// A numbered frame that waits in the receive buffer.
#[derive(Clone, Debug)]
pub(super) struct Queued {
    pub kind: u8,
    pub command: Result<Command, NoCommand>,
    /// Bytes of the receive buffer that it takes.
    pub taken: usize,
}

/// How far the command that is executed has come, and what is kept from one to the next.
#[derive(Clone, Debug)]
pub(super) struct Executor {
    /// Words of a digest that are done.
    done: usize,
    /// Bytes of the words of a digest.
    digest: Vec<u8>,
    /// What is still to be done of a stream that was begun.
    events: Option<VecDeque<Event>>,
    /// The ticks behind those events, where they are made of values: of the lines up to this one.
    coming: Option<(ValueEncoder, usize)>,
    /// Payloads for the host that are in no frame yet.
    payloads: VecDeque<Vec<u8>>,
    /// Why the stream ended early.
    refusal: Option<(Refusal, u32)>,
    decoder: Decoder,
    encoder: Encoder,
    /// Of each line that has one.
    values: Vec<u8>,
}

impl Executor {
    /// As after power-up.
    pub fn new(config: &ArrayConfig) -> Self {
        let to_host = Train::to_host(config);
        Self {
            done: 0,
            digest: vec![],
            events: None,
            coming: None,
            payloads: VecDeque::new(),
            refusal: None,
            decoder: Decoder::new(Train::to_board(config)),
            encoder: Encoder::new(to_host, Adaptation::limit(&to_host)),
            values: vec![0; encoding::lines(config)],
        }
    }

    /// As after a synchronisation.
    pub fn restart(&mut self, config: &ArrayConfig) {
        *self = Self { values: std::mem::take(&mut self.values), ..Self::new(config) };
    }

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
                if flags & RESET_STATE != 0 {
                    self.decoder.restart();
                }
                if flags & RESET_MEMORY != 0 {
                    self.values.fill(0);
                }
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
            Ok(command @ (Command::Stream(_) | Command::Encode(_))) => match self.stream_step(command, array) {
                Step::More => return false,
                Step::Frame(payload) => {
                    replies.push(Reply::Stream(payload));
                    return false;
                }
                Step::End => {
                    (self.events, self.coming) = (None, None);
                    self.refusal.take().map(error)
                }
            },
        };
        reply.into_iter().for_each(|reply| replies.push(reply));
        self.done = 0;
        self.digest.clear();
        true
    }

    /// Stores values, and begins with the ticks in which they become spikes.
    fn begin_encode(&mut self, values: &Values) {
        let to = self.values.iter_mut().skip(values.first.into());
        to.zip(&values.values).for_each(|(to, &value)| *to = value);
        let lines = values.end().min(self.values.len());
        self.coming = Some((ValueEncoder::new(values.code, values.ticks), lines));
        self.decoder.restart();
    }

    /// The next of what a stream says.
    fn next_event(&mut self, command: &Command) -> Option<Event> {
        if self.events.is_none() {
            let events = match command {
                Command::Stream(payload) => self.decoder.read(payload).into(),
                Command::Encode(values) => {
                    self.begin_encode(values);
                    VecDeque::new()
                }
                _ => VecDeque::new(),
            };
            self.events = Some(events);
        }
        let events = self.events.as_mut()?;
        if let (true, Some((encoder, lines))) = (events.is_empty(), &mut self.coming)
            && let Some(spikes) = encoder.tick(&self.values[..*lines])
        {
            events.extend(spikes.into_iter().map(Event::Spike).chain([Event::Tick]));
        }
        events.pop_front()
    }

    /// One tick or input spike of a stream, or one frame of what came out of it.
    fn stream_step(&mut self, command: &Command, array: &mut ReferenceArray) -> Step {
        if let Some(payload) = self.payloads.pop_front() {
            return Step::Frame(payload);
        }
        let event = if self.refusal.is_some() { None } else { self.next_event(command) };
        let Some(event) = event else {
            self.payloads.extend(self.encoder.finish());
            return self.payloads.pop_front().map_or(Step::End, Step::Frame);
        };
        if array.is_stopped() {
            self.refusal = Some((Refusal::Budget, 0));
            self.decoder.restart();
            return Step::More;
        }
        match event {
            Event::Spike(line) => self.refusal = array.input(line).err().map(refusal),
            // To the board none is.
            Event::Late => {}
            Event::Tick => {
                let spikes = array.tick();
                // An array has up to 4,096 neurons.
                let turn = |neuron: u16| array.config().turn_of(neuron.into()) as u16;
                let mut turns: Vec<u16> = spikes.into_iter().map(turn).collect();
                turns.sort_unstable();
                turns.into_iter().for_each(|turn| self.encoder.spike(turn));
                self.encoder.tick();
                self.payloads.extend(self.encoder.take_whole());
            }
        }
        Step::More
    }
}

enum Step {
    More,
    Frame(Vec<u8>),
    End,
}

/// Writes words up to the first that cannot be.
fn write(array: &mut ReferenceArray, first: Address, words: &[Word]) -> Result<(), (Refusal, u32)> {
    let mut words = words.iter().enumerate().map(|(offset, word)| (first.offset(offset), *word));
    // What has no clock is at any pace in time.
    words
        .try_for_each(|(address, word)| if address == Address::PACE { Ok(()) } else { array.write(address, word) })
        .map_err(refusal)
}

fn read(array: &ReferenceArray, first: Address, count: usize) -> Result<Vec<Word>, (Refusal, u32)> {
    (0..count).map(|offset| array.read(first.offset(offset)).map_err(refusal)).collect()
}

fn refusal(error: AccessError) -> (Refusal, u32) {
    match error {
        AccessError::Missing(address) | AccessError::ReadOnly(address) => (Refusal::Address, address.0),
        // A train has no place beyond the lines.
        AccessError::Input { line, .. } => (Refusal::Address, Address::input(line).0),
    }
}
