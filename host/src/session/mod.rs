//! The host's side of the link to one board: typed calls, many of them under way at once.
//!
//! Every call exists in two halves: `post_...` sends the command, `take_...` waits for what it gives back. Replies come in the
//! order of the commands, so a caller posts as much as it likes and takes in the same order. The methods without a prefix do both.
//!
//! A [`Session`] holds its port until it is dropped. It never gives wrong data: what a line loses or damages is sent
//! again, and what cannot be repaired ends in a [`SessionError`].

mod error;
mod link;
mod load;
mod trains;

pub use error::SessionError;
pub use link::LinkStatistics;
pub use load::LoadReport;
pub(crate) use load::digest;
pub use trains::{TrainCount, TrainSummary, ValuesSummary};

use crate::port::{FaultCounts, Port};
use link::Link;
use nernst_spec::encoding;
use nernst_spec::link::frame::MAX_PAYLOAD;
use nernst_spec::link::message::{MAX_WORDS, Refusal};
use nernst_spec::link::stream::{Decoder, Event, Train, encode};
use nernst_spec::link::{Command, Frame, Kind, Reply, Values};
use nernst_spec::memory::{Address, Word};
use nernst_spec::{Budget, Contexts, Identity, Ledger, budget, ledger};
use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

pub use nernst_spec::link::message::{RESET_LEDGER, RESET_MEMORY, RESET_STATE};

/// A synchronised link to an identified board.
pub struct Session {
    link: Link,
    identity: Identity,
    decoder: Decoder,
    /// Spikes to the board and from it.
    trains: [TrainCount; 2],
    /// Samples that were sent as values.
    values: ValuesSummary,
    /// What the board said of ticks not yet taken.
    heard: VecDeque<Event>,
    /// Runs that were posted and not yet taken.
    runs: VecDeque<PostedRun>,
    /// Ticks of the run that was taken last that began late.
    late: Vec<usize>,
}

/// How the ticks of a run were cut into frames.
struct PostedRun {
    frames: usize,
    /// The frame in which the first spike of each tick is, or its end where it has none.
    first_frames: Vec<usize>,
}

impl Session {
    /// Synchronises with the board on a port and asks who it is.
    pub fn open(port: Box<dyn Port>) -> Result<Self, SessionError> {
        Self::open_until(port, Arc::new(AtomicBool::new(false)))
    }

    /// The same; every call ends with [`SessionError::Interrupted`] soon after `stop` has become true.
    pub fn open_until(port: Box<dyn Port>, stop: Arc<AtomicBool>) -> Result<Self, SessionError> {
        let mut link = Link::open(port, stop)?;
        link.post(&Command::Identify)?;
        let identity = match link.take()? {
            Reply::Identity(bytes) => Identity::from_bytes(&bytes)
                .map_err(|source| SessionError::Identity { port: link.port_name(), source })?,
            other => return Err(unexpected(&link, "an identity", other)),
        };
        let (to_board, to_host) = (Train::to_board(&identity.config), Train::to_host(&identity.config));
        let trains = [to_board, to_host].map(|train| TrainCount::new(train.places));
        let decoder = Decoder::new(to_host);
        let values = ValuesSummary::default();
        let (heard, runs) = (VecDeque::new(), VecDeque::new());
        Ok(Self { link, identity, decoder, trains, values, heard, runs, late: vec![] })
    }

    pub fn identity(&self) -> &Identity {
        &self.identity
    }
    /// What went over the link so far.
    pub fn statistics(&self) -> LinkStatistics {
        self.link.statistics
    }
    /// Faults that were put on the line on purpose; `None` where none are.
    pub fn faults(&self) -> Option<FaultCounts> {
        self.link.faults()
    }
    /// What the spikes to the board and from it took on the link so far.
    pub fn trains(&self) -> [TrainSummary; 2] {
        [self.trains[0].summary(), self.trains[1].summary()]
    }
    /// What samples that were sent as values took; `None` where there were none.
    pub fn values(&self) -> Option<ValuesSummary> {
        (self.values.samples > 0).then_some(self.values)
    }
    /// Name of the port for messages.
    pub fn port_name(&self) -> String {
        self.link.port_name()
    }

    /// Resets what the `RESET_...` flags say.
    pub fn reset(&mut self, flags: u8) -> Result<(), SessionError> {
        self.post_reset(flags)?;
        self.take_reset()
    }
    pub fn post_reset(&mut self, flags: u8) -> Result<(), SessionError> {
        self.link.post(&Command::Reset { flags })
    }
    pub fn take_reset(&mut self) -> Result<(), SessionError> {
        self.take_done(Kind::Reset)
    }

