//! Spikes in both directions at once: what share of the line they get.
//!
//! Input lines lead to one neuron each, which fires and tells the host; others lead nowhere, and have so many spikes that as many bytes go to the board as come
//! from it. What is measured is payload of `Stream` frames, over the time from the first byte sent to the last byte heard.

use super::tap::{Eye, Seen, Tap, Traffic};
use super::wire::BITS;
use crate::bench::BenchError;
use crate::port::Port;
use crate::runner::symmetric_difference;
use crate::session::{LinkStatistics, RESET_STATE, Session};
use nernst_spec::link::frame::{HEADER, MAX_CODES, MAX_PAYLOAD, TRAILER};
use nernst_spec::link::stream::{Train, encode};
use nernst_spec::memory::Route;
use nernst_spec::tick::{Parameters, Reset};
use nernst_spec::{ArrayConfig, Image};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use serde::{Deserialize, Serialize};
use std::collections::VecDeque;
use std::time::Duration;

/// Version of the JSON.
pub const VERSION: u32 = 1;
/// Bytes that a frame has on the line besides its payload: header, CRC, one of COBS code, delimiter.
const FRAMING: usize = HEADER + TRAILER + MAX_CODES + 1;
/// Ticks that are posted at once, and how many such runs are under way: enough that the line never waits for the host.
const TICKS: usize = 64;
const UNDER_WAY: usize = 8;
/// A line has a spike in a tick with this probability.
const ACTIVE: f64 = 0.5;
/// Empty commands whose round trip is measured.
const ROUND_TRIPS: usize = 50;

/// What went in one direction while spikes went in both.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Way {
    pub traffic: Traffic,
    /// Bytes of payload of frames with spikes, a second.
    pub payload_per_second: f64,
    /// The same as a share of what the line carries after framing: [`LinkRate::capacity`].
    pub of_capacity: f64,
    /// Bytes on the line as a share of all that it carries.
    pub of_line: f64,
}

/// What a link carries.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LinkRate {
    pub version: u32,
    pub config: String,
    /// What answered.
    pub port: String,
    /// Bits a second on the line.
    pub baud: u32,
    pub ticks: u64,
    /// Seconds on the port's clock.
    pub seconds: f64,
    /// Bytes of payload a second that the line carries in frames as long as they can be.
    pub capacity: f64,
    /// Share of such a frame that is not payload.
    pub framing: f64,
    pub to_board: Way,
    pub from_board: Way,
    /// An empty command and its reply, with nothing else on the line, in seconds.
    pub round_trip_median: f64,
    pub round_trip_worst: f64,
    pub link: LinkStatistics,
    /// Spikes that did not come back, or came back from elsewhere.
    pub mismatches: u64,
}

impl LinkRate {
    /// The lower of both directions.
    pub fn of_capacity(&self) -> f64 {
        self.to_board.of_capacity.min(self.from_board.of_capacity)
    }
}

/// A network in which input lines make one neuron of the first core fire each, and every such neuron tells the host. Returns it with the
/// neurons of its lines, in the order of turns, so that spikes come back as they went. Lines behind them lead nowhere.
pub fn echo(config: &ArrayConfig) -> (Image, Vec<u16>) {
    let mut image = Image::empty("echo", config);
    image.inputs = vec![Route::default(); config.inputs];
    let shape = &config.cores[0];
    let neurons: Vec<usize> = (0..shape.neurons().min(config.inputs)).map(|turn| shape.at_turn(turn)).collect();
    for (line, &neuron) in neurons.iter().enumerate() {
        let axon = neuron as u16;
        let mut row = vec![0; shape.neurons()];
        row[neuron] = 1;
        image.cores[0].rows.insert(axon, row);
        image.cores[0].parameters[neuron] = Parameters { threshold: 1, leak: 0, reset: Reset::Zero };
        image.cores[0].routes[neuron] = Route { cores: 0, axon: 0, delay: 1, host: true };
        image.inputs[line] = Route { cores: 1, axon, delay: 0, host: false };
    }
    (image, neurons.into_iter().map(|neuron| neuron as u16).collect())
}

/// A run: lines that come back have a spike with probability [`ACTIVE`], all others with `more`.
fn random_run(random: &mut StdRng, config: &ArrayConfig, echoed: usize, more: f64) -> Vec<Vec<u16>> {
    let mut spikes = |line: &u16| random.random_bool(if usize::from(*line) < echoed { ACTIVE } else { more });
    (0..TICKS).map(|_| (0..config.inputs as u16).filter(&mut spikes).collect()).collect()
}

