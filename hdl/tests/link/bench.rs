//! Link, stand-in and host together, for rust-hdl's simulator and for a recording that Verilog is compared with.

use crate::host::{Faults, Host, Order};
use crate::stand_in::{Deed, StandIn, blank, spikes_of};
use nernst_hdl::link::{Link, RX_CLOCKS_PER_BYTE};
use nernst_spec::encoding::{self, Code, Coding, Encoder};
use nernst_spec::link::message::{Kind, RESET_MEMORY, RESET_STATE, Refusal};
use nernst_spec::link::stream::{Decoder, Event, MAX_EXPONENT, Train, payloads};
use nernst_spec::link::{Command, Reply, Values, frame::crc32};
use nernst_spec::memory::{Address, Word};
use nernst_spec::{ArrayConfig, Identity};
use rust_hdl_bsp_ecp5::cosim::Rng;
use rust_hdl_bsp_ecp5::simulate::Stepper;
use std::collections::HashMap;

/// All that surrounds the link.
pub struct Bench {
    pub array: StandIn,
    pub host: Host,
    pub rng: Rng,
    /// Clocks from one byte to the next.
    pub pace: u64,
    /// The line takes a byte one time in so many clocks.
    pub slowness: u64,
    since_byte: u64,
}

impl Bench {
    pub fn new(faults: Faults, seed: u64) -> Self {
        let config = ArrayConfig::ready("tiny").unwrap();
        let (array, host) = (StandIn::new(&config), Host::new(faults));
        Self { array, host, rng: Rng::new(seed), pace: RX_CLOCKS_PER_BYTE as u64, slowness: 3, since_byte: 0 }
    }

    pub fn link(&self) -> Link {
        Link::new(&self.array.config).unwrap()
    }

    /// One clock of everything around the link.
    pub fn drive(&mut self, link: &mut Link) {
        let ready = self.rng.one_in(self.slowness);
        link.tx_ready.next = ready;
        if ready && link.tx_valid.val() {
            self.host.receive(link.tx_data.val().to_u8(), &mut self.rng);
        }
        self.array.drive(link, &mut self.rng);
        self.host.clock(&mut self.rng);
        self.since_byte += 1;
        let byte = if self.since_byte >= self.pace { self.host.send(&mut self.rng) } else { None };
        link.rx_valid.next = byte.is_some();
        link.rx_data.next = (byte.unwrap_or(0x5a) as u64).into();
        if byte.is_some() {
            self.since_byte = 0;
        }
    }
}

/// A bench with the link in rust-hdl's simulator.
pub struct Run {
    pub bench: Bench,
    pub stepper: Stepper<Link>,
}

impl Run {
    pub fn new(faults: Faults, seed: u64) -> Self {
        let bench = Bench::new(faults, seed);
        let stepper = Stepper::new(bench.link(), |link, level| link.clock.next = level.into()).unwrap();
        Self { bench, stepper }
    }

    pub fn clock(&mut self) {
        self.bench.drive(&mut self.stepper.uut);
        self.stepper.tick();
    }

    /// Clocks until something is so.
    pub fn until(&mut self, what: &str, clocks: u64, mut so: impl FnMut(&mut Self) -> bool) {
        let end = self.stepper.cycle + clocks;
        while !so(self) {
            assert!(
                self.stepper.cycle < end,
                "not in {clocks} clocks: {what}; deeds {}, {}",
                self.bench.array.deeds.len(),
                self.bench.host.describe()
            );
            self.clock();
        }
    }

    /// Sends orders and waits for all of their replies, a snapshot at the end included.
    pub fn obey(&mut self, orders: &[Order], clocks: u64) {
        self.bench.host.orders.extend(orders.iter().cloned());
        self.bench.host.orders.push_back(Command::Snapshot.into());
        let last = Reply::Done { kind: Kind::Snapshot as u8 };
        let snapshots =
            orders.iter().filter(|order| order.kind == Kind::Snapshot as u8 && order.payload.is_empty()).count() + 1;
        self.until("every reply", clocks, |run| {
            let host = &run.bench.host;
            host.is_done() && host.replies.iter().filter(|reply| **reply == last).count() == snapshots
        });
    }
}

/// What a host learns from replies: those of streams that follow each other are one, however they were cut.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Heard {
    Train(Vec<Event>),
    Reply(Reply),
}

pub fn heard(replies: Vec<Reply>, config: &ArrayConfig) -> Vec<Heard> {
    let mut decoder = Decoder::new(Train::to_host(config));
    let read = |reply| match reply {
        Reply::Stream(payload) => Heard::Train(decoder.read(&payload)),
        reply => Heard::Reply(reply),
    };
    join_trains(replies.into_iter().map(read))
}

fn join_trains(parts: impl IntoIterator<Item = Heard>) -> Vec<Heard> {
    let mut joined: Vec<Heard> = vec![];
    for part in parts {
        match (joined.last_mut(), part) {
            (Some(Heard::Train(events)), Heard::Train(more)) => events.extend(more),
            (_, part) => joined.push(part),
        }
    }
    joined
}

