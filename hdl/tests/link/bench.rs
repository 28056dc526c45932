//! Link, stand-in and host together, for rust-hdl's simulator and for a recording that Verilog is compared with.

use crate::host::{Faults, Host, Order};
use crate::stand_in::{Deed, StandIn, blank, spikes_of};
use nernst_hdl::link::{Link, RX_CLOCKS_PER_BYTE};
use nernst_spec::link::message::{Kind, RESET_MEMORY, RESET_STATE, Refusal};
use nernst_spec::link::stream::{Event, TICK};
use nernst_spec::link::{Command, Reply, frame::crc32};
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

/// What a board that keeps to the contract does and answers, with a budget of so many ticks. Streams are one reply each, however they were cut.
pub fn expected(orders: &[Order], config: &ArrayConfig, budget: u16) -> (Vec<Deed>, Vec<Reply>) {
    let (mut deeds, mut replies, mut memory, mut tick) = (vec![], vec![], HashMap::new(), 0u16);
    let snapshot = Order::from(Command::Snapshot);
    for order in orders.iter().chain([&snapshot]) {
        let error = |refusal: Refusal, address| Reply::Error { code: refusal as u8, kind: order.kind, address };
        let Ok(kind) = Kind::try_from(order.kind) else {
            replies.push(error(Refusal::Kind, 0));
            continue;
        };
        let Ok(command) = Command::parse(kind, &order.payload) else {
            replies.push(error(Refusal::Length, 0));
            continue;
        };
        let missing = |address: Address, count: usize| {
            (0..count).map(|offset| address.offset(offset)).find(|address| !address.exists(config))
        };
        let word = |memory: &HashMap<Address, Word>, address| memory.get(&address).copied().unwrap_or(blank(address));
        match command {
            Command::Identify => replies.push(Reply::Identity(Identity::new(config).to_bytes())),
            Command::Snapshot => {
                deeds.push(Deed::Snapshot);
                replies.push(Reply::Done { kind: order.kind });
            }
            Command::Reset { flags } => {
                deeds.push(Deed::Reset(flags & 7));
                tick = if flags & RESET_STATE != 0 { 0 } else { tick };
                if flags & RESET_MEMORY != 0 {
                    memory.clear();
                }
                replies.push(Reply::Done { kind: order.kind });
            }
            Command::Write { address, words } => {
                for (offset, word) in words.into_iter().enumerate() {
                    let address = address.offset(offset);
                    if !address.exists(config) || !address.space().is_some_and(|space| space.is_writable()) {
                        replies.push(error(Refusal::Address, address.0));
                        break;
                    }
                    memory.insert(address, word);
                    deeds.push(Deed::Write(address, word));
                }
            }
            Command::Read { address, count } => replies.push(match missing(address, count as usize) {
                Some(address) => error(Refusal::Address, address.0),
                None => {
                    let words = (0..count as usize).map(|offset| word(&memory, address.offset(offset))).collect();
                    Reply::Words { address, words }
                }
            }),
            Command::Digest { address, count } => replies.push(match missing(address, count as usize) {
                Some(address) => error(Refusal::Address, address.0),
                None => {
                    let bytes = (0..count as usize).flat_map(|offset| word(&memory, address.offset(offset)).to_bytes());
                    Reply::Digest(crc32(&bytes.collect::<Vec<_>>()))
                }
            }),
            Command::Stream(words) => {
                let (mut output, mut refused) = (vec![], None);
                for word in words {
                    match Event::from(word) {
                        Event::Spike(_) if tick >= budget => {
                            refused = Some(error(Refusal::Budget, 0));
                            break;
                        }
                        Event::Spike(line) if (line as usize) < config.inputs => deeds.push(Deed::Input(line)),
                        Event::Spike(line) => {
                            refused = Some(error(Refusal::Input, line as u32));
                            break;
                        }
                        Event::Tick(ticks) => {
                            for _ in 0..ticks {
                                if tick >= budget {
                                    refused = Some(error(Refusal::Budget, 0));
                                    break;
                                }
                                deeds.push(Deed::Tick(tick));
                                output.extend(spikes_of(tick));
                                output.push(tick | TICK);
                                tick = tick.wrapping_add(1);
                            }
                            if refused.is_some() {
                                break;
                            }
                        }
                    }
                }
                if !output.is_empty() {
                    replies.push(Reply::Stream(output));
                }
                replies.extend(refused);
            }
            Command::Synchronise { .. } | Command::Acknowledge => unreachable!("not numbered"),
        }
    }
    (deeds, join_streams(replies))
}

/// Streams that follow each other as one.
pub fn join_streams(replies: Vec<Reply>) -> Vec<Reply> {
    let mut joined: Vec<Reply> = vec![];
    for reply in replies {
        match (joined.last_mut(), reply) {
            (Some(Reply::Stream(words)), Reply::Stream(more)) => words.extend(more),
            (_, reply) => joined.push(reply),
        }
    }
    joined
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
        match rng.below(16) {
            0 => Command::Identify.into(),
            1 => Command::Reset { flags: rng.next_u64() as u8 }.into(),
            2 => Command::Snapshot.into(),
            3 => {
                let payload = (0..rng.below(12)).map(|_| rng.next_u64() as u8).collect();
                Order { kind: 0x10 | rng.below(16) as u8, payload }
            }
            4..=6 => {
                let words = 1 + if rng.one_in(3) { rng.below(48) } else { rng.below(4) };
                let words = (0..words).map(|_| Word::new(rng.next_u64())).collect();
                Command::Write { address: address(rng), words }.into()
            }
            7..=8 => Command::Read { address: address(rng), count: rng.below(50) as u8 }.into(),
            9 => Command::Digest { address: address(rng), count: rng.below(60) as u16 }.into(),
            _ => {
                let word = |rng: &mut Rng| match rng.below(60) {
                    0 => 64 + rng.below(3) as u16,
                    n if n < 15 => TICK | rng.below(3) as u16,
                    _ => rng.below(64) as u16,
                };
                let count = if rng.one_in(5) { 122 } else { rng.below(20) };
                Command::Stream((0..count).map(|_| word(rng)).collect()).into()
            }
        }
    };
    (0..count).map(|_| order(rng)).collect()
}
