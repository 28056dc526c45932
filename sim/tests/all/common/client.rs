//! The host's side of the link, one command at a time.

use nernst_sim::{Board, BoardPort};
use nernst_spec::Image;
use nernst_spec::Ledger;
use nernst_spec::ledger;
use nernst_spec::link::frame::DELIMITER;
use nernst_spec::link::message::{MAX_WORDS, RESET_LEDGER, RESET_MEMORY, RESET_STATE};
use nernst_spec::link::stream::{self, Decoder, Event, Train};
use nernst_spec::link::{Command, Deframer, Frame, FrameError, Kind, PROTOCOL_VERSION, Reply};
use nernst_spec::memory::Address;
use nernst_spec::{ArrayConfig, Budget, Contexts, budget};
use std::io::{ErrorKind, Read, Write};
use std::time::Duration;

pub struct Client<P> {
    pub port: P,
    deframer: Deframer,
    /// Number of the next frame to the board, and of the next from it.
    pub next: u8,
    pub expected: u8,
    /// The board's array.
    pub config: ArrayConfig,
}

/// Commands that run these ticks, each with spikes on these lines.
pub fn streams(config: &ArrayConfig, ticks: &[Vec<u16>]) -> Vec<Command> {
    stream::encode(Train::to_board(config), ticks).into_iter().map(|(payload, _)| Command::Stream(payload)).collect()
}

/// The command that runs so few ticks that one does.
pub fn stream(config: &ArrayConfig, ticks: &[Vec<u16>]) -> Command {
    let [command] = &streams(config, ticks)[..] else { panic!("{} ticks in one frame", ticks.len()) };
    command.clone()
}

/// Commands that together run more silent ticks than the board's buffer of replies can tell of.
pub fn too_many_ticks(config: &ArrayConfig) -> Vec<Command> {
    streams(config, &vec![vec![]; 12_000])
}

/// What a board says of ticks in which these neurons fired for the host, as [`merge`] writes it.
pub fn told(config: &ArrayConfig, ticks: &[Vec<u16>]) -> Reply {
    let turns = |spikes: &Vec<u16>| {
        let mut turns: Vec<u16> = spikes.iter().map(|&neuron| config.turn_of(neuron.into()) as u16).collect();
        turns.sort_unstable();
        turns
    };
    let ticks: Vec<Vec<u16>> = ticks.iter().map(turns).collect();
    Reply::Stream(stream::encode(Train::to_host(config), &ticks).into_iter().flat_map(|(payload, _)| payload).collect())
}

/// A client of a board in this process.
pub fn connect<B: Board>(board: B) -> Client<BoardPort<B>> {
    let mut port = BoardPort::new(board);
    // A simulated board on a busy machine takes its time.
    port.set_timeout(Duration::from_secs(100));
    Client::connect(port)
}

impl<P: Read + Write> Client<P> {
    /// Synchronises with whatever the board, `tiny` until a network is loaded, was doing.
    pub fn connect(port: P) -> Self {
        let config = ArrayConfig::ready("tiny").unwrap();
        let mut client = Self { port, deframer: Deframer::new(), next: 0, expected: 0, config };
        client.synchronise(0x4e45_524e);
        client
    }

    /// Begins a session of this number.
    pub fn synchronise(&mut self, number: u32) {
        (self.next, self.expected) = (0, 0);
        self.port.write_all(&[DELIMITER]).unwrap();
        self.send_frame(&Command::Synchronise { version: PROTOCOL_VERSION, number }, 0, 0);
        loop {
            let answer = self.receive().expect("an answer to a Synchronise");
            // What comes before it, torn frames too, was for somebody else, or for one that was in no session.
            if let Ok(frame) = answer
                && frame.kind == Kind::Synchronised
                && Reply::parse(frame.kind, &frame.payload)
                    == Ok(Reply::Synchronised { version: PROTOCOL_VERSION, number })
            {
                return;
            }
        }
    }

    pub fn send_frame(&mut self, command: &Command, sequence: u8, auxiliary: u8) {
        let (kind, payload) = (command.kind(), command.payload());
        let frame = Frame { kind, sequence, acknowledge: self.expected, auxiliary, payload };
        self.port.write_all(&frame.encode()).unwrap();
        self.port.flush().unwrap();
    }

