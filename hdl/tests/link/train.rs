//! The code of spikes, bit for bit: the blocks that read and write it against `nernst_spec::link::stream`, in rust-hdl's
//! simulator and as Verilog in netsim.

use crate::side_by_side::SideBySide;
use nernst_hdl::link::{StepTable, TrainDecoder, TrainEncoder};
use nernst_spec::link::frame::MAX_PAYLOAD;
use nernst_spec::link::message::Kind;
use nernst_spec::link::stream::{Adaptation, Decoder, Encoder, Event, GROWING, MAX_EXPONENT, Train, payloads};
use rust_hdl_bsp_ecp5::cosim::Rng;
use std::collections::VecDeque;

/// Places of a row: the ends of what there may be, powers of two and others.
const PLACES: [usize; 9] = [1, 2, 3, 60, 64, 500, 512, 4095, 4096];

/// Events of so many ticks, dense, sparse and silent ones; those of an ordered train ascend.
fn any_events(train: &Train, ticks: u64, rng: &mut Rng) -> Vec<Event> {
    let mut events = vec![];
    for _ in 0..ticks {
        let places = train.places as u64;
        let mut spikes: Vec<u16> = match rng.below(9) {
            0..=2 => vec![],
            3..=5 => (0..rng.below(4)).map(|_| rng.below(places) as u16).collect(),
            6 => (0..rng.below(90)).map(|_| rng.below(places) as u16).collect(),
            7 => (0..train.places as u16).take(400).collect(),
            // The ends of the row.
            _ => (0..train.places as u16).step_by((train.places - 1).max(1)).collect(),
        };
        if !train.unordered || rng.one_in(2) {
            spikes.sort_unstable();
            spikes.dedup();
        }
        events.extend(spikes.into_iter().map(Event::Spike));
        // Only a board tells of it.
        events.extend((train.unordered && rng.one_in(6)).then_some(Event::Late));
        events.push(Event::Tick);
    }
    events
}

#[test]
fn the_step_of_a_code_follows_those_before() {
    let mut rng = Rng::new(40);
    for places in PLACES {
        let train = Train { places, unordered: true };
        let limit = Adaptation::limit(&train);
        let mut both = SideBySide::new(StepTable::new(&train).unwrap(), |u, level| u.clock.next = level.into());
        let mut adaptation = Adaptation::new(&train, limit);
        for _ in 0..400 {
            (both.uut.payload_begins.next, both.uut.code_ends.next) = (false, false);
            (0..2).for_each(|_| both.tick());
            assert_eq!(both.uut.step.val().to_u64(), 1 << adaptation.starts_with(), "{places} places");
            assert_eq!(both.uut.now.val().to_u8(), adaptation.starts_with(), "{places} places");
            if rng.one_in(30) {
                let exponent = rng.below(16) as u8;
                both.uut.payload_begins.next = true;
                both.uut.exponent.next = u64::from(exponent).into();
                adaptation.begin_payload(exponent);
            } else {
                let zeros = if rng.one_in(2) { 0 } else { rng.below(u64::from(GROWING) + 1) as u8 };
                both.uut.zeros.next = u64::from(zeros).into();
                both.tick();
                both.uut.code_ends.next = true;
                (0..zeros).for_each(|_| adaptation.zero());
                adaptation.end();
            }
            both.tick();
            // What these inputs are does not matter at other times.
            both.uut.exponent.next = rng.bits();
            both.uut.zeros.next = rng.bits();
        }
    }
}

/// A decoder, and the executor's side of it: bytes of a payload that come at any time.
struct Reader {
    both: SideBySide<TrainDecoder>,
    bytes: VecDeque<u8>,
    left: usize,
    /// Clocks until the next byte may be in front.
    until_here: u64,
    /// The next byte comes, and an event is taken, after less than so many clocks.
    slowness: u64,
    rng: Rng,
}

impl Reader {
    fn new(train: &Train, seed: u64) -> Self {
        let both = SideBySide::new(TrainDecoder::new(train).unwrap(), |u, level| u.clock.next = level.into());
        Self { both, bytes: VecDeque::new(), left: 0, until_here: 0, slowness: 1, rng: Rng::new(seed) }
    }

