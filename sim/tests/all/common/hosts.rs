//! What hosts of every kind say to a board: networks, commands right and wrong, replies that are asked for again, ticks at a pace, the
//! ends of every address space, session after session, spikes near and far apart, frames of every kind, payloads of every length, noise.

use super::client::{Client, stream, streams};
use super::commands::commands;
use super::networks;
use super::noise::Noisy;
use super::recorder::Recorder;
use nernst_sim::virtual_board::Options;
use nernst_sim::{BoardPort, VirtualBoard};
use nernst_spec::image::CoreImage;
use nernst_spec::link::frame::{DELIMITER, MAX_FRAME, MAX_PAYLOAD, crc32};
use nernst_spec::link::message::{MAX_WORDS, RESET_STATE};
use nernst_spec::link::{Command, FLAG_RESEND, Frame, Kind, PROTOCOL_VERSION};
use nernst_spec::memory::{Address, Route, Word};
use nernst_spec::tick::{LEAK_ONE, Parameters, Reset};
use nernst_spec::{ArrayConfig, Contexts, Image, budget, ledger, pace};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use std::io::Write;
use std::time::Duration;

type Port = Recorder<BoardPort<VirtualBoard>>;

/// What one host says to a board that was just switched on.
pub struct Host {
    pub name: &'static str,
    /// It is all about the link.
    pub of_link: bool,
    /// It takes a byte in one of so many clocks.
    pub pace: u64,
    /// Bytes, cut where it waits until the board is silent.
    pub said: Vec<Vec<u8>>,
}

/// Hosts of every kind with this RTL behind its UART.
pub fn behind_the_uart(config: &ArrayConfig, verilog: &str) -> Result<Vec<Host>, String> {
    let port = || -> Result<Port, String> {
        let board = VirtualBoard::from_verilog(verilog, &Options::default()).map_err(|error| error.to_string())?;
        let mut port = BoardPort::new(board);
        // A simulated board on a busy machine takes its time.
        port.set_timeout(Duration::from_secs(1000));
        Ok(Recorder::new(port))
    };
    let connect = || Ok::<_, String>(Client::connect(port()?));
    let host = |name, of_link, pace, said: Vec<Vec<u8>>| {
        let said = said.into_iter().filter(|said| !said.is_empty()).collect();
        Host { name, of_link, pace, said }
    };
    let mut hosts = vec![];
    for seed in 0..3 {
        hosts.push(host("careless host", false, 1 + 6 * seed, careless(connect()?, config, seed)));
    }
    hosts.push(host("network", false, 7, network(connect()?, config, 1, 10)));
    hosts.push(host("pace", true, 1, paced(connect()?, config)));
    hosts.push(host("addresses", false, 1, addresses(connect()?, config)));
    hosts.push(host("near and far", true, 1, near_and_far(connect()?, config)));
    hosts.push(host("noise", true, 1, noise(config, verilog)?));
    hosts.push(host("sessions", true, 1, sessions(port()?, config)));
    hosts.push(host("forgetful", true, 1, forgetful(connect()?)));
    hosts.push(host("kinds", true, 1, kinds(connect()?)));
    hosts.push(host("lengths", true, 1, lengths(connect()?)));
    Ok(hosts)
}

/// Bytes of every kind, for a UART.
pub fn with_a_uart(config: &ArrayConfig) -> Host {
    let mut random = StdRng::seed_from_u64(5);
    let commands = commands(config, 5, 60);
    let said = commands.chunks(3).map(|commands| {
        let frame = |command: &Command| Frame {
            kind: command.kind(),
            sequence: random.random(),
            acknowledge: 0,
            auxiliary: 0,
            payload: command.payload(),
        };
        commands.iter().map(frame).flat_map(|frame| frame.encode()).collect()
    });
    let said = [synchronise()].into_iter().chain(said).chain([synchronise()]).collect();
    Host { name: "UART", of_link: true, pace: 1, said }
}