    /// Writes words to consecutive addresses. The board does not answer: digests tell whether they have arrived.
    pub fn write(&mut self, address: Address, words: &[Word]) -> Result<(), SessionError> {
        self.check(address, words.len())?;
        for (number, words) in words.chunks(MAX_WORDS).enumerate() {
            let address = address.offset(number * MAX_WORDS);
            self.link.post(&Command::Write { address, words: words.to_vec() })?;
        }
        Ok(())
    }

    /// Reads words from consecutive addresses.
    pub fn read(&mut self, address: Address, count: usize) -> Result<Vec<Word>, SessionError> {
        self.post_read(address, count)?;
        self.take_read(count)
    }
    pub fn post_read(&mut self, address: Address, count: usize) -> Result<(), SessionError> {
        self.check(address, count)?;
        for first in (0..count).step_by(MAX_WORDS) {
            let count = MAX_WORDS.min(count - first) as u8;
            self.link.post(&Command::Read { address: address.offset(first), count })?;
        }
        Ok(())
    }
    pub fn take_read(&mut self, count: usize) -> Result<Vec<Word>, SessionError> {
        let mut words = Vec::with_capacity(count);
        while words.len() < count {
            let due = MAX_WORDS.min(count - words.len());
            match self.link.take()? {
                Reply::Words { words: more, .. } if more.len() == due => words.extend(more),
                other => return Err(unexpected(&self.link, "words", other)),
            }
        }
        Ok(words)
    }

    /// CRC-32 of the words at consecutive addresses, computed by the board.
    pub fn digest(&mut self, address: Address, count: u16) -> Result<u32, SessionError> {
        self.post_digest(address, count)?;
        self.take_digest()
    }
    pub fn post_digest(&mut self, address: Address, count: u16) -> Result<(), SessionError> {
        self.check(address, count as usize)?;
        self.link.post(&Command::Digest { address, count })
    }
    pub fn take_digest(&mut self) -> Result<u32, SessionError> {
        match self.link.take()? {
            Reply::Digest(crc) => Ok(crc),
            other => Err(unexpected(&self.link, "a digest", other)),
        }
    }