    fn clock(&mut self) {
        self.both.settle();
        let u = &mut self.both.uut;
        let taken = u.taken.val();
        let take = self.until_here == 0 && u.wants.val();
        assert!(!(u.wants.val() && self.left == 0), "wants a byte behind the last");
        let none_left = self.left == 0;
        self.both.tick();
        let u = &mut self.both.uut;
        // As `left` and `none_left` of the executor.
        u.none_left.next = none_left;
        self.left -= usize::from(taken);
        u.taken.next = take;
        u.front.next = self.rng.bits();
        self.until_here = self.until_here.saturating_sub(1);
        if take {
            u.front.next = u64::from(self.bytes.pop_front().unwrap()).into();
            self.until_here = 2 + self.rng.below(self.slowness);
        }
    }

    fn start(&mut self, payload: &[u8]) {
        self.bytes = payload.iter().copied().collect();
        self.left = payload.len();
        (0..3).for_each(|_| self.clock());
        self.both.uut.start.next = true;
        self.clock();
        self.both.uut.start.next = false;
    }
    fn stop(&mut self) {
        self.both.uut.stop.next = true;
        (0..2).for_each(|_| self.clock());
        self.both.uut.stop.next = false;
        self.clock();
        let u = &self.both.uut;
        assert!(!u.wants.val() && !u.spike.val() && !u.tick.val() && !u.over.val(), "it goes on when stopped");
    }
    fn restart(&mut self) {
        self.both.uut.restart.next = true;
        self.clock();
        self.both.uut.restart.next = false;
    }

    /// Up to so many events of the payload that was started, and whether it is over.
    fn events(&mut self, most: usize) -> (Vec<Event>, bool) {
        let (mut events, end) = (vec![], self.both.cycle + 100_000);
        loop {
            assert!(self.both.cycle < end, "{} events, the payload does not end", events.len());
            let u = &self.both.uut;
            assert!(u8::from(u.spike.val()) + u8::from(u.tick.val()) + u8::from(u.over.val()) < 2);
            if u.over.val() {
                return (events, true);
            }
            if u.spike.val() || u.tick.val() {
                if events.len() == most {
                    return (events, false);
                }
                let event = |u: &TrainDecoder| match u.spike.val() {
                    true => Event::Spike(u.place.val().to_u16()),
                    false => Event::Tick,
                };
                let first = event(u);
                for _ in 0..self.rng.below(self.slowness) {
                    self.clock();
                    let u = &self.both.uut;
                    assert!((u.spike.val() || u.tick.val()) && event(u) == first, "{first:?} does not wait");
                }
                self.both.uut.resume.next = true;
                self.clock();
                self.both.uut.resume.next = false;
                let u = &self.both.uut;
                assert!(!u.spike.val() && !u.tick.val(), "{first:?} stays");
                events.push(first);
            } else {
                self.clock();
            }
        }
    }
}

/// Payloads to the board: well-formed ones that begin with any exponent, cut ones and any bytes.
fn any_payloads(train: &Train, rng: &mut Rng) -> Vec<Vec<u8>> {
    match rng.below(6) {
        0..=2 => {
            let ticks = rng.below(12);
            let events = any_events(train, ticks, rng);
            let exponent = rng.below(u64::from(MAX_EXPONENT) + 1) as u8;
            let mut whole = payloads(*train, exponent, events);
            // The last tick without its spikes' end, now and then.
            if let Some(last) = whole.last_mut().filter(|last| last.len() > 1 && rng.one_in(4)) {
                last.pop();
            }
            whole
        }
        3 => vec![vec![rng.next_u64() as u8; 1]],
        4 => vec![vec![rng.below(16) as u8, 0, 0, 0, rng.next_u64() as u8]],
        _ => vec![(0..1 + rng.below(60)).map(|_| (rng.next_u64() & rng.next_u64()) as u8).collect()],
    }
}

#[test]
fn any_payloads_are_read_as_the_definition_says() {
    for (seed, places) in PLACES.into_iter().enumerate() {
        let train = Train { places, unordered: false };
        let mut reader = Reader::new(&train, seed as u64);
        let mut rng = Rng::new(50 + seed as u64);
        let mut decoder = Decoder::new(train);
        let (mut spikes, mut ticks) = (0, 0);
        for _ in 0..50 {
            reader.slowness = if rng.one_in(2) { 1 } else { 20 };
            for payload in any_payloads(&train, &mut rng) {
                let expected = decoder.read(&payload);
                reader.start(&payload);
                if rng.one_in(10) {
                    let most = rng.below(expected.len() as u64 + 1) as usize;
                    let (events, _) = reader.events(most);
                    assert_eq!(events, expected[..events.len()], "{places} places, {payload:02x?}");
                    reader.stop();
                    decoder.restart();
                    continue;
                }
                let (events, over) = reader.events(usize::MAX);
                assert!(over);
                assert_eq!(events, expected, "{places} places, {payload:02x?}");
                spikes += events.iter().filter(|event| **event != Event::Tick).count();
                ticks += events.iter().filter(|event| **event == Event::Tick).count();
                if rng.one_in(8) {
                    reader.restart();
                    decoder.restart();
                }
            }
        }
        assert!(spikes > 100 && ticks > 40, "{places} places: {spikes} spikes, {ticks} ticks");
    }
}