fn synchronise() -> Vec<u8> {
    let command = Command::Synchronise { version: PROTOCOL_VERSION, number: 0x1234_5678 };
    let (kind, payload) = (command.kind(), command.payload());
    let frame = Frame { kind, sequence: 0, acknowledge: 0, auxiliary: 0, payload };
    [vec![DELIMITER], frame.encode()].concat()
}

/// Reads, writes and digests at both ends of everything that has addresses, and just behind it; then reads at the ends of every unit of every core.
fn addresses(mut client: Client<Port>, config: &ArrayConfig) -> Vec<Vec<u8>> {
    let image = networks::image(config, 4);
    client.load(&image, false);
    let mut blocks: Vec<(Address, usize)> =
        image.blocks().into_iter().map(|(first, words)| (first, words.len())).collect();
    blocks.extend(config.cores.iter().enumerate().map(|(core, shape)| (Address::membrane(core, 0), shape.neurons())));
    blocks.push((Address::ledger(0), ledger::words(config)));
    blocks.push((Address::budget(0), budget::WORDS));
    for (first, count) in blocks {
        let last = first.offset(count - 1);
        for address in [first, last, first.offset(count), first.offset(count + 64)] {
            client.call(&Command::Read { address, count: 1 });
            for word in [0x155, u64::MAX, 0] {
                client.call(&Command::Write { address, words: vec![Word::new(word)] });
                client.call(&Command::Read { address, count: 1 });
            }
        }
        client.call(&Command::Read { address: last, count: 2 });
        client.call(&Command::Digest { address: first, count: count as u16 });
        // What belongs to the array has core 0.
        client.call(&Command::Read { address: Address(first.0 | 1 << Address::CORE_SHIFT), count: 1 });
    }
    for (core, shape) in config.cores.iter().enumerate() {
        let ends = |count: usize| [0, count - 1, count, count.next_power_of_two()];
        let weights = ends(shape.tiles).into_iter().flat_map(|tile| {
            ends(shape.axons()).into_iter().chain([1023]).map(move |axon| Address::weights(core, tile, axon))
        });
        let parameters = ends(shape.units()).into_iter().flat_map(|unit| {
            ends(shape.ring()).into_iter().chain([1023]).map(move |place| Address::parameters(core, unit, place))
        });
        for address in weights.chain(parameters) {
            client.call(&Command::Read { address, count: 1 });
        }
    }
    client.port.chunks
}

/// Spikes for the host that are as far apart as they can be, of the neurons whose turns are the first and the last, and as near, of all of the first core. The
/// last core has one context.
fn near_and_far(mut client: Client<Port>, config: &ArrayConfig) -> Vec<Vec<u8>> {
    let mut image = Image::empty("near and far", config);
    image.cores = config.cores.iter().map(|shape| CoreImage::silent(shape, Contexts::ONE)).collect();
    image.inputs = vec![Route::default(); config.inputs];
    let turns = [0, config.neurons() - 1];
    for (line, turn) in turns.into_iter().enumerate() {
        let (core, neuron) = config.locate(config.at_turn(turn)).expect("an array has a first and a last neuron");
        let mut row = vec![0; config.cores[core].neurons()];
        row[neuron] = 7;
        image.cores[core].rows.insert(line as u16, row);
        image.cores[core].parameters[neuron] = Parameters { threshold: 1, leak: LEAK_ONE, reset: Reset::Zero };
        image.cores[core].routes[neuron] = Route { cores: 0, axon: 0, delay: 0, host: true };
        image.inputs[line] = Route { cores: 1 << core, axon: line as u16, delay: 0, host: false };
    }
    let first = &mut image.cores[0];
    let neurons = config.cores[0].neurons();
    first.rows.insert(2, vec![7; neurons]);
    first.parameters[..neurons].fill(Parameters { threshold: 1, leak: LEAK_ONE, reset: Reset::Zero });
    first.routes[..neurons].fill(Route { cores: 0, axon: 0, delay: 0, host: true });
    image.inputs[2] = Route { cores: 1, axon: 2, delay: 0, host: false };
    client.load(&image, false);
    let (first, last) = (vec![0], vec![1]);
    let far = [first, last.clone()].into_iter().cycle().take(32);
    let rows = [vec![], last].into_iter().cycle().take(16);
    let near = std::iter::repeat_n(vec![2], 4);
    for ticks in far.chain(rows).chain(near).collect::<Vec<_>>().chunks(8) {
        client.call(&stream(config, ticks));
    }
    client.port.chunks
}

