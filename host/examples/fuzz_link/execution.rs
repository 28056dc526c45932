//! One execution: bytes that nobody should send, through the host's decoder, or through a whole session.

use super::decode::decode;
use super::wire::on_wire;
use nernst::port::{FaultCounts, Port};
use nernst::session::{RESET_STATE, Session, SessionError};
use nernst_sim::{Board, ReferenceBoard};
use nernst_spec::link::frame::MAX_PAYLOAD;
use nernst_spec::link::{Deframer, Frame, Kind, PROTOCOL_VERSION, Reply};
use nernst_spec::memory::Address;
use nernst_spec::{ArrayConfig, Image};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use std::collections::{BTreeMap, VecDeque};
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

/// One execution in so many is a whole session, which takes a thousand times as long.
const SESSION_EVERY: u64 = 1000;
/// Calls of a port after which its device is gone: a host that then does not end never would.
const CALLS: u32 = 3000;
/// Time after which a session counts as one that does not end.
const LONGEST: Duration = Duration::from_secs(20);

/// What became of one.
pub struct Outcome {
    /// How many of what: frames by what was wrong with them, messages, ends of sessions.
    pub counts: BTreeMap<String, u64>,
    pub time: Duration,
    pub fault: Option<String>,
}

/// Makes the input of execution `number` and does with it all that can be done.
pub fn execute(seed: u64, number: u64) -> Outcome {
    let mut random = StdRng::seed_from_u64(seed.wrapping_add(number.wrapping_mul(0x9e37_79b9_7f4a_7c15)));
    let start = Instant::now();
    let mut counts = BTreeMap::new();
    let done = catch_unwind(AssertUnwindSafe(|| match number.is_multiple_of(SESSION_EVERY) {
        true => session(random, &mut counts),
        false => decode(&bytes(&mut random), |what| count(&mut counts, what)),
    }));
    let time = start.elapsed();
    let fault = match done {
        Err(_) => Some("panic".into()),
        Ok(Err(fault)) => Some(fault),
        Ok(Ok(())) if time > LONGEST => Some(format!("{:.0} s", time.as_secs_f64())),
        Ok(Ok(())) => None,
    };
    Outcome { counts, time, fault: fault.map(|fault| format!("{fault}: execution {number}")) }
}

fn count(counts: &mut BTreeMap<String, u64>, what: &str) {
    match counts.get_mut(what) {
        Some(count) => *count += 1,
        None => drop(counts.insert(what.into(), 1)),
    }
}

/// A frame with a right CRC and anything in it; near these numbers.
fn frame(random: &mut StdRng, sequence: u8, acknowledge: u8) -> Vec<u8> {
    let kind = match random.random_range(0..8) {
        0 => random.random(),
        _ => Kind::ALL[random.random_range(0..Kind::ALL.len())] as u8,
    };
    let length = match random.random_range(0..4) {
        0 => random.random_range(0..=MAX_PAYLOAD + 20),
        1 => 37,
        _ => random.random_range(0..12),
    };
    let mut near = |number: u8| match random.random_range(0..8) {
        0 => random.random(),
        1 => number.wrapping_add(1),
        2 => number.wrapping_sub(1),
        _ => number,
    };
    let (sequence, acknowledge) = (near(sequence), near(acknowledge));
    let mut raw = vec![kind, sequence, acknowledge, random.random()];
    match random.random() {
        true => raw.extend((0..length).map(|_| random.random::<u8>())),
        false => raw.extend((0..length).map(|_| 0)),
    }
    on_wire(&raw)
}

/// Frames and noise, damaged.
fn bytes(random: &mut StdRng) -> Vec<u8> {
    let mut bytes = vec![];
    for _ in 0..random.random_range(1..4) {
        match random.random_range(0..6) {
            0 => {
                let length = random.random_range(0..600);
                bytes.extend((0..length).map(|_| random.random::<u8>()));
            }
            _ => bytes.extend(frame(random, 0, 0)),
        }
    }
    damage(&mut bytes, random);
    bytes
}

fn damage(bytes: &mut Vec<u8>, random: &mut StdRng) {
    for _ in 0..random.random_range(0..4) {
        if bytes.is_empty() {
            return;
        }
        let place = random.random_range(0..bytes.len());
        match random.random_range(0..5) {
            0 => bytes[place] ^= 1 << random.random_range(0..8),
            1 => drop(bytes.remove(place)),
            2 => bytes.insert(place, random.random()),
            3 => bytes[place] = [0, 1, 0xff][random.random_range(0..3)],
            _ if random.random_ratio(1, 4) => bytes.truncate(place),
            _ => bytes.insert(place, 0),
        }
    }
}