/// An encoder, and what takes its replies.
struct Writer {
    both: SideBySide<TrainEncoder>,
    /// Payloads that were closed, and the one that is open.
    closed: Vec<Vec<u8>>,
    open: Option<Vec<u8>>,
    /// Clocks since the last reply was closed, and from when on there is room for another.
    since_close: u64,
    room_after: u64,
    /// Room comes up to so many clocks after it was right.
    slowness: u64,
    rng: Rng,
}

/// Clocks from a close to a `room` that knows of it: two registers of the executor and those of the transmitter.
const ROOM_LATENCY: u64 = 5;

impl Writer {
    fn new(train: &Train, seed: u64) -> Self {
        let both = SideBySide::new(TrainEncoder::new(train).unwrap(), |u, level| u.clock.next = level.into());
        let rng = Rng::new(seed);
        Self { both, closed: vec![], open: None, since_close: 1_000, room_after: 0, slowness: 1, rng }
    }

    fn clock(&mut self) {
        self.since_close += 1;
        let has_room = self.since_close >= self.room_after;
        // What it says soon after a close is of the time before.
        self.both.uut.room.next = has_room || self.since_close < ROOM_LATENCY;
        self.both.uut.place.next = match self.both.uut.spike.next {
            true => self.both.uut.place.next,
            false => self.rng.bits(),
        };
        self.both.tick();
        let reply = self.both.uut.reply.val();
        assert!(reply.write || reply.data.to_u8() == 0, "data of a byte that is not written");
        assert!(!reply.discard);
        assert!(!(reply.write && reply.close), "a byte is written with the close");
        if reply.write {
            let byte = reply.data.to_u8();
            match &mut self.open {
                Some(payload) => payload.push(byte),
                None => {
                    assert!(has_room, "a reply begins without room");
                    assert_eq!(byte, Kind::StreamOut as u8);
                    self.open = Some(vec![]);
                }
            }
        }
        if reply.close {
            let payload = self.open.take().expect("a reply to close");
            assert!((1..=MAX_PAYLOAD).contains(&payload.len()), "{} bytes", payload.len());
            self.closed.push(payload);
            self.since_close = 0;
            self.room_after = ROOM_LATENCY + self.rng.below(self.slowness);
        }
    }

    fn until_ready(&mut self) {
        let end = self.both.cycle + 20_000;
        while !self.both.uut.ready.val() {
            assert!(self.both.cycle < end, "it is not ready");
            self.clock();
        }
        (0..self.rng.below(self.slowness)).for_each(|_| self.clock());
        assert!(self.both.uut.ready.val(), "it does not wait");
    }
    fn event(&mut self, event: Event) {
        self.until_ready();
        match event {
            Event::Spike(place) => {
                self.both.uut.spike.next = true;
                self.both.uut.place.next = u64::from(place).into();
            }
            Event::Late => self.both.uut.late.next = true,
            Event::Tick => self.both.uut.tick.next = true,
        }
        self.clock();
        (self.both.uut.spike.next, self.both.uut.late.next, self.both.uut.tick.next) = (false, false, false);
        assert!(!self.both.uut.ready.val());
    }
    fn finish(&mut self) {
        self.until_ready();
        self.both.uut.finish.next = true;
        self.clock();
        self.both.uut.finish.next = false;
        let end = self.both.cycle + 10_000;
        while !self.both.uut.done.val() {
            assert!(self.both.cycle < end, "the finish does not end");
            self.clock();
        }
        assert!(self.open.is_none(), "a reply is left open");
        self.clock();
        assert!(self.both.uut.ready.val() && !self.both.uut.done.val());
    }
    fn stop(&mut self) {
        let clocks = self.rng.below(40);
        (0..clocks).for_each(|_| self.clock());
        self.both.uut.stop.next = true;
        (0..3).for_each(|_| self.clock());
        self.both.uut.stop.next = false;
        self.clock();
        // The transmitter is cleared, too.
        self.closed.clear();
        self.open = None;
        self.since_close = 1_000;
    }
}

