//! Bytes that nobody should send to a board, and a session behind each burst of them.

use super::client::Client;
use super::networks;
use super::recorder::Recorder;
use nernst_sim::{BoardPort, ReferenceBoard, VirtualBoard};
use nernst_spec::ledger::ArrayCounter;
use nernst_spec::link::frame::{MAX_PAYLOAD, crc32};
use nernst_spec::link::message::Kind;
use nernst_spec::link::{Command, Deframer, Frame, Reply};
use nernst_spec::memory::Address;
use nernst_spec::{ArrayConfig, Ledger};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use std::io::{Read, Write};
use std::time::Duration;

/// Rounds after which weights and membranes are compared, too.
const READ_EVERY: usize = 16;

/// The RTL and the reference model with the same network, which get the same noise.
pub struct Noisy {
    config: ArrayConfig,
    random: StdRng,
    rtl: Client<Recorder<BoardPort<VirtualBoard>>>,
    model: Client<BoardPort<ReferenceBoard>>,
    /// Bytes of noise, and sessions behind them.
    pub bytes: usize,
    pub rounds: usize,
    /// What the model refused.
    pub frames_refused: u64,
}

impl Noisy {
    /// The Verilog is that of this configuration.
    pub fn new(config: &ArrayConfig, verilog: &str, seed: u64) -> Self {
        let mut port = BoardPort::new(VirtualBoard::from_verilog(verilog, &Default::default()).expect("its Verilog"));
        // A simulated board on a busy machine takes its time.
        port.set_timeout(Duration::from_secs(1000));
        Self {
            config: config.clone(),
            random: StdRng::seed_from_u64(seed),
            rtl: connect(Recorder::new(port), config),
            model: connect(BoardPort::new(ReferenceBoard::new(config)), config),
            bytes: 0,
            rounds: 0,
            frames_refused: 0,
        }
    }

    /// A burst of noise and a session in both. An error says what went otherwise than in the model.
    pub fn round(mut self) -> Result<Self, String> {
        let pieces = self.random.random_range(1..20);
        // Both clients have sent as many frames.
        let noise = noise(&mut self.random, pieces, self.rtl.next);
        let spikes = networks::spikes(&self.config, self.random.random(), 2);
        let read = self.rounds.is_multiple_of(READ_EVERY);
        let (rtl, told) = round(self.rtl, &self.config, &noise, &spikes, read);
        let (model, expected) = round(self.model, &self.config, &noise, &spikes, read);
        let differences = differences(&told, &expected);
        if !differences.is_empty() {
            return Err(format!("round {}, after {} bytes: {}", self.rounds, self.bytes, differences.join("; ")));
        }
        let frames_refused = expected.after.array(ArrayCounter::FramesRefused);
        Ok(Self { rtl, model, bytes: self.bytes + noise.len(), rounds: self.rounds + 1, frames_refused, ..self })
    }

    /// What was sent to the RTL since this was asked last, cut where a host waits.
    #[allow(dead_code, reason = "for the example that goes on with Verilator")]
    pub fn take_chunks(&mut self) -> Vec<Vec<u8>> {
        std::mem::replace(&mut self.rtl.port.chunks, vec![vec![]])
    }
}

/// What a session tells that follows a burst of noise.
#[derive(Debug)]
struct Told {
    before: Ledger,
    spikes: Vec<Vec<u16>>,
    after: Ledger,
    state: Option<(u32, Vec<Vec<i32>>)>,
}

/// Noise, and a session.
fn round<P: Read + Write>(
    mut client: Client<P>,
    config: &ArrayConfig,
    noise: &[u8],
    spikes: &[Vec<u16>],
    read: bool,
) -> (Client<P>, Told) {
    client.port.write_all(noise).expect("a board in this process");
    client.port.flush().expect("a board in this process");
    let mut client = Client::connect(client.port);
    client.config = config.clone();
    let before = client.ledger(config);
    let spikes = spikes.iter().map(|lines| client.tick(lines)).collect();
    let after = client.ledger(config);
    let state = read.then(|| {
        let command = Command::Digest { address: Address::weights(0, 0, 0), count: config.cores[0].axons() as u16 };
        let Some(Reply::Digest(digest)) = client.ask(&command) else { panic!("no digest") };
        (digest, client.membranes(config))
    });
    (client, Told { before, spikes, after, state })
}