/// A board that is right for a while and answers with anything then, on a port whose time passes by waiting.
struct Wild {
    random: StdRng,
    board: ReferenceBoard,
    input: VecDeque<u8>,
    output: VecDeque<u8>,
    /// Its own frames, for numbers that a host believes: that of the next reply, and the last acknowledgement.
    said: Deframer,
    next: u8,
    acknowledged: u8,
    /// Calls for which it is right, and how often it is after that: but for one call in so many.
    right: u32,
    seldom: u32,
    calls: u32,
    now: Duration,
}

impl Wild {
    fn call(&mut self) -> io::Result<()> {
        self.calls += 1;
        // A call takes time, so that a host that only ever polls is not in a time that stands still.
        self.now += Duration::from_micros(10);
        if self.calls > CALLS { Err(io::ErrorKind::BrokenPipe.into()) } else { Ok(()) }
    }
}

impl Port for Wild {
    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.call()?;
        self.input.extend(bytes);
        Ok(())
    }

    fn read(&mut self, buffer: &mut [u8], timeout: Duration) -> io::Result<usize> {
        self.call()?;
        let mut said = VecDeque::new();
        self.board.exchange(&mut self.input, &mut said).map_err(io::Error::other)?;
        let mut said: Vec<u8> = said.into();
        for frame in said.iter().filter_map(|&byte| self.said.push(byte)).flatten() {
            self.acknowledged = frame.acknowledge;
            if frame.kind.is_numbered() {
                self.next = frame.sequence.wrapping_add(1);
            }
        }
        if self.calls > self.right && self.random.random_ratio(1, self.seldom) {
            match self.random.random_range(0..40) {
                0 => said.extend(synchronised(&mut self.random)),
                1..8 => said = bytes(&mut self.random),
                8..24 => said.extend(frame(&mut self.random, self.next, self.acknowledged)),
                _ => damage(&mut said, &mut self.random),
            }
        }
        self.output.extend(said);
        if self.output.is_empty() {
            self.now += timeout;
        }
        io::Read::read(&mut self.output, buffer)
    }

    fn now(&self) -> Duration {
        self.now
    }
    fn bytes_per_second(&self) -> Option<u32> {
        None
    }
    fn name(&self) -> &str {
        "wild"
    }
    fn faults(&self) -> Option<FaultCounts> {
        None
    }
}

fn synchronised(random: &mut StdRng) -> Vec<u8> {
    let reply = Reply::Synchronised { version: PROTOCOL_VERSION, number: random.random() };
    Frame { kind: reply.kind(), sequence: 0, acknowledge: 0, auxiliary: 128, payload: reply.payload() }.encode()
}

/// All that a host does with a board, one call after the other, until one fails.
fn session(mut random: StdRng, counts: &mut BTreeMap<String, u64>) -> Result<(), String> {
    let config = ArrayConfig::ready("tiny").map_err(|error| error.to_string())?;
    let right = [0, 2, 20, 200, 1000][random.random_range(0..5)];
    let seldom = [1, 5, 50, 500][random.random_range(0..4)];
    let port = Wild {
        random,
        said: Deframer::new(),
        next: 0,
        acknowledged: 0,
        seldom,
        board: ReferenceBoard::new(&config),
        input: VecDeque::new(),
        output: VecDeque::new(),
        right,
        calls: 0,
        now: Duration::ZERO,
    };
    let whole = || -> Result<(), SessionError> {
        let mut session = Session::open(Box::new(port))?;
        // An identity of another array is a right answer, too; images are for the one that answers.
        let image = Image::empty("nothing", &session.identity().config.clone());
        session.load(&image, |_, _| {})?;
        let lines: Vec<u16> = (0..session.identity().config.inputs.min(40) as u16).collect();
        for _ in 0..20 {
            session.post_reset(RESET_STATE)?;
            session.post_run(&vec![lines.clone(); 10])?;
            session.post_ledger()?;
            session.take_reset()?;
            session.take_run(10)?;
            session.take_ledger()?;
            session.membranes(&image.contexts())?;
            session.digest(Address::route(0), 10)?;
        }
        session.flush()
    };
    match whole() {
        Ok(()) => count(counts, "session: whole"),
        Err(error) => {
            let name = format!("{error:?}");
            let name = name.split(|c: char| !c.is_alphanumeric()).next().unwrap_or_default();
            count(counts, &format!("session: {name}"));
            if error.to_string().len() > 1000 {
                return Err(format!("an error of {} letters", error.to_string().len()));
            }
        }
    }
    Ok(())
}