    /// Runs one tick for each entry, with one spike on each of the input lines in it, however often it is named. Returns the array numbers of the
    /// neurons whose spikes came to the host in each tick, ascending: of fewer ticks where the [budget](Self::set_budget) was used up.
    pub fn run(&mut self, ticks: &[Vec<u16>]) -> Result<Vec<Vec<u16>>, SessionError> {
        self.post_run(ticks)?;
        self.take_run(ticks.len())
    }
    pub fn post_run(&mut self, ticks: &[Vec<u16>]) -> Result<(), SessionError> {
        let inputs = self.identity.config.inputs;
        if let Some(&line) = ticks.iter().flatten().find(|&&line| line as usize >= inputs) {
            return Err(SessionError::Input { port: self.port_name(), line, inputs });
        }
        let payloads = encode(Train::to_board(&self.identity.config), ticks);
        let mut first_frames = Vec::with_capacity(ticks.len());
        let mut begun = false;
        for (frame, (payload, events)) in payloads.iter().enumerate() {
            self.trains[0].add(payload, events);
            for event in events {
                if !std::mem::replace(&mut begun, *event != Event::Tick) {
                    first_frames.push(frame);
                }
            }
        }
        self.runs.push_back(PostedRun { frames: payloads.len(), first_frames });
        payloads.into_iter().try_for_each(|(payload, _)| self.link.post(&Command::Stream(payload)))
    }
    /// Sends a value for each of the lines from 0 on, which have spikes by a code in so many ticks, and runs so many silent ones behind. It is a run like
    /// any other: [`take_run`](Self::take_run) of all these ticks takes what comes of it.
    pub fn post_values(
        &mut self,
        code: encoding::Code,
        values: &[u8],
        ticks: u16,
        silent: usize,
    ) -> Result<(), SessionError> {
        let config = &self.identity.config;
        let lines = encoding::lines(config);
        if values.len() > lines {
            return Err(SessionError::Input { port: self.port_name(), line: lines as u16, inputs: lines });
        }
        let width = Values::width_of(values);
        let most = Values::most(width, MAX_PAYLOAD);
        let chunks = values.len().div_ceil(most).max(1);
        let frame = |chunk: usize| {
            let first = chunk * most;
            let values = values[first..(first + most).min(values.len())].to_vec();
            // Fewer than there are lines.
            let (first, count) = (first as u16, values.len() as u16);
            let ticks = if chunk + 1 == chunks { ticks } else { 0 };
            Command::Encode(Values { code, width, first, count, ticks, values })
        };
        let mut commands: Vec<Command> = (0..chunks).map(frame).collect();
        // Only a frame that runs ticks can be refused.
        let encodes = usize::from(ticks > 0);
        let mut first_frames = vec![0; ticks.into()];
        let train = Train::to_board(config);
        for (frame, (payload, events)) in encode(train, &vec![Vec::<u16>::new(); silent]).into_iter().enumerate() {
            first_frames.extend(events.iter().map(|_| encodes + frame));
            commands.push(Command::Stream(payload));
        }
        let frames = encodes + commands.len() - chunks;
        let mut spikes = code.encode(values, ticks.into());
        self.values.samples += 1;
        self.values.values += values.len() as u64;
        self.values.spikes += spikes.iter().map(Vec::len).sum::<usize>() as u64;
        self.values.bytes += commands.iter().map(on_wire).sum::<u64>();
        spikes.resize(spikes.len() + silent, vec![]);
        let as_spikes = encode(train, &spikes).into_iter().map(|(payload, _)| Command::Stream(payload));
        self.values.bytes_as_spikes += as_spikes.map(|command| on_wire(&command)).sum::<u64>();
        self.runs.push_back(PostedRun { frames, first_frames });
        commands.iter().try_for_each(|command| self.link.post(command))
    }
    pub fn take_run(&mut self, ticks: usize) -> Result<Vec<Vec<u16>>, SessionError> {
        let mut outputs = Vec::with_capacity(ticks);
        let mut spikes = vec![];
        self.late.clear();
        let run = self.runs.pop_front();
        while outputs.len() < ticks {
            let Some(event) = self.heard.pop_front() else {
                match self.link.take()? {
                    Reply::Stream(payload) => {
                        let events = self.decoder.read(&payload);
                        self.trains[1].add(&payload, &events);
                        self.heard.extend(events);
                    }
                    // The tick that is due was not begun; its frame and all behind it are refused, each by itself.
                    Reply::Error { code, kind, .. } if is_out_of_budget(code, kind) => {
                        let first = run.as_ref().and_then(|run| run.first_frames.get(outputs.len()).copied());
                        let frames = run.as_ref().map_or(0, |run| run.frames);
                        for _ in first.map_or(frames, |first| first + 1)..frames {
                            match self.link.take()? {
                                Reply::Error { code, kind, .. } if is_out_of_budget(code, kind) => {}
                                other => return Err(unexpected(&self.link, "a refusal", other)),
                            }
                        }
                        return Ok(outputs);
                    }
                    other => return Err(unexpected(&self.link, "spikes", other)),
                }
                continue;
            };
            match event {
                // Array numbers are below 4,096.
                Event::Spike(turn) => spikes.push(self.identity.config.at_turn(turn.into()) as u16),
                Event::Late => self.late.push(outputs.len()),
                Event::Tick => {
                    spikes.sort_unstable();
                    outputs.push(std::mem::take(&mut spikes));
                }
            }
        }
        Ok(outputs)
    }

    /// Gives ticks a [pace](nernst_spec::pace): from the next one on they are due so many clocks of the array apart, and those that begin later are [late](Self::late). 0: none.
    pub fn set_pace(&mut self, period: u32) -> Result<(), SessionError> {
        self.link.post(&Command::Write { address: Address::PACE, words: vec![Word::new(period.into())] })
    }

    /// Ticks of the run that was taken last that began later than their pace asked for.
    pub fn late(&self) -> &[usize] {
        &self.late
    }

    /// Gives the board a budget, which it keeps from now on: when it is used up at the end of a tick, no more are run.
    pub fn set_budget(&mut self, budget: &Budget) -> Result<(), SessionError> {
        let words = budget.words();
        self.write(Address::budget(budget::FIRST_PRICE), &words[budget::FIRST_PRICE..])?;
        self.write(Address::budget(0), &words[..budget::FIRST_PRICE])
    }

    /// What is left of the budget.
    pub fn budget_left(&mut self) -> Result<i64, SessionError> {
        self.link.post(&Command::Snapshot)?;
        self.post_read(Address::budget(0), budget::FIRST_PRICE)?;
        self.take_done(Kind::Snapshot)?;
        let mut budget = Budget::default();
        for (index, word) in self.take_read(budget::FIRST_PRICE)?.into_iter().enumerate() {
            budget.write(index, word);
        }
        Ok(budget.left)
    }