/// A frame before there is a session; then one session after the other, of numbers far apart: an answer of the one before is on its way, or more was said than
/// the board has room for and it waits for a tick that is not due for long.
fn sessions(mut port: Port, config: &ArrayConfig) -> Vec<Vec<u8>> {
    let frame = Frame { kind: Kind::Identify, sequence: 0, acknowledge: 0, auxiliary: 0, payload: vec![] };
    port.write_all(&[vec![DELIMITER], frame.encode()].concat()).expect("a board in this process");
    let mut client = Client::connect(port);
    for number in [u32::MAX, 0, 0xaaaa_aaaa, 0x5555_5555] {
        client.send(&Command::Identify);
        client.synchronise(number);
        client.call(&Command::Identify);
    }
    client.ask(&Command::Write { address: Address::PACE, words: vec![Word::new(u32::MAX.into())] });
    client.send(&stream(config, &[vec![], vec![]]));
    for _ in 0..30 {
        client.send(&Command::Write { address: Address::input(0), words: vec![Word::default(); MAX_WORDS] });
    }
    client.synchronise(1);
    client.call(&Command::Identify);
    client.port.chunks
}

/// Commands whose replies are acknowledged when the board keeps as many as it can: short ones, then long ones; in between they are asked for again.
fn forgetful(mut client: Client<Port>) -> Vec<Vec<u8>> {
    for (command, count) in [(Command::Reset { flags: 0 }, 62), (Command::Identify, 20)] {
        (0..count).for_each(|_| client.send(&command));
        let mut expected = client.expected;
        for flags in [FLAG_RESEND, 0] {
            while let Some(frame) = client.receive() {
                if frame.is_ok_and(|frame| frame.kind.is_numbered() && frame.sequence == expected) {
                    expected = expected.wrapping_add(1);
                }
            }
            if flags == 0 {
                client.expected = expected;
            }
            client.send_frame(&Command::Acknowledge, 0, flags);
        }
    }
    while client.receive().is_some() {}
    client.port.chunks
}

/// Frames of every kind that a byte can say, with a payload and without, and frames that are so long that their end alone would be one.
fn kinds(mut client: Client<Port>) -> Vec<Vec<u8>> {
    for filler in [MAX_FRAME, 512, 1024] {
        say(&mut client, vec![0x5a; filler], Kind::Identify as u8, &[]);
    }
    for kind in 0..=255 {
        // A new session would begin the numbers again.
        if kind != Kind::Synchronise as u8 {
            say(&mut client, vec![], kind, &[]);
            say(&mut client, vec![], kind, &[1, 0, 0, 0, 1]);
        }
    }
    client.port.chunks
}

/// Payloads of every length, of zeros, for every command that is right with few of them.
fn lengths(mut client: Client<Port>) -> Vec<Vec<u8>> {
    for length in 0..=MAX_PAYLOAD {
        for kind in [Kind::Identify, Kind::Reset, Kind::Write, Kind::Read, Kind::Digest, Kind::Snapshot] {
            say(&mut client, vec![], kind as u8, &vec![0; length]);
        }
    }
    client.port.chunks
}

