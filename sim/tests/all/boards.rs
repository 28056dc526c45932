//! All boards are one: the reference model, the RTL in rust-hdl's simulator and the RTL's Verilog in netsim answer alike.

use crate::common::client::{Client, connect, merge, streams};
use crate::common::commands::commands;
use crate::common::networks::{self, mixed};
use nernst_sim::virtual_board::{Engine, Line, Options};
use nernst_sim::{Board, ReferenceArray, ReferenceBoard, RustHdlBoard, VirtualBoard};
use nernst_spec::encoding::{Code, Coding};
use nernst_spec::ledger::{ArrayCounter, CoreCounter};
use nernst_spec::link::message::{RESET_LEDGER, RESET_STATE, Refusal};
use nernst_spec::link::{Command, Kind, Reply, Values};
use nernst_spec::{ArrayConfig, Image};
use proptest::prelude::*;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

fn tiny() -> ArrayConfig {
    ArrayConfig::ready("tiny").unwrap()
}

fn simulated(config: &ArrayConfig, line: Line) -> VirtualBoard {
    VirtualBoard::new(config, &Options { line, ..Options::default() }).unwrap()
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
            let mut commands = commands(&config, seed, 70);
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
    assert_answers_alike(&tiny(), VirtualBoard::new(&tiny(), &options).unwrap(), &commands(&tiny(), 21, 40));
}

#[test]
fn the_verilog_answers_through_its_uart() {
    let line = Line::Uart { clocks_per_bit: 4 };
    let config = ArrayConfig { baud: tiny().clock_hz / 4, ..tiny() };
    assert_answers_alike(&config, simulated(&config, line), &commands(&config, 31, 30));
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
    assert_answers_alike(&tiny(), RustHdlBoard::new(&tiny()).unwrap(), &commands(&tiny(), 41, 10));
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
