//! All boards are one: the reference model, the RTL in rust-hdl's simulator and the RTL's Verilog in netsim answer alike.

use crate::common::client::{Client, connect, merge, streams};
use crate::common::networks::{self, mixed};
use nernst_sim::virtual_board::{Engine, Line, Options};
use nernst_sim::{Board, ReferenceArray, ReferenceBoard, RustHdlBoard, VirtualBoard};
use nernst_spec::encoding::{Code, Coding, MAX_FULL};
use nernst_spec::ledger::{ArrayCounter, Class, CoreCounter, words};
use nernst_spec::link::frame::MAX_PAYLOAD;
use nernst_spec::link::message::{MAX_WORDS, RESET_LEDGER, RESET_MEMORY, RESET_STATE, Refusal};
use nernst_spec::link::stream::{self, Train};
use nernst_spec::link::{Command, Kind, Reply, Values};
use nernst_spec::memory::{Address, Space, Word};
use nernst_spec::{ArrayConfig, Budget, Image, budget};
use proptest::prelude::*;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

fn tiny() -> ArrayConfig {
    ArrayConfig::ready("tiny").unwrap()
}

fn simulated(config: &ArrayConfig, line: Line) -> VirtualBoard {
    VirtualBoard::new(config, &Options { line, ..Options::default() }).unwrap()
}

/// A budget of what does not depend on time: spent at once, soon or never.
fn random_budget(random: &mut StdRng) -> Budget {
    let mut budget = Budget { left: random.random_range(-10..1 << 18), armed: true, ..Budget::default() };
    let of_array = ArrayCounter::ALL.iter().map(|&c| (budget::of_array(c), c.definition().class));
    let of_cores = CoreCounter::ALL.iter().map(|&c| (budget::of_cores(c), c.definition().class));
    for (place, class) in of_array.chain(of_cores) {
        budget.prices[place] = if class == Class::Activity { random.random_range(0..300) } else { 0 };
    }
    budget
}

/// Values of any width for lines that there are or are not, and few ticks or none.
fn random_values(config: &ArrayConfig, random: &mut StdRng) -> Values {
    let coding = if random.random() { Coding::Rate } else { Coding::Latency };
    let most = if random.random() { 20 } else { MAX_FULL };
    let full = random.random_range(1..=most);
    let code = Code { coding, full, least: random.random_range(0..5) };
    let lines = config.inputs as u16;
    let (first, count) = match random.random_range(0..3) {
        0 => (0, lines),
        1 => (random.random_range(0..lines), random.random_range(0..20)),
        _ => (random.random_range(0..lines + 20), random.random_range(0..lines)),
    };
    let width = random.random_range(1..=8);
    let there = usize::from(random.random_range(0..=count)).min(Values::most(width, MAX_PAYLOAD));
    let values = (0..there).map(|_| random.random()).collect();
    Values { code, width, first, count, ticks: random.random_range(0..6), values }
}