#[test]
fn trains_are_written_byte_for_byte_as_the_definition_says() {
    let mut full = 0;
    for (seed, places) in PLACES.into_iter().enumerate() {
        let train = Train { places, unordered: true };
        let mut writer = Writer::new(&train, seed as u64);
        let mut rng = Rng::new(70 + seed as u64);
        let mut first = Some(Adaptation::limit(&train));
        for _ in 0..6 {
            // From a stop on payloads begin with the exponent that was reached, and a decoder finds it in the first.
            let mut encoder = None::<Encoder>;
            let mut written = vec![];
            for _ in 0..1 + rng.below(4) {
                writer.slowness = if rng.one_in(2) { 1 } else { 60 };
                let most = if rng.one_in(3) { 100 } else { 4 };
                let ticks = rng.below(most);
                let events = any_events(&train, ticks, &mut rng);
                events.iter().for_each(|event| writer.event(*event));
                writer.finish();
                written.push(events);
                let payloads = std::mem::take(&mut writer.closed);
                let exponent = payloads.first().map(|payload| payload[0] & 0xf);
                let Some(exponent) = exponent else {
                    assert_eq!(written.pop(), Some(vec![]), "nothing is written");
                    continue;
                };
                assert!(first.take().is_none_or(|first| first == exponent));
                let encoder = encoder.get_or_insert_with(|| Encoder::new(train, exponent));
                for event in written.last().unwrap() {
                    match event {
                        Event::Spike(place) => encoder.spike(*place),
                        Event::Late => encoder.late(),
                        Event::Tick => encoder.tick(),
                    }
                }
                let expected = encoder.finish();
                full += expected.len() - 1;
                assert_eq!(payloads.len(), expected.len(), "{places} places: payloads");
                for (number, (payload, expected)) in payloads.iter().zip(&expected).enumerate() {
                    assert_eq!(payload, expected, "{places} places: payload {number} of {}", payloads.len());
                }
            }
            let ticks = rng.below(5);
            for event in any_events(&train, ticks, &mut rng).into_iter().take(60) {
                writer.event(event);
            }
            writer.stop();
        }
    }
    assert!(full > 20, "{full} full payloads");
}

#[test]
fn clocks_of_the_decoder_are_as_documented() {
    let train = Train { places: 60, unordered: false };
    let (mut reader, mut decoder, mut rng) = (Reader::new(&train, 90), Decoder::new(train), Rng::new(90));
    for _ in 0..30 {
        let events = any_events(&train, 5, &mut rng);
        for payload in payloads(train, 3, events) {
            let events = decoder.read(&payload);
            let ticks = events.iter().filter(|event| **event == Event::Tick).count();
            let bits = 8 * (payload.len() - 1) + payload[payload.len() - 1].ilog2() as usize - 4;
            reader.start(&payload);
            let start = reader.both.cycle;
            assert_eq!(reader.events(usize::MAX), (events.clone(), true));
            let clocks = 2 + 7 * payload.len() + 3 * bits + 6 * (events.len() - ticks) + 4 * ticks;
            assert_eq!(reader.both.cycle - start, clocks as u64, "{payload:02x?}");
        }
    }
}

#[test]
fn clocks_of_the_encoder_are_as_documented() {
    let train = Train { places: 4096, unordered: true };
    let mut writer = Writer::new(&train, 91);
    let mut clocks = |event| {
        let start = writer.both.cycle;
        writer.event(event);
        writer.until_ready();
        writer.both.cycle - start
    };
    let mut adaptation = Adaptation::new(&train, Adaptation::limit(&train));
    // A tick before which nothing is due, and the reply that is opened for it.
    assert_eq!(clocks(Event::Tick), 4 + 1);
    // A silent one, whose row is one zero.
    assert_eq!(clocks(Event::Tick), 9 + 3);
    adaptation.zero();
    // A spike in the tick behind it: a zero, which ends the row, the bit that says so, a 1 and the rest.
    assert_eq!(clocks(Event::Spike(5)), 8 + 3 * (1 + 1 + 12) + 2 + 1);
    adaptation.zero();
    adaptation.end();
    let mut place = 5;
    for number in 0..200 {
        let mut gap = if number % 20 == 19 { 150 } else { 0 };
        place += 1 + gap;
        let mut zeros = 0;
        while gap >= adaptation.step() {
            gap -= adaptation.step();
            adaptation.zero();
            zeros += 1;
        }
        let bits = zeros + 1 + u64::from(adaptation.exponent());
        assert_eq!(clocks(Event::Spike(place as u16)), 8 + 3 * bits, "a spike of {bits} bits");
        adaptation.end();
    }
}
