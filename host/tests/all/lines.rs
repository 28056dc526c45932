//! The host's side of the link against the reference board and the RTL, over clean and over faulty lines.

use crate::common::{random_image, random_spikes};
use nernst::bench::link::{LineRate, Tap};
use nernst::port::{Direct, FaultPlan, Faults, Faulty, Port};
use nernst::session::{RESET_LEDGER, RESET_STATE, Session, SessionError};
use nernst_sim::{Board, ReferenceArray, ReferenceBoard, VirtualBoard};
use nernst_spec::ledger::{self, ArrayCounter};
use nernst_spec::link::frame::DELIMITER;
use nernst_spec::link::{Command, Frame, PROTOCOL_VERSION};
use nernst_spec::memory::Address;
use nernst_spec::{ArrayConfig, Image, Ledger};
use std::sync::{Arc, Mutex};
use std::time::Duration;

fn config() -> ArrayConfig {
    ArrayConfig::ready("tiny").unwrap()
}

fn board() -> Direct<ReferenceBoard> {
    Direct::new("test", ReferenceBoard::new(&config()))
}

/// Loads an image, runs samples with many commands under way, and compares every spike, membrane and activity counter.
/// The ledger goes on from where it was, unless it is cleared.
fn load_and_run(port: Box<dyn Port>, image: &Image, seed: u64, clear: bool) -> Result<Session, SessionError> {
    let mut session = Session::open(port)?;
    session.load(image, |_, _| {})?;
    if clear {
        session.reset(RESET_LEDGER)?;
    }
    let mut model = ReferenceArray::new(&config());
    model.load(image).unwrap();
    let samples: Vec<_> = (0..6).map(|sample| random_spikes(seed * 100 + sample, 20, 64, 0.2)).collect();
    for sample in &samples {
        session.post_reset(RESET_STATE)?;
        session.post_run(sample)?;
        session.post_membranes(&image.contexts())?;
    }
    for sample in &samples {
        session.take_reset()?;
        let outputs = session.take_run(sample.len())?;
        let membranes = session.take_membranes(&image.contexts())?;
        model.reset(RESET_STATE);
        let expected: Vec<Vec<u16>> = sample
            .iter()
            .map(|lines| {
                lines.iter().for_each(|&line| model.input(line).unwrap());
                model.tick()
            })
            .collect();
        assert_eq!(outputs, expected);
        let expected: Vec<i32> = (0..2).flat_map(|core| model.membranes(core).to_vec()).collect();
        assert_eq!(membranes, expected);
    }
    assert_eq!(session.ledger()?.differences(&model.ledger()), []);
    Ok(session)
}

#[test]
fn a_clean_line_needs_nothing_again() {
    for seed in 0..4 {
        let session = load_and_run(Box::new(board()), &random_image(&config(), seed), seed, true).unwrap();
        assert_eq!(session.statistics().frames_resent, 0);
        assert_eq!(session.statistics().frames_refused, 0);
    }
}

/// Runs a network through a faulty line. Returns the number of faults and, if the network came through, the board's ledger
/// after every spike, membrane and activity counter was found right, and every byte that arrived was found counted.
fn run_through_faults(board: impl Board + Send + 'static, probability: f64, seed: u64) -> (u64, Option<Ledger>) {
    let faulty = Faulty::new(Direct::new("test", board), Faults::all(probability), seed);
    let port = Arc::new(Mutex::new(faulty));
    let ran = load_and_run(Box::new(Shared(port.clone())), &random_image(&config(), seed), seed, false);
    let faults = port.lock().unwrap().count();
    let session = match ran {
        Ok(session) => session,
        // A clear error is allowed; a wrong answer would have panicked above.
        Err(SessionError::Stopped { .. } | SessionError::NoAnswer { .. } | SessionError::Foreign { .. }) => {
            return (faults, None);
        }
        Err(other) => panic!("seed {seed}: {other}"),
    };
    let host = session.statistics();
    port.lock().unwrap().set_faults(Faults::default());
    let mut shared = Shared(port.clone());
    take_snapshot(&mut shared);
    // The snapshot is that of the last byte that came.
    let delivered = port.lock().unwrap().delivered();
    let mut session = Session::open(Box::new(shared)).unwrap();
    let halves = session.read(Address::ledger(0), ledger::words(&config())).unwrap();
    let ledger = Ledger::from_words(&config(), &halves.iter().map(|half| half.low()).collect::<Vec<_>>()).unwrap();
    assert_eq!(ledger.array(ArrayCounter::LinkBytesIn), delivered, "seed {seed}");
    // Whatever the host sent again the board had refused, or its acknowledgement was lost: then it refuses the second.
    assert!(host.frames_resent == 0 || ledger.array(ArrayCounter::FramesRefused) > 0, "seed {seed}: {host:?}");
    (faults, Some(ledger))
}