/// Commands of every kind, right and wrong.
fn script(config: &ArrayConfig, seed: u64, length: usize) -> Vec<Command> {
    let mut random = StdRng::seed_from_u64(seed);
    let mut commands = vec![Command::Identify, Command::Reset { flags: RESET_STATE | RESET_LEDGER | RESET_MEMORY }];
    // Input lines and neurons that do something.
    let image = networks::image(config, seed);
    let inputs: Vec<Word> = image.inputs.iter().map(|&route| route.into()).collect();
    let parameters = image.cores[0].parameters[..config.cores[0].ring()].iter().map(|&p| p.into()).collect();
    commands.push(Command::Write { address: Address::input(0), words: inputs[..inputs.len().min(MAX_WORDS)].to_vec() });
    commands.push(Command::Write { address: Address::parameters(0, 0, 0), words: parameters });
    for route in &image.inputs[..6] {
        let row = Word::from_weights(&[1, -2, 3, 4], config.cores[0].weight_bits);
        commands.push(Command::Write { address: Address::weights(0, 0, route.axon as usize), words: vec![row] });
    }
    for _ in 0..length {
        let core = random.random_range(0..=config.cores.len());
        let index = random.random_range(0..80);
        let address = match random.random_range(0..9) {
            0 => Address::weights(core, random.random_range(0..5), 505 + index % 10),
            1 => Address::parameters(core, random.random_range(0..3), index % 20),
            2 => Address::route(index),
            3 => Address::input(index),
            4 => Address::membrane(core, index),
            5 => Address::ledger(words(config) + index % 3),
            6 => Address::settings(core).offset(index % 3),
            7 => Address::budget(index % (budget::WORDS + 2)),
            _ => Address(random.random()),
        };
        if address.space() == Some(Space::Budget) {
            // What is left knows of all that was counted.
            commands.push(Command::Snapshot);
        }
        let count = random.random_range(1..=5);
        let command = match random.random_range(0..12) {
            11 => Command::Encode(random_values(config, &mut random)),
            0..3 => {
                // What every word keeps: 9 bits of axon, thresholds of an INT4 core.
                let words = (0..count).map(|_| Word::new(random.random_range(0..1 << 9))).collect();
                Command::Write { address, words }
            }
            3..5 => Command::Read { address, count: count as u8 },
            5 => Command::Digest { address, count: random.random_range(0..20) },
            6 => Command::Snapshot,
            7 => Command::Reset { flags: [0, 0, RESET_STATE, RESET_LEDGER][random.random_range(0..4)] },
            8 => {
                let words = random_budget(&mut random).words();
                let (left, prices) = words.split_at(budget::FIRST_PRICE);
                let address = Address::budget(budget::FIRST_PRICE);
                commands.push(Command::Write { address, words: prices.to_vec() });
                Command::Write { address: Address::budget(0), words: left.to_vec() }
            }
            _ => {
                // Bytes of any kind, for they all say something, and spikes that a tick follows or does not.
                if random.random_bool(0.2) {
                    let bytes = random.random_range(0..20);
                    Command::Stream((0..bytes).map(|_| random.random()).collect())
                } else {
                    let lines = config.inputs as u16;
                    let mut tick = || (0..random.random_range(0..6)).map(|_| random.random_range(0..lines)).collect();
                    let ticks: Vec<Vec<u16>> = (0..4).map(|_| tick()).collect();
                    let events = stream::encode(Train::to_board(config), &ticks).into_iter().flat_map(|(_, said)| said);
                    let some = events.take(random.random_range(0..20));
                    let payloads = stream::payloads(Train::to_board(config), random.random_range(0..16), some);
                    Command::Stream(payloads.concat())
                }
            }
        };
        commands.push(command);
    }
    commands
}

/// The replies to a script, without those that depend on time.
fn replies(config: &ArrayConfig, board: impl Board, commands: &[Command]) -> Vec<Vec<Reply>> {
    let mut client = connect(board);
    client.config = config.clone();
    let reads_ledger = |command: &Command| match command {
        Command::Read { address, .. } | Command::Digest { address, .. } => address.0 >> 28 == 5,
        _ => false,
    };
    let mut answer = |command: &Command| {
        let replies = client.call(command);
        if reads_ledger(command) {
            replies.iter().filter(|r| matches!(r, Reply::Error { .. })).cloned().collect()
        } else {
            replies
        }
    };
    commands.iter().map(&mut answer).collect()
}

/// Returns how many commands were refused because a budget was used up.
fn assert_answers_alike(config: &ArrayConfig, board: impl Board, commands: &[Command]) -> usize {
    let expected = replies(config, ReferenceBoard::new(config), commands);
    for ((command, expected), found) in commands.iter().zip(&expected).zip(replies(config, board, commands)) {
        assert_eq!(found, *expected, "{command:?}");
    }
    let used_up = |reply: &&Reply| matches!(reply, Reply::Error { code, .. } if *code == Refusal::Budget as u8);
    expected.iter().flatten().filter(used_up).count()
}