/// What a board that keeps to the contract does and what is heard of it, with a budget of so many ticks.
pub fn expected(orders: &[Order], config: &ArrayConfig, budget: u16) -> (Vec<Deed>, Vec<Heard>) {
    let (mut deeds, mut heard, mut memory, mut tick) = (vec![], vec![], HashMap::new(), 0u16);
    let mut decoder = Decoder::new(Train::to_board(config));
    let mut values = vec![0; encoding::lines(config)];
    let snapshot = Order::from(Command::Snapshot);
    for order in orders.iter().chain([&snapshot]) {
        let error =
            |refusal: Refusal, address| Heard::Reply(Reply::Error { code: refusal as u8, kind: order.kind, address });
        let Ok(kind) = Kind::try_from(order.kind) else {
            heard.push(error(Refusal::Kind, 0));
            continue;
        };
        let Ok(command) = Command::parse(kind, &order.payload) else {
            heard.push(error(Refusal::Length, 0));
            continue;
        };
        let missing = |address: Address, count: usize| {
            (0..count).map(|offset| address.offset(offset)).find(|address| !address.exists(config))
        };
        let word = |memory: &HashMap<Address, Word>, address| memory.get(&address).copied().unwrap_or(blank(address));
        match command {
            Command::Identify => heard.push(Heard::Reply(Reply::Identity(Identity::new(config).to_bytes()))),
            Command::Snapshot => {
                deeds.push(Deed::Snapshot);
                heard.push(Heard::Reply(Reply::Done { kind: order.kind }));
            }
            Command::Reset { flags } => {
                deeds.push(Deed::Reset(flags & 7));
                if flags & RESET_STATE != 0 {
                    tick = 0;
                    decoder.restart();
                }
                if flags & RESET_MEMORY != 0 {
                    memory.clear();
                    values.fill(0);
                }
                heard.push(Heard::Reply(Reply::Done { kind: order.kind }));
            }
            Command::Write { address, words } => {
                for (offset, word) in words.into_iter().enumerate() {
                    let address = address.offset(offset);
                    if !address.exists(config) || !address.space().is_some_and(|space| space.is_writable()) {
                        heard.push(error(Refusal::Address, address.0));
                        break;
                    }
                    memory.insert(address, word);
                    deeds.push(Deed::Write(address, word));
                }
            }
            Command::Read { address, count } => heard.push(match missing(address, count as usize) {
                Some(address) => error(Refusal::Address, address.0),
                None => {
                    let words = (0..count as usize).map(|offset| word(&memory, address.offset(offset))).collect();
                    Heard::Reply(Reply::Words { address, words })
                }
            }),
            Command::Digest { address, count } => heard.push(match missing(address, count as usize) {
                Some(address) => error(Refusal::Address, address.0),
                None => {
                    let bytes = (0..count as usize).flat_map(|offset| word(&memory, address.offset(offset)).to_bytes());
                    Heard::Reply(Reply::Digest(crc32(&bytes.collect::<Vec<_>>())))
                }
            }),
            Command::Stream(_) | Command::Encode(_) => {
                let events = match command {
                    Command::Encode(sent) => {
                        decoder.restart();
                        encoded(&sent, &mut values)
                    }
                    _ => decoder.read(&order.payload),
                };
                let (mut output, mut refused) = (vec![], None);
                for event in events {
                    if tick >= budget {
                        refused = Some(error(Refusal::Budget, 0));
                        decoder.restart();
                        break;
                    }
                    match event {
                        Event::Spike(line) => deeds.push(Deed::Input(line)),
                        Event::Late => unreachable!("none to the board"),
                        Event::Tick => {
                            deeds.push(Deed::Tick(tick));
                            output.extend(spikes_of(tick, config.neurons()).into_iter().map(Event::Spike));
                            output.push(Event::Tick);
                            tick = tick.wrapping_add(1);
                        }
                    }
                }
                if !output.is_empty() {
                    heard.push(Heard::Train(output));
                }
                heard.extend(refused);
            }
            Command::Synchronise { .. } | Command::Acknowledge => unreachable!("not numbered"),
        }
    }
    (deeds, join_trains(heard))
}

/// What a board does with values, and keeps of them.
fn encoded(sent: &Values, values: &mut [u8]) -> Vec<Event> {
    let to = values.iter_mut().skip(sent.first.into());
    to.zip(&sent.values).for_each(|(to, &value)| *to = value);
    let values = &values[..sent.end().min(values.len())];
    let mut encoder = Encoder::new(sent.code, sent.ticks);
    let ticks = std::iter::from_fn(|| encoder.tick(values));
    ticks.flat_map(|spikes| spikes.into_iter().map(Event::Spike).chain([Event::Tick])).collect()
}