    /// Latches all counters at one moment and reads them.
    pub fn ledger(&mut self) -> Result<Ledger, SessionError> {
        self.post_ledger()?;
        self.take_ledger()
    }
    pub fn post_ledger(&mut self) -> Result<(), SessionError> {
        self.link.post(&Command::Snapshot)?;
        self.post_read(Address::ledger(0), ledger::words(&self.identity.config))
    }
    pub fn take_ledger(&mut self) -> Result<Ledger, SessionError> {
        self.take_done(Kind::Snapshot)?;
        let halves: Vec<u32> =
            self.take_read(ledger::words(&self.identity.config))?.iter().map(|word| word.low()).collect();
        // As many words as were asked for.
        Ledger::from_words(&self.identity.config, &halves).ok_or_else(|| SessionError::Unexpected {
            port: self.port_name(),
            expected: "a ledger",
            found: format!("{} words", halves.len()),
        })
    }

    /// Membranes of all neurons, by their number in the array, when the cores are loaded with so many contexts each; 0 for the
    /// numbers of contexts beyond.
    pub fn membranes(&mut self, contexts: &[Contexts]) -> Result<Vec<i32>, SessionError> {
        self.post_membranes(contexts)?;
        self.take_membranes(contexts)
    }
    pub fn post_membranes(&mut self, contexts: &[Contexts]) -> Result<(), SessionError> {
        self.places_of_membranes(contexts)
            .into_iter()
            .flatten()
            .try_for_each(|(first, count)| self.post_read(first, count))
    }
    pub fn take_membranes(&mut self, contexts: &[Contexts]) -> Result<Vec<i32>, SessionError> {
        let mut membranes = Vec::with_capacity(self.identity.config.neurons());
        for (core, places) in self.places_of_membranes(contexts).into_iter().enumerate() {
            for (_, count) in places {
                membranes.extend(self.take_read(count)?.iter().map(|word| word.low() as i32));
            }
            membranes
                .resize(self.identity.config.first_neuron(core) + self.identity.config.cores[core].all_neurons(), 0);
        }
        Ok(membranes)
    }
    fn places_of_membranes(&self, contexts: &[Contexts]) -> Vec<Vec<(Address, usize)>> {
        let cores = self.identity.config.cores.iter().zip(contexts).enumerate();
        cores.map(|(number, (core, contexts))| contexts.membranes(number, core)).collect()
    }

    /// Waits until the board has taken all that was posted.
    pub fn flush(&mut self) -> Result<(), SessionError> {
        self.link.flush()
    }

    fn take_done(&mut self, command: Kind) -> Result<(), SessionError> {
        match self.link.take()? {
            Reply::Done { kind } if kind == command as u8 => Ok(()),
            other => Err(unexpected(&self.link, "an answer that it is done", other)),
        }
    }

    /// Refuses addresses that the board would refuse, by name.
    fn check(&self, address: Address, count: usize) -> Result<(), SessionError> {
        let last = address.offset(count.saturating_sub(1));
        match [address, last].into_iter().find(|address| !address.exists(&self.identity.config)) {
            None => Ok(()),
            Some(wrong) => Err(SessionError::Address { port: self.port_name(), space: wrong.to_string() }),
        }
    }
}

/// Whether an error says that the budget is used up.
fn is_out_of_budget(code: u8, kind: u8) -> bool {
    code == Refusal::Budget as u8 && (kind == Kind::Stream as u8 || kind == Kind::Encode as u8)
}

/// Bytes of a command's frame on the wire.
fn on_wire(command: &Command) -> u64 {
    let frame = Frame { kind: command.kind(), sequence: 0, acknowledge: 0, auxiliary: 0, payload: command.payload() };
    frame.encode().len() as u64
}

fn unexpected(link: &Link, expected: &'static str, found: Reply) -> SessionError {
    let port = link.port_name();
    match found {
        Reply::Error { code, kind, address } => {
            let refusal = Refusal::ALL.into_iter().find(|refusal| *refusal as u8 == code);
            let why = refusal.map_or_else(|| format!("reason {code}"), |refusal| refusal.to_string());
            let what = format!("{}: {why} ({})", error::command_name(kind), Address(address));
            SessionError::Refused { port, what }
        }
        other => SessionError::Unexpected { port, expected, found: format!("{:?}", other.kind()) },
    }
}
