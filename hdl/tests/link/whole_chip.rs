//! Array and link together: what a host loads is what it reads, and spikes come out.

use crate::bench::{Heard, heard};
use crate::host::{Faults, Host};
use nernst_hdl::link::RX_CLOCKS_PER_BYTE;
use nernst_hdl::soc::Soc;
use nernst_spec::link::message::{Kind, RESET_LEDGER, RESET_MEMORY, RESET_STATE};
use nernst_spec::link::stream::Event::{Spike, Tick};
use nernst_spec::link::stream::{Train, payloads};
use nernst_spec::link::{Command, Reply};
use nernst_spec::memory::{Address, Route, Word};
use nernst_spec::tick::{LEAK_ONE, Parameters, Reset};
use nernst_spec::{ArrayConfig, Identity, WeightBits};
use rust_hdl_bsp_ecp5::cosim::Rng;
use rust_hdl_bsp_ecp5::simulate::Stepper;

/// Runs commands on a chip over a faulty line and returns the replies; the last command has one.
fn replies_of(config: &ArrayConfig, faults: Faults, commands: Vec<Command>, replies: usize) -> Vec<Reply> {
    let mut chip = Stepper::new(Soc::new(config).unwrap(), |u, level| u.clock.next = level.into()).unwrap();
    let (mut host, mut rng) = (Host::new(faults), Rng::new(6));
    host.orders.extend(commands.into_iter().map(Into::into));
    chip.uut.tx_ready.next = true;
    for clock in 0..300_000 {
        let byte = if clock % RX_CLOCKS_PER_BYTE == 0 { host.send(&mut rng) } else { None };
        chip.uut.rx_valid.next = byte.is_some();
        chip.uut.rx_data.next = (byte.unwrap_or(0) as u64).into();
        if chip.uut.tx_valid.val() {
            host.receive(chip.uut.tx_data.val().to_u8(), &mut rng);
        }
        chip.tick();
        host.clock(&mut rng);
        if host.is_done() && host.replies.len() == replies {
            return host.replies;
        }
    }
    panic!("{}", host.describe());
}

#[test]
fn a_spike_goes_in_over_the_link_and_another_comes_out() {
    let config = ArrayConfig::ready("tiny").unwrap();
    let bits = WeightBits::Four;
    let parameters = Parameters { threshold: 7, leak: LEAK_ONE, reset: Reset::Zero };
    let weights = Word::from_weights(&[7, 6], bits);
    let to_host = Route { host: true, ..Route::default() };
    let input = Route { cores: 1, axon: 9, delay: 0, host: false };
    // Places to the host are in the order of turns.
    let [first, second] = [0, 1].map(|neuron| config.turn_of(neuron));
    let spikes = payloads(Train::to_board(&config), 3, [Spike(5), Tick, Spike(5), Tick, Tick]).remove(0);
    let commands = vec![
        Command::Identify,
        Command::Reset { flags: RESET_STATE | RESET_LEDGER | RESET_MEMORY },
        Command::Write { address: Address::weights(0, 0, 9), words: vec![weights] },
        Command::Write { address: Address::parameters(0, 0, 0), words: vec![parameters.into(); 2] },
        Command::Write { address: Address::route(first), words: vec![to_host.into()] },
        Command::Write { address: Address::route(second), words: vec![to_host.into()] },
        Command::Write { address: Address::input(5), words: vec![input.into()] },
        Command::Stream(spikes),
        Command::Read { address: Address::membrane(0, 0), count: 2 },
        Command::Read { address: Address::weights(0, 0, 9), count: 1 },
        Command::Write { address: Address::membrane(0, 0), words: vec![weights] },
    ];
    for faults in [Faults::default(), Faults { bytes: 300, frames: 10 }] {
        let replies = replies_of(&config, faults, commands.clone(), 6);
        let write = Kind::Write as u8;
        // Neuron 0 reaches its threshold with every spike, neuron 1 with the second.
        let mut both = [first as u16, second as u16];
        both.sort_unstable();
        let train = vec![Spike(first as u16), Tick, Spike(both[0]), Spike(both[1]), Tick, Tick];
        let expected = [
            Heard::Reply(Reply::Identity(Identity::new(&config).to_bytes())),
            Heard::Reply(Reply::Done { kind: Kind::Reset as u8 }),
            Heard::Train(train),
            Heard::Reply(Reply::Words { address: Address::membrane(0, 0), words: vec![Word::default(); 2] }),
            Heard::Reply(Reply::Words { address: Address::weights(0, 0, 9), words: vec![weights] }),
            Heard::Reply(Reply::Error { code: 3, kind: write, address: Address::membrane(0, 0).0 }),
        ];
        assert_eq!(heard(replies, &config), expected);
    }
}