/// Values of a digit on the first lines.
pub fn values(coding: Coding, ticks: u16, values: &[u8]) -> Order {
    let code = Code { coding, full: 16, least: 2 };
    let (count, values) = (values.len() as u16, values.to_vec());
    Command::Encode(Values { code, width: 5, first: 0, count, ticks, values }).into()
}

/// Values of any width for any lines, for few ticks.
fn any_values(rng: &mut Rng) -> Order {
    let coding = if rng.one_in(2) { Coding::Rate } else { Coding::Latency };
    let width = 1 + rng.below(8) as u8;
    let most = if rng.one_in(4) { 256 } else { 20 };
    let code = Code { coding, full: 1 + rng.below(most) as u16, least: rng.below(4) as u8 };
    let (first, count) = if rng.one_in(2) { (0, 64) } else { (rng.below(70) as u16, rng.below(70) as u16) };
    let values = (0..count).map(|_| rng.next_u64() as u8).collect();
    let ticks = rng.below(4) as u16;
    let mut order = Order::from(Command::Encode(Values { code, width, first, count, ticks, values }));
    if rng.one_in(4) {
        order.payload.truncate(7 + rng.below(40) as usize);
    }
    order
}

/// Streams that say these events, the first payload beginning with this exponent.
pub fn streams(exponent: u8, events: &[Event]) -> Vec<Order> {
    let train = Train::to_board(&ArrayConfig::ready("tiny").unwrap());
    let payloads = payloads(train, exponent, events.iter().copied());
    payloads.into_iter().map(|payload| Command::Stream(payload).into()).collect()
}

/// A stream of one payload.
pub fn stream(events: &[Event]) -> Order {
    let mut streams = streams(4, events);
    assert_eq!(streams.len(), 1, "payloads of {} events", events.len());
    streams.remove(0)
}

/// One that runs so many ticks.
pub fn ticks(count: usize) -> Order {
    stream(&vec![Event::Tick; count])
}

/// Random commands, some of which must be refused.
pub fn random_orders(count: usize, rng: &mut Rng) -> Vec<Order> {
    let address = |rng: &mut Rng| match rng.below(8) {
        0 => Address::weights(rng.below(3) as usize, rng.below(5) as usize, rng.below(520) as usize),
        1 => Address::membrane(0, rng.below(36) as usize),
        2 => Address(rng.next_u64() as u32),
        3 => Address::ledger(rng.below(60) as usize),
        4 => Address::route(rng.below(80) as usize),
        _ => Address::weights(rng.below(2) as usize, rng.below(4) as usize, rng.below(460) as usize),
    };
    let order = |rng: &mut Rng| -> Order {
        match rng.below(17) {
            16 => any_values(rng),
            0 => Command::Identify.into(),
            1 => Command::Reset { flags: rng.next_u64() as u8 }.into(),
            2 => Command::Snapshot.into(),
            3 => {
                let mut payload: Vec<u8> = (0..rng.below(12)).map(|_| rng.next_u64() as u8).collect();
                let kind = 0x10 | rng.below(16) as u8;
                // Not so many ticks of values that nobody waits for their end.
                payload.iter_mut().skip(7).for_each(|byte| *byte &= if kind == Kind::Encode as u8 { 0 } else { 0xff });
                Order { kind, payload }
            }
            4..=6 => {
                let words = 1 + if rng.one_in(3) { rng.below(48) } else { rng.below(4) };
                let words = (0..words).map(|_| Word::new(rng.next_u64())).collect();
                Command::Write { address: address(rng), words }.into()
            }
            7..=8 => Command::Read { address: address(rng), count: rng.below(50) as u8 }.into(),
            9 => Command::Digest { address: address(rng), count: rng.below(60) as u16 }.into(),
            _ => {
                if rng.one_in(4) {
                    // Any bytes, with ticks after a while and with one after the other.
                    let payload = (0..1 + rng.below(14)).map(|_| (rng.next_u64() | rng.next_u64()) as u8).collect();
                    return Order { kind: Kind::Stream as u8, payload };
                }
                // Often the last tick is left to the next stream.
                let spikes = if rng.one_in(5) { 140 } else { rng.below(15) };
                let (mut events, mut next) = (vec![], 0);
                for _ in 0..spikes {
                    next += if rng.one_in(4) { rng.below(64) } else { rng.below(5) };
                    if next >= 64 {
                        events.extend(vec![Event::Tick; 1 + rng.below(3) as usize]);
                        next = 0;
                    }
                    events.push(Event::Spike(next as u16));
                    next += 1;
                }
                events.extend(vec![Event::Tick; rng.below(4) as usize]);
                let exponent = rng.below(u64::from(MAX_EXPONENT) + 1) as u8;
                streams(exponent, &events).into_iter().next().unwrap_or(ticks(1))
            }
        }
    };
    (0..count).map(|_| order(rng)).collect()
}