    /// The next frame, or nothing when the port times out.
    pub fn receive(&mut self) -> Option<Result<Frame, FrameError>> {
        let mut byte = [0];
        loop {
            match self.port.read(&mut byte) {
                Ok(1) => match self.deframer.push(byte[0]) {
                    Some(frame) => return Some(frame),
                    None => continue,
                },
                Ok(_) => panic!("the port is closed"),
                Err(error) if error.kind() == ErrorKind::TimedOut => return None,
                Err(error) => panic!("{error}"),
            }
        }
    }

    pub fn send(&mut self, command: &Command) {
        self.send_frame(command, self.next, 0);
        self.next = self.next.wrapping_add(1);
    }

    /// Takes a frame from the board: returns its reply if it is a new one, and acknowledges it.
    fn take(&mut self, frame: Frame) -> Option<Reply> {
        if !frame.kind.is_numbered() {
            return None;
        }
        assert_eq!(frame.sequence, self.expected, "{frame:?}");
        self.expected = self.expected.wrapping_add(1);
        self.send_frame(&Command::Acknowledge, 0, 0);
        Some(Reply::parse(frame.kind, &frame.payload).unwrap())
    }

    /// Sends a command and reads replies until the board is quiet. For ports in this process.
    pub fn call(&mut self, command: &Command) -> Vec<Reply> {
        self.send(command);
        self.replies()
    }

    /// What the board says to all commands that were sent, until it is quiet. For ports in this process.
    pub fn replies(&mut self) -> Vec<Reply> {
        let mut replies = vec![];
        let mut acknowledged = false;
        while let Some(frame) = self.receive() {
            let frame = frame.unwrap();
            acknowledged |= frame.acknowledge == self.next;
            replies.extend(self.take(frame));
        }
        assert!(acknowledged, "command {} has no answer", self.next.wrapping_sub(1));
        merge(&self.config, replies)
    }

    /// Sends a command and reads until its only reply, or its acknowledgement where it has none. For any port.
    pub fn ask(&mut self, command: &Command) -> Option<Reply> {
        self.send(command);
        loop {
            let frame = self.receive().expect("an answer in time").unwrap();
            let acknowledged = frame.acknowledge == self.next;
            let reply = self.take(frame);
            match command {
                Command::Write { .. } if acknowledged => return None,
                _ if reply.is_some() => return reply,
                _ => {}
            }
        }
    }

    /// Loads a network into a board: clears it, writes every word that is not 0, and checks digests if `verify`.
    pub fn load(&mut self, image: &Image, verify: bool) {
        let flags = RESET_STATE | RESET_LEDGER | RESET_MEMORY;
        assert_eq!(self.ask(&Command::Reset { flags }), Some(Reply::Done { kind: Kind::Reset as u8 }));
        self.config = image.config.clone();
        for (first, words) in image.blocks() {
            let mut at = 0;
            for run in words.chunk_by(|a, b| (a.bits() != 0) == (b.bits() != 0)) {
                for (chunk, words) in run.chunks(MAX_WORDS).enumerate().filter(|_| run[0].bits() != 0) {
                    let address = first.offset(at + chunk * MAX_WORDS);
                    assert_eq!(self.ask(&Command::Write { address, words: words.to_vec() }), None);
                }
                at += run.len();
            }
            if !verify {
                continue;
            }
            let bytes: Vec<u8> = words.iter().flat_map(|word| word.to_bytes()).collect();
            let digest = Reply::Digest(nernst_spec::link::frame::crc32(&bytes));
            let command = Command::Digest { address: first, count: words.len() as u16 };
            assert_eq!(self.ask(&command), Some(digest), "{first}");
        }
    }