/// A frame that an honest host would not send, with these bytes before it under the same CRC; and what the board says to it.
fn say(client: &mut Client<Port>, before: Vec<u8>, kind: u8, payload: &[u8]) {
    let mut raw = [&before[..], &[kind, client.next, client.expected, 0], payload].concat();
    raw.extend(crc32(&raw).to_le_bytes());
    let wire = [cobs::encode_vec(&raw), vec![DELIMITER]].concat();
    client.port.write_all(&wire).expect("a board in this process");
    while let Some(Ok(frame)) = client.receive() {
        // The board says which frame it has not yet.
        client.next = frame.acknowledge;
        if frame.kind.is_numbered() {
            client.expected = frame.sequence.wrapping_add(1);
        }
    }
}

/// A random network, its state reset in the middle.
fn network(mut client: Client<Port>, config: &ArrayConfig, seed: u64, ticks: usize) -> Vec<Vec<u8>> {
    let image = networks::image(config, seed);
    client.load(&image, true);
    for (number, lines) in networks::spikes(config, seed, ticks).iter().enumerate() {
        // Of a core of several contexts it is not said whose it is.
        for core in 0..config.cores.len() {
            client.call(&Command::Read { address: Address::membrane(core, 0), count: 1 });
        }
        if number == ticks / 2 {
            client.membranes(config);
            client.ask(&Command::Reset { flags: RESET_STATE });
        }
        client.tick(lines);
    }
    client.membranes(config);
    client.ledger(config);
    client.port.chunks
}

/// Commands of every kind, several at once, from a host that acknowledges late and asks for replies again.
fn careless(mut client: Client<Port>, config: &ArrayConfig, seed: u64) -> Vec<Vec<u8>> {
    let mut random = StdRng::seed_from_u64(seed);
    client.config = config.clone();
    let all = commands(config, seed, 250);
    let mut rest = &all[..];
    let (mut heard, mut waiting) = (client.expected, 0);
    while !rest.is_empty() {
        let (now, later) = rest.split_at(random.random_range(1..=4).min(rest.len()));
        rest = later;
        now.iter().for_each(|command| client.send(command));
        while let Some(frame) = client.receive() {
            if let Ok(frame) = frame
                && frame.kind.is_numbered()
                && frame.sequence == heard
            {
                heard = heard.wrapping_add(1);
                waiting += 1;
            }
        }
        // A board keeps 63 replies at most, and 2,048 bytes.
        if waiting > 6 || random.random_bool(0.5) {
            client.expected = heard;
            waiting = 0;
        }
        if random.random_bool(0.3) {
            let flags = if random.random_bool(0.7) { FLAG_RESEND } else { 0 };
            client.send_frame(&Command::Acknowledge, 0, flags);
        }
    }
    client.expected = heard;
    client.send_frame(&Command::Acknowledge, 0, 0);
    while client.receive().is_some() {}
    client.port.chunks
}

/// Ticks at a pace, in time and late.
fn paced(mut client: Client<Port>, config: &ArrayConfig) -> Vec<Vec<u8>> {
    client.load(&networks::image(config, 9), false);
    // One that is longer than anybody waits for is over when the next is written.
    let longest = Command::Write { address: Address::PACE, words: vec![Word::new(u32::MAX.into())] };
    client.ask(&longest);
    for period in [3, pace::MIN_PERIOD, pace::MIN_PERIOD + 1, 300, 2_000] {
        client.ask(&Command::Write { address: Address::PACE, words: vec![Word::new(period.into())] });
        for ticks in networks::spikes(config, 9, 12).chunks(4) {
            for command in streams(config, ticks) {
                client.send(&command);
            }
            // What it says to them is not looked at here.
            while let Some(Ok(frame)) = client.receive() {
                if frame.kind.is_numbered() {
                    client.expected = frame.sequence.wrapping_add(1);
                }
            }
            client.send_frame(&Command::Acknowledge, 0, 0);
        }
    }
    client.ledger(config);
    client.port.chunks
}

/// Bytes that nobody should send, and sessions behind them.
fn noise(config: &ArrayConfig, verilog: &str) -> Result<Vec<Vec<u8>>, String> {
    let mut noisy = Noisy::new(config, verilog, 1);
    for _ in 0..30 {
        noisy = noisy.round()?;
    }
    Ok(noisy.take_chunks())
}