/// Runs a network on a board and on the model, and compares every host spike, every membrane after every tick and every
/// counter.
fn assert_equal_to_the_model(board: impl Board, image: &Image, ticks: &[Vec<u16>], verify: bool) {
    let config = &image.config;
    let mut model = ReferenceArray::new(config);
    model.load(image).unwrap();
    let mut client = connect(board);
    client.load(image, verify);
    for (number, lines) in ticks.iter().enumerate() {
        lines.iter().for_each(|&line| model.input(line).unwrap());
        assert_eq!(client.tick(lines), model.tick(), "host spikes of tick {number}");
        let expected: Vec<Vec<i32>> = (0..config.cores.len()).map(|core| model.membranes(core).to_vec()).collect();
        assert_eq!(client.membranes(config), expected, "membranes after tick {number}");
    }
    let ledger = client.ledger(config);
    assert_eq!(ledger.differences(&model.ledger()), []);
    assert!(ledger.array(ArrayCounter::HostSpikesOut) > 0, "a network that does nothing tests nothing");
    let (ticking, clocks) = (ledger.array(ArrayCounter::TickClocks), ledger.array(ArrayCounter::Clocks));
    assert!(
        ledger.maximum(CoreCounter::BusyClocks) <= ticking,
        "a core is busy in ticks only: {ticking} clocks of ticks"
    );
    assert!(0 < ticking && ticking <= clocks, "{ticking} clocks of ticks in {clocks} clocks");
}

#[test]
fn the_verilog_answers_scripts_as_the_reference_does() {
    let int8 = ArrayConfig::ready("tiny-int8").unwrap();
    let mut chains = networks::with_chains();
    chains.cores.truncate(3);
    for config in [tiny(), mixed(), networks::with_banks(), chains, int8] {
        let script = |seed| {
            let mut commands = script(&config, seed, 70);
            // More ticks than one frame of replies tells of.
            commands.extend(streams(&config, &vec![vec![]; 2000]));
            assert_answers_alike(&config, simulated(&config, Line::Bytes), &commands)
        };
        assert!((0..8).map(script).sum::<usize>() > 0, "no budget was used up");
    }
}

#[test]
fn the_interpreter_answers_as_the_machine_code_does() {
    let options = Options { engine: Engine::Interpreter, ..Options::default() };
    assert_answers_alike(&tiny(), VirtualBoard::new(&tiny(), &options).unwrap(), &script(&tiny(), 21, 40));
}

#[test]
fn the_verilog_answers_through_its_uart() {
    let line = Line::Uart { clocks_per_bit: 4 };
    let config = ArrayConfig { baud: tiny().clock_hz / 4, ..tiny() };
    assert_answers_alike(&config, simulated(&config, line), &script(&config, 31, 30));
}

#[test]
fn values_in_several_frames_become_the_spikes_of_one_sample() {
    let config = ArrayConfig { inputs: 600, ..tiny() };
    let mut random = StdRng::seed_from_u64(61);
    let pixels: Vec<u8> = (0..600).map(|_| random.random_range(0..=16)).collect();
    let image = networks::image(&config, 61);
    for coding in [Coding::Rate, Coding::Latency] {
        let code = Code { coding, full: 16, least: 2 };
        // Of lines 0 to 511, for those behind them have no value.
        let spikes = code.encode(&pixels[..512], 8);
        let as_spikes: Vec<Command> = streams(&config, &spikes);
        let frame = |first: usize, ticks| {
            let values = pixels[first..(first + 250).min(600)].to_vec();
            let (first, count) = (first as u16, values.len() as u16);
            Command::Encode(Values { code, width: 5, first, count, ticks, values })
        };
        // What a host before it had begun is ended, its row and its values forgotten.
        let as_values = vec![frame(0, 0), frame(250, 0), frame(500, 8)];
        let run = |commands: &[Command]| {
            let mut client = connect(simulated(&config, Line::Bytes));
            client.load(&image, false);
            client.send(&Command::Encode(Values {
                code,
                width: 1,
                first: 0,
                count: 8,
                ticks: 60_000,
                values: vec![1; 8],
            }));
            let mut client = Client::connect(client.port);
            client.config = config.clone();
            client.call(&Command::Reset { flags: RESET_STATE | RESET_LEDGER });
            let heard: Vec<Reply> = commands.iter().flat_map(|command| client.call(command)).collect();
            let ledger = client.ledger(&config);
            (merge(&config, heard), client.membranes(&config), ledger)
        };
        let (told, membranes, ledger) = run(&as_values);
        let (expected_told, expected_membranes, expected) = run(&as_spikes);
        assert_eq!((told, membranes), (expected_told, expected_membranes), "{coding:?}");
        assert_eq!(ledger.differences(&expected), []);
        assert_eq!(ledger.array(ArrayCounter::HostSpikesIn), spikes.iter().map(Vec::len).sum::<usize>() as u64);
        assert!(ledger.array(ArrayCounter::HostSpikesOut) > 0, "a network that does nothing tests nothing");
    }
}