/// Time on a line of 3,000,000 baud until a network is loaded and run.
fn time_of(plan: FaultPlan) -> Duration {
    let line = LineRate::new("line", ReferenceBoard::new(&config()), 3_000_000);
    let (tap, eye) = Tap::new(Faulty::with_plan(line, plan));
    load_and_run(Box::new(tap), &random_image(&config(), 1), 1, true).unwrap();
    eye.look().heard
}

#[test]
fn a_lost_frame_is_sent_again_without_waiting_for_a_timeout() {
    let clean = time_of(FaultPlan::default());
    let places: Vec<u32> = (1000..12_000).step_by(199).collect();
    let late: Vec<Duration> =
        places.iter().map(|place| time_of(format!("drop@to:{place}").parse().unwrap()).saturating_sub(clean)).collect();
    // The room of the board travels twice at most: what was under way, and again. Behind the last frame of a burst nothing comes.
    let quick = late.iter().filter(|late| **late < Duration::from_millis(20)).count();
    assert!(10 * quick >= 8 * places.len(), "{quick} of {}: {late:?}", places.len());
}

/// Takes the board over from its host and has it latch its counters, with nothing else on the line.
fn take_snapshot(port: &mut impl Port) {
    let synchronise = Command::Synchronise { version: PROTOCOL_VERSION, number: 7 };
    for command in [synchronise, Command::Snapshot] {
        let (kind, payload) = (command.kind(), command.payload());
        let frame = Frame { kind, sequence: 0, acknowledge: 0, auxiliary: 0, payload };
        port.write(&[&[DELIMITER][..], &frame.encode()].concat()).unwrap();
        while port.read(&mut [0; 256], Duration::from_secs(100)).unwrap() > 0 {}
    }
}

#[test]
fn a_faulty_line_costs_time_but_never_a_spike_or_a_count() {
    let (mut right, mut faults, mut resent) = (0, 0, 0);
    for seed in 0..40 {
        let probability = [0.0001, 0.0005, 0.001, 0.002][seed as usize % 4];
        let (count, ledger) = run_through_faults(ReferenceBoard::new(&config()), probability, seed);
        faults += count;
        let Some(ledger) = ledger else { continue };
        right += 1;
        resent += ledger.array(ArrayCounter::FramesResent);
        assert!(count < 20 || ledger.array(ArrayCounter::FramesRefused) > 0, "seed {seed}: {count} faults");
    }
    assert!(right >= 38, "only {right} of 40 runs came through");
    assert!(faults > 1000, "{faults} faults");
    assert!(resent > 0);
}

#[test]
fn the_rtl_counts_exactly_behind_a_faulty_line() {
    for seed in 0..6 {
        let board = VirtualBoard::new(&config(), &Default::default()).unwrap();
        let (faults, ledger) = run_through_faults(board, 0.001, seed);
        let ledger = ledger.unwrap_or_else(|| panic!("seed {seed} did not come through"));
        let [refused, resent] = [ArrayCounter::FramesRefused, ArrayCounter::FramesResent].map(|of| ledger.array(of));
        assert!(refused > 0 && resent > 0, "seed {seed}: {faults} faults, {refused} refused, {resent} sent again");
    }
}

/// A port that a test keeps a hand on.
struct Shared<B>(Arc<Mutex<Faulty<Direct<B>>>>);

impl<B: Board + Send> Port for Shared<B> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        self.0.lock().unwrap().write(bytes)
    }
    fn read(&mut self, buffer: &mut [u8], timeout: Duration) -> std::io::Result<usize> {
        self.0.lock().unwrap().read(buffer, timeout)
    }
    fn now(&self) -> Duration {
        self.0.lock().unwrap().now()
    }
    fn bytes_per_second(&self) -> Option<u32> {
        None
    }
    fn name(&self) -> &str {
        "shared"
    }
}

#[test]
fn a_session_takes_over_a_board_that_another_left_in_the_middle() {
    let image = random_image(&config(), 7);
    let shared = Arc::new(Mutex::new(Faulty::new(board(), Faults::default(), 0)));
    for posted in 0..20 {
        let mut session = Session::open(Box::new(Shared(shared.clone()))).unwrap();
        session.load(&image, |_, _| {}).unwrap();
        let spikes = random_spikes(posted, 10, 64, 0.3);
        for _ in 0..posted {
            session.post_run(&spikes).unwrap();
            session.post_ledger().unwrap();
        }
        // Dropped with commands under way and replies that nobody took.
    }
    load_and_run(Box::new(Shared(shared)), &image, 7, true).unwrap();
}