/// What is different between RTL and model; empty if nothing is.
fn differences(rtl: &Told, model: &Told) -> Vec<String> {
    let mut all: Vec<String> =
        [(&rtl.before, &model.before, "after the noise"), (&rtl.after, &model.after, "at the end")]
            .iter()
            .flat_map(|(rtl, model, when)| {
                let refused = |ledger: &Ledger| ledger.array(ArrayCounter::FramesRefused);
                let refused =
                    (refused(rtl) != refused(model)).then(|| ("frames_refused".into(), refused(rtl), refused(model)));
                rtl.differences(model)
                    .into_iter()
                    .chain(refused)
                    .map(move |(name, rtl, model)| format!("{name} {when}: {rtl}, in the model {model}"))
            })
            .collect();
    if rtl.spikes != model.spikes {
        all.push(format!("spikes {:?}, in the model {:?}", rtl.spikes, model.spikes));
    }
    if rtl.state != model.state {
        all.push("other weights or membranes".into());
    }
    all
}

fn connect<P: Read + Write>(port: P, config: &ArrayConfig) -> Client<P> {
    let mut client = Client::connect(port);
    client.load(&networks::image(config, 1), false);
    client
}

/// So many pieces, each of them bytes or a frame with something wrong; `next` is the number of the frame that would be applied.
fn noise(random: &mut StdRng, pieces: usize, next: u8) -> Vec<u8> {
    loop {
        let mut bytes: Vec<u8> = (0..pieces).flat_map(|_| piece(random, next)).collect();
        // The first good frame behind a zero byte is received.
        bytes.push(0);
        // Damage may be none: a zero more before a frame, or the end of one in the piece behind it.
        let mut deframer = Deframer::new();
        let mut frames = bytes.iter().filter_map(|&byte| deframer.push(byte)).flatten();
        if !frames.any(|frame| frame.kind.is_numbered() && !frame.kind.is_from_board() && frame.sequence == next) {
            return bytes;
        }
    }
}

fn piece(random: &mut StdRng, next: u8) -> Vec<u8> {
    match random.random_range(0..8) {
        0 => any(random, 0..700, 0..=255),
        1 => any(random, 0..700, 1..=255),
        2 => vec![[0, 1, 0xff][random.random_range(0..3)]; random.random_range(0..600)],
        // One that breaks off; where it goes on the next piece does.
        3 => {
            let mut wire = frame(random, next).encode();
            wire.truncate(random.random_range(0..wire.len()));
            wire
        }
        // Spikes and ticks, with the right number and damaged.
        4 | 5 => {
            let mut wire = Frame { sequence: next, kind: Kind::Stream, ..frame(random, next) }.encode();
            damage(&mut wire, random);
            wire
        }
        // The right number, and a CRC that is wrong by something that is nowhere 0.
        6 => {
            let mut raw = vec![Kind::Stream as u8, next, random.random(), random.random()];
            raw.extend(any(random, 1..MAX_PAYLOAD, 0..=255));
            let wrong = crc32(&raw) ^ random.random_range(1..=u32::MAX);
            raw.extend(wrong.to_le_bytes());
            stuffed(&raw)
        }
        // Whole, and to be answered at most: another number, no command, longer than any.
        _ => frame(random, next).encode(),
    }
}

fn any(random: &mut StdRng, length: std::ops::Range<usize>, bytes: std::ops::RangeInclusive<u8>) -> Vec<u8> {
    (0..random.random_range(length)).map(|_| random.random_range(bytes.clone())).collect()
}

/// An intact frame that is not the next.
fn frame(random: &mut StdRng, next: u8) -> Frame {
    let kinds = [
        Kind::Stream,
        Kind::Encode,
        Kind::Write,
        Kind::Reset,
        Kind::Snapshot,
        Kind::Acknowledge,
        Kind::Done,
        Kind::Words,
    ];
    let kind = kinds[random.random_range(0..kinds.len())];
    let payload = any(random, 0..MAX_PAYLOAD + 1, 0..=255);
    Frame {
        kind,
        sequence: next.wrapping_add(random.random_range(1..=255)),
        acknowledge: random.random(),
        auxiliary: random.random(),
        payload: if random.random_ratio(1, 2) { payload } else { vec![] },
    }
}

/// At least one byte other than it was, or more or fewer of them; zeros break it in two.
fn damage(wire: &mut Vec<u8>, random: &mut StdRng) {
    let whole = wire.clone();
    while *wire == whole {
        for _ in 0..random.random_range(1..4) {
            let place = random.random_range(0..wire.len());
            match random.random_range(0..4) {
                0 => wire[place] ^= 1 << random.random_range(0..8),
                1 if wire.len() > 1 => drop(wire.remove(place)),
                2 => wire.insert(place, random.random()),
                _ => wire[place] = [0, 1, 0xff][random.random_range(0..3)],
            }
        }
    }
}

/// With COBS and a delimiter.
fn stuffed(raw: &[u8]) -> Vec<u8> {
    let mut wire = cobs::encode_vec(raw);
    wire.push(0);
    wire
}