#[test]
fn rust_hdl_answers_a_script_as_the_reference_does() {
    assert_answers_alike(&tiny(), RustHdlBoard::new(&tiny()).unwrap(), &script(&tiny(), 41, 10));
}

#[test]
fn rust_hdl_runs_a_network_as_the_model_does() {
    // Few ticks, for they take long: those of a network that is heard in them.
    let heard = |seed: &u64| {
        let mut model = ReferenceArray::new(&tiny());
        model.load(&networks::image(&tiny(), *seed)).unwrap();
        networks::spikes(&tiny(), *seed, 3).iter().any(|lines| {
            lines.iter().for_each(|&line| model.input(line).unwrap());
            !model.tick().is_empty()
        })
    };
    let seed = (0..100).find(heard).unwrap();
    let (image, ticks) = (networks::image(&tiny(), seed), networks::spikes(&tiny(), seed, 3));
    assert_equal_to_the_model(RustHdlBoard::new(&tiny()).unwrap(), &image, &ticks, false);
}

#[test]
fn the_whole_memory_is_verified_by_digests() {
    for config in [mixed(), networks::with_banks(), networks::with_chains()] {
        let image = networks::image(&config, 5);
        let spikes = networks::spikes(&config, 5, 30);
        assert_equal_to_the_model(simulated(&config, Line::Bytes), &image, &spikes, true);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn the_verilog_runs_networks_as_the_model_does(seed: u64, choice in 0usize..6) {
        let int8 = ArrayConfig::ready("tiny-int8").unwrap();
        let config = [tiny(), mixed(), networks::with_contexts(), networks::with_banks(), networks::with_chains(), int8]
            [choice].clone();
        let image = networks::image(&config, seed);
        assert_equal_to_the_model(simulated(&config, Line::Bytes), &image, &networks::spikes(&config, seed, 25), false);
    }
}

#[test]
fn virtual_time_stands_still_while_the_host_thinks() {
    let mut client = connect(simulated(&tiny(), Line::Bytes));
    client.call(&Command::Identify);
    let clocks = client.port.board().clocks();
    assert!(client.receive().is_none());
    assert_eq!(client.port.board().clocks(), clocks);
}

#[test]
fn a_trace_has_the_signals_of_the_board() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("board.vcd");
    let trace = nernst_sim::virtual_board::Trace { path: path.clone(), scopes: vec!["link".into()] };
    let board = VirtualBoard::new(&tiny(), &Options { trace: Some(trace), ..Options::default() }).unwrap();
    let mut client = connect(board);
    assert_eq!(client.ask(&Command::Reset { flags: RESET_STATE }), Some(Reply::Done { kind: Kind::Reset as u8 }));
    client.port.board_mut().finish_trace().unwrap();
    let text = std::fs::read_to_string(&path).unwrap();
    assert!(text.contains("tx_valid") && text.contains("$enddefinitions"), "{}", &text[..500]);
    let missing = directory.path().join("none").join("board.vcd");
    let trace = nernst_sim::virtual_board::Trace { path: missing, scopes: vec![] };
    let error = VirtualBoard::new(&tiny(), &Options { trace: Some(trace), ..Options::default() }).err().unwrap();
    assert!(error.to_string().contains("board.vcd"), "{error}");
}