/// How often lines that lead nowhere have a spike, so that as much goes to the board as comes from it.
fn balance(config: &ArrayConfig, echoed: usize) -> f64 {
    let bytes = |train: Train, ticks: &[Vec<u16>]| -> usize {
        encode(train, ticks).iter().map(|(payload, _)| payload.len()).sum()
    };
    let excess = |more: f64| {
        let run = random_run(&mut StdRng::seed_from_u64(2), config, echoed, more);
        let back: Vec<Vec<u16>> = run
            .iter()
            .map(|lines| lines.iter().copied().filter(|line| usize::from(*line) < echoed).collect())
            .collect();
        bytes(Train::to_board(config), &run) as f64 - bytes(Train::to_host(config), &back) as f64
    };
    let (mut low, mut high) = (0.0, 0.5);
    for _ in 0..12 {
        let middle = (low + high) / 2.0;
        if excess(middle) < 0.0 { low = middle } else { high = middle }
    }
    low
}

/// Measures the board on a port with so many ticks. `baud` is that of the line.
pub fn rate(port: impl Port + 'static, baud: u32, ticks: usize) -> Result<LinkRate, BenchError> {
    let (tap, eye) = Tap::new(port);
    let mut session = Session::open(Box::new(tap))?;
    let config = session.identity().config.clone();
    let (image, neurons) = echo(&config);
    session.load(&image, |_, _| {})?;
    let mut round_trips = round_trips(&mut session, &eye)?;
    round_trips.sort_unstable();

    let more = balance(&config, neurons.len());
    let mut random = StdRng::seed_from_u64(1);
    let mut run = || random_run(&mut random, &config, neurons.len(), more);
    session.reset(RESET_STATE)?;
    session.flush()?;
    let (before, statistics) = (eye.look(), session.statistics());
    let mut under_way: VecDeque<Vec<Vec<u16>>> = VecDeque::new();
    let (mut posted, mut mismatches) = (0, 0);
    loop {
        while posted < ticks && under_way.len() < UNDER_WAY {
            let ticks = run();
            session.post_run(&ticks)?;
            posted += TICKS;
            under_way.push_back(ticks);
        }
        let Some(sent) = under_way.pop_front() else { break };
        for (lines, came) in sent.iter().zip(session.take_run(TICKS)?) {
            let mut expected: Vec<u16> = lines.iter().filter_map(|&line| neurons.get(line as usize).copied()).collect();
            expected.sort_unstable();
            mismatches += symmetric_difference(&expected, &came);
        }
    }
    let after = eye.look();
    let seconds = (after.heard - before.now).as_secs_f64();
    let line = f64::from(baud) / BITS as f64;
    let capacity = line * MAX_PAYLOAD as f64 / (MAX_PAYLOAD + FRAMING) as f64;
    let way = |of: fn(&Seen) -> Traffic| {
        let traffic = of(&after) - of(&before);
        let payload_per_second = traffic.stream_payload as f64 / seconds;
        Way {
            traffic,
            payload_per_second,
            of_capacity: payload_per_second / capacity,
            of_line: traffic.bytes as f64 / seconds / line,
        }
    };
    let seconds_of = |time: Option<&Duration>| time.copied().unwrap_or_default().as_secs_f64();
    Ok(LinkRate {
        version: VERSION,
        config: config.name,
        port: session.port_name(),
        baud,
        ticks: posted as u64,
        seconds,
        capacity,
        framing: FRAMING as f64 / (MAX_PAYLOAD + FRAMING) as f64,
        to_board: way(|seen| seen.to_board),
        from_board: way(|seen| seen.from_board),
        round_trip_median: seconds_of(round_trips.get(round_trips.len() / 2)),
        round_trip_worst: seconds_of(round_trips.last()),
        link: session.statistics() - statistics,
        mismatches,
    })
}

/// How long empty commands take, one after the other.
pub fn round_trips(session: &mut Session, eye: &Eye) -> Result<Vec<Duration>, BenchError> {
    let mut times = vec![];
    for _ in 0..ROUND_TRIPS {
        session.flush()?;
        let before = eye.look().now;
        session.reset(0)?;
        times.push(eye.look().heard - before);
    }
    Ok(times)
}

#[cfg(test)]
mod tests {
    use super::super::wire::LineRate;
    use super::*;
    use nernst_sim::ReferenceBoard;

    #[test]
    fn the_line_is_full_of_payload_in_both_directions() {
        let config = ArrayConfig::ready("tiny").unwrap();
        let port = LineRate::new("model", ReferenceBoard::new(&config), 3_000_000);
        // Long enough for the frames at its ends, in which only one direction is busy, not to count.
        let rate = rate(port, 3_000_000, 4000).unwrap();
        assert_eq!((rate.mismatches, rate.link.frames_resent, rate.link.frames_refused), (0, 0, 0));
        assert!(rate.of_capacity() > 0.9 && rate.to_board.of_capacity < 1.0, "{rate:#?}");
        assert!(rate.round_trip_worst < 0.001, "{rate:#?}");
        // More on the line than payload, and not more than the line carries.
        for way in [rate.to_board, rate.from_board] {
            assert!(way.of_line <= 1.0 && way.payload_per_second < way.of_line * 300_000.0, "{way:?}");
        }
    }
}
