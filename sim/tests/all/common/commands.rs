//! Commands of every kind for a board.

use super::networks;
use nernst_spec::ArrayConfig;
use nernst_spec::budget::{self, Budget, MAX_LEFT, MAX_PRICE};
use nernst_spec::encoding::{Code, Coding, MAX_FULL};
use nernst_spec::ledger::{ArrayCounter, Class, CoreCounter, words};
use nernst_spec::link::frame::MAX_PAYLOAD;
use nernst_spec::link::message::{MAX_WORDS, RESET_LEDGER, RESET_MEMORY, RESET_STATE};
use nernst_spec::link::stream::{self, Train};
use nernst_spec::link::{Command, Values};
use nernst_spec::memory::{Address, Space, Word};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

/// A budget of what does not depend on time: overdrawn from the beginning, spent at once, soon or never, with low prices or any; or one that is not armed.
fn random_budget(random: &mut StdRng) -> Budget {
    let most = [1 << 18, MAX_LEFT][usize::from(random.random_bool(0.3))];
    let highest = [300, MAX_PRICE][usize::from(random.random_bool(0.3))];
    let left = if random.random_bool(0.2) { -1 } else { random.random_range(0..=most) };
    let mut budget = Budget { left, armed: random.random_bool(0.8), ..Budget::default() };
    let of_array = ArrayCounter::ALL.iter().map(|&c| (budget::of_array(c), c.definition().class));
    let of_cores = CoreCounter::ALL.iter().map(|&c| (budget::of_cores(c), c.definition().class));
    for (place, class) in of_array.chain(of_cores) {
        budget.prices[place] = if class == Class::Activity { random.random_range(0..=highest) } else { 0 };
    }
    budget
}

/// Values of any width for lines that there are or are not, and few ticks or none.
fn values(config: &ArrayConfig, random: &mut StdRng) -> Values {
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
pub fn commands(config: &ArrayConfig, seed: u64, length: usize) -> Vec<Command> {
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
        let command = match random.random_range(0..13) {
            12 => {
                commands.push(Command::Snapshot);
                Command::Read { address: Address::budget(0), count: 2 }
            }
            11 => Command::Encode(values(config, &mut random)),
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