    /// Runs one tick with these input spikes; returns its host spikes, sorted.
    pub fn tick(&mut self, lines: &[u16]) -> Vec<u16> {
        // The board's buffer has room for every frame of one tick, so none needs to wait for another.
        streams(&self.config, &[lines.to_vec()]).iter().for_each(|command| self.send(command));
        let mut decoder = Decoder::new(Train::to_host(&self.config));
        let mut spikes = vec![];
        loop {
            let frame = self.receive().expect("the end of a tick").unwrap();
            let Some(Reply::Stream(payload)) = self.take(frame) else { continue };
            let mut events = decoder.read(&payload).into_iter();
            while let Some(event) = events.next() {
                match event {
                    Event::Spike(turn) => spikes.push(self.config.at_turn(turn.into()) as u16),
                    Event::Late => panic!("late without a pace"),
                    Event::Tick => {
                        assert_eq!(events.next(), None, "one tick was run");
                        spikes.sort();
                        return spikes;
                    }
                }
            }
        }
    }

    pub fn read(&mut self, first: Address, count: usize) -> Vec<u64> {
        let mut values = vec![];
        while values.len() < count {
            let address = first.offset(values.len());
            let count = (count - values.len()).min(MAX_WORDS);
            match self.ask(&Command::Read { address, count: count as u8 }) {
                Some(Reply::Words { address: of, words }) if of == address && words.len() == count => {
                    values.extend(words.iter().map(|word| word.bits()));
                }
                other => panic!("{other:?} to a read of {count} words at {address}"),
            }
        }
        values
    }

    /// Prices first, then what is left, then that it is armed: each write but the last disarms it.
    pub fn write_budget(&mut self, budget: &Budget) {
        let words = budget.words();
        for places in [budget::FIRST_PRICE..budget::WORDS, 0..budget::FIRST_PRICE] {
            let command = Command::Write { address: Address::budget(places.start), words: words[places].to_vec() };
            assert_eq!(self.ask(&command), None);
        }
    }

    pub fn membranes(&mut self, config: &ArrayConfig) -> Vec<Vec<i32>> {
        let core = |(number, core): (usize, &nernst_spec::CoreConfig)| {
            let contexts = Contexts::from_log2(self.read(Address::settings(number), 1)[0] as u8);
            let places = contexts.membranes(number, core);
            let values = places.into_iter().flat_map(|(first, count)| self.read(first, count)).collect::<Vec<_>>();
            values.into_iter().map(|value| value as u32 as i32).collect()
        };
        config.cores.iter().enumerate().map(core).collect()
    }

    pub fn ledger(&mut self, config: &ArrayConfig) -> Ledger {
        assert_eq!(self.ask(&Command::Snapshot), Some(Reply::Done { kind: Kind::Snapshot as u8 }));
        let halves = self.read(Address::ledger(0), ledger::words(config));
        Ledger::from_words(config, &halves.iter().map(|&half| half as u32).collect::<Vec<_>>()).unwrap()
    }
}

/// Ticks of what a board said in these payloads: neurons in order.
pub fn ticks_of(config: &ArrayConfig, payloads: &[Vec<u8>]) -> Vec<Vec<u16>> {
    let mut decoder = Decoder::new(Train::to_host(config));
    let (mut ticks, mut spikes) = (vec![], vec![]);
    for event in payloads.iter().flat_map(|payload| decoder.read(payload)) {
        match event {
            Event::Spike(turn) => spikes.push(config.at_turn(turn.into()) as u16),
            Event::Late => panic!("late without a pace"),
            Event::Tick => {
                spikes.sort_unstable();
                ticks.push(std::mem::take(&mut spikes));
            }
        }
    }
    assert_eq!(spikes, [0u16; 0], "spikes of a tick that does not end");
    ticks
}

/// Joins stream frames that follow each other, and sorts the spikes within a tick: boards differ in both. See [`told`].
pub fn merge(config: &ArrayConfig, replies: Vec<Reply>) -> Vec<Reply> {
    let (mut merged, mut payloads) = (vec![], vec![]);
    let tell = |payloads: &mut Vec<Vec<u8>>| {
        (!payloads.is_empty()).then(|| told(config, &ticks_of(config, &std::mem::take(payloads))))
    };
    for reply in replies {
        match reply {
            Reply::Stream(payload) => payloads.push(payload),
            other => {
                merged.extend(tell(&mut payloads));
                merged.push(other);
            }
        }
    }
    merged.extend(tell(&mut payloads));
    merged
}
