//! Every block below the core and its Verilog, against a plain model under random stimulus.

mod common;

use common::side_by_side::{SideBySide, compare};
use nernst_hdl::array::banked_tile::BankedTile;
use nernst_hdl::array::bus::{CoreActivity, ValueAccess};
use nernst_hdl::array::count_ones::CountOnes;
use nernst_hdl::array::delay::Delay;
use nernst_hdl::array::lowest_bit::LowestBit;
use nernst_hdl::array::route_table::RouteTable;
use nernst_hdl::array::router::Router;
use nernst_hdl::array::scheduler::Scheduler;
use nernst_hdl::array::tally::{SumTally, Tally, counts};
use nernst_hdl::array::tile::Tile;
use nernst_hdl::array::unpacker::Unpacker;
use nernst_spec::ledger::{ArrayCounter, CoreCounter, words};
use nernst_spec::memory::{Route, Word, route_word};
use nernst_spec::timing::{GROUP_BITS, GROUPS, group_clocks, walk_clocks};
use nernst_spec::{ArrayConfig, Budget, Contexts, Ledger, WeightBits};
use rust_hdl::prelude::bits;
use rust_hdl_bsp_ecp5::cosim::Rng;
use std::collections::{BTreeSet, VecDeque};

#[test]
fn the_lowest_bit_is_found() {
    compare(
        LowestBit::default(),
        |_, _| {},
        16,
        |both, step| {
            let word = step as u64;
            both.uut.word.next = word.into();
            both.settle();
            let u = &both.uut;
            assert_eq!(u.any.val(), word != 0);
            assert_eq!(u.last.val(), word.count_ones() < 2);
            assert_eq!(u.rest.val().to_u64(), word & word.wrapping_sub(1));
            assert_eq!(u.index.val().to_u32(), if word == 0 { 0 } else { word.trailing_zeros() });
        },
    );
}

#[test]
fn set_bits_come_out_one_a_clock() {
    let mut rng = Rng::new(10);
    let mut both = SideBySide::new(Unpacker::default(), |u, level| u.clock.next = level.into());
    for patient in [true, false] {
        let mut expected = VecDeque::new();
        let (mut clocks, mut work) = (0, 0);
        for _ in 0..300 {
            // Empty, one bit, a few, all.
            let word = match rng.below(5) {
                0 => 0,
                1 => 1 << rng.below(16),
                2 => 0xffff,
                _ => rng.next_u64() & rng.next_u64() & 0xffff,
            };
            let tag = rng.below(64);
            let u = &mut both.uut;
            (u.tag.next, u.word_valid.next) = (tag.into(), true);
            // A word that counts as empty may be anything.
            let empty = word == 0 && rng.one_in(2);
            (u.word_empty.next, u.word.next) = (empty, (if empty { rng.below(0x1_0000) } else { word }).into());
            expected.extend((0..16).filter(|bit| word >> bit & 1 == 1).map(|bit| (bit, tag)));
            work += word.count_ones().max(1);
            let mut taken = false;
            while !taken {
                both.uut.ready.next = patient || rng.one_in(3);
                both.settle();
                let u = &both.uut;
                taken = u.take.val();
                if u.valid.val() && u.ready.val() {
                    assert_eq!(Some((u.index.val().to_u64(), u.index_tag.val().to_u64())), expected.pop_front());
                }
                both.tick();
                clocks += 1;
            }
        }
        both.uut.word_valid.next = false;
        while both.uut.busy.val() {
            both.uut.ready.next = patient || rng.one_in(3);
            both.settle();
            let u = &both.uut;
            if u.valid.val() && u.ready.val() {
                assert_eq!(Some((u.index.val().to_u64(), u.index_tag.val().to_u64())), expected.pop_front());
            }
            both.tick();
            clocks += 1;
        }
        assert!(expected.is_empty());
        assert_eq!(clocks == work + 3, patient, "{clocks} clocks for {work} bits and empty words");
    }
}

#[test]
fn set_bits_are_counted() {
    let mut rng = Rng::new(2);
    compare(
        CountOnes::default(),
        |_, _| {},
        300,
        |both, _| {
            both.uut.word.next = rng.bits();
            both.settle();
            assert_eq!(both.uut.ones.val().to_u32(), both.uut.word.val().to_u32().count_ones());
        },
    );
}

#[test]
fn a_delayed_bit_comes_so_many_clocks_later() {
    let mut rng = Rng::new(3);
    let mut line = VecDeque::from([false; 6]);
    compare(
        Delay::<6>::default(),
        |u, level| u.clock.next = level.into(),
        300,
        |both, _| {
            assert_eq!(both.uut.q.val(), line.pop_front().unwrap());
            let bit = rng.one_in(2);
            both.uut.d.next = bit;
            line.push_back(bit);
        },
    );
}

#[test]
fn a_tally_hands_on_what_it_summed_up() {
    let mut rng = Rng::new(4);
    let (mut sum, mut held, mut came, mut waited) = (0u64, 0u64, 0, 0);
    compare(
        SumTally::<3, 12>::new(11),
        |u, level| u.clock.next = level.into(),
        3000,
        |both, _| {
            assert_eq!(both.uut.chain_out.val().to_u64(), held);
            let u = &mut both.uut;
            (u.amount.next, u.load.next, u.shift.next) = (rng.bits(), rng.one_in(40), rng.one_in(5));
            u.chain_in.next = rng.bits();
            if u.load.next {
                (held, sum) = (sum + waited, 0);
            } else {
                held = if u.shift.next { u.chain_in.next.to_u64() & 0x7ff } else { held };
                sum += waited;
            }
            waited = came;
            came = u.amount.next.to_u64();
        },
    );
}

#[test]
fn a_tally_hands_on_the_code_of_its_pulses() {
    for bits in [7, 8] {
        let (mut rng, counts) = (Rng::new(4), counts(bits));
        let (mut count, mut held, mut came, mut since) = (0, Some(0), 0, 0);
        compare(
            Tally::new(bits),
            |u, level| u.clock.next = level.into(),
            3000,
            |both, _| {
                // What came through the chain is no code of its own.
                if let Some(held) = held {
                    assert_eq!(counts[both.uut.chain_out.val().index()], held);
                }
                let u = &mut both.uut;
                since += 1;
                u.load.next = since == (1 << bits) - 2 || rng.one_in(200);
                (u.pulse.next, u.shift.next, u.chain_in.next) = (!rng.one_in(6), rng.one_in(90), rng.bits());
                if u.load.next {
                    (held, count, since) = (Some(count), came, 0);
                } else {
                    held = if u.shift.next { None } else { held };
                    count += came;
                }
                came = u.pulse.next.into();
            },
        );
    }
}

#[test]
fn the_ledger_counts_every_pulse_at_one_moment() {
    let config = ArrayConfig::from_toml(
        "name = 'sixteen'\nclock_hz = 50_000_000\nbaud = 3_000_000\ninputs = 1\n\
         [[cores]]\ncount = 15\ntiles = 6\ntiles_per_unit = 2\nweight_bits = 4\n\
         [[cores]]\ncount = 1\ntiles = 5\ntiles_per_unit = 1\nweight_bits = 8\n",
    )
    .unwrap();
    ledger_counts_every_pulse(&config);
    let mut mixed = config;
    [0, 7, 14].into_iter().for_each(|core| mixed.cores[core].banks = 2);
    [1, 8, 15].into_iter().for_each(|core| mixed.cores[core].contexts = Contexts::from_log2(2));
    ledger_counts_every_pulse(&mixed);
}

type LedgerBench = SideBySide<nernst_hdl::array::ledger::Ledger>;

/// Waits for what was asked for in the clock before.
fn until_rest(both: &mut LedgerBench) {
    both.tick();
    let u = &mut both.uut;
    (u.snapshot.next, u.clear.next, u.account.next, u.write_budget.next) = (false, false, false, false);
    (0..2).for_each(|_| both.tick());
    while both.uut.busy.val() {
        both.tick();
    }
}

fn write_budget(both: &mut LedgerBench, index: usize, word: nernst_spec::memory::Word) {
    both.uut.index.next = (index as u64).into();
    both.tick();
    both.uut.write_budget.next = true;
    both.uut.write_word.next = u64::from(word.low() & 0x1ff_ffff).into();
    until_rest(both);
}

fn ledger_counts_every_pulse(config: &ArrayConfig) {
    let cores = config.cores.len();
    let mut rng = Rng::new(9);
    let mut both: LedgerBench =
        SideBySide::new(nernst_hdl::array::ledger::Ledger::new(config), |u, level| u.clock.next = level.into());
    let mut model = Ledger::new(cores);
    // What does not grow in quiet clocks has a price.
    let mut budget = Budget::default();
    for round in 0..24 {
        let before = model.clone();
        // Activity, sparse or in every clock and at most; then a quiet copy. A byte comes in every clock of all.
        let pace = [1, 1, 3, 50][rng.below(4) as usize];
        for clock in 0..200 + rng.below(400) {
            let u = &mut both.uut;
            u.byte_in.next = true;
            let mut pulse = |counter: ArrayCounter| {
                let high = rng.one_in(pace);
                model.count(counter, high.into());
                high
            };
            u.tick_ended.next = pulse(ArrayCounter::Ticks);
            u.transfer.next = pulse(ArrayCounter::BusTransfers);
            u.host_in.next = pulse(ArrayCounter::HostSpikesIn);
            u.host_out.next = pulse(ArrayCounter::HostSpikesOut);
            u.destinations.next = if pace == 1 { bits::<5>(16) } else { rng.below(17).into() };
            model.count(ArrayCounter::BusDestinations, u.destinations.next.to_u64());
            for (core, shape) in config.cores.iter().enumerate() {
                let neurons = shape.neurons() as u64;
                let activity = CoreActivity {
                    event: rng.one_in(pace),
                    fetched: rng.one_in(pace),
                    // In the second bank, too, where there is one.
                    second_event: shape.banks > 1 && rng.one_in(pace),
                    nonzero: if pace == 1 { bits::<8>(255) } else { rng.bits() },
                    turned: rng.one_in(pace * 20),
                    spiked: rng.one_in(pace),
                    loaded: shape.contexts.count() > 1 && rng.one_in(pace * 30),
                    busy: clock % (core as u64 + 2) == 0,
                    waiting: false,
                };
                u.activity[core].next = activity;
                let (second, fetched) = (u64::from(activity.second_event), u64::from(activity.fetched));
                for (counter, amount) in [
                    (CoreCounter::Events, u64::from(activity.event) + second),
                    (CoreCounter::RowsFetched, (fetched + second) * shape.tiles as u64),
                    (CoreCounter::SynapticOperations, (fetched + second) * neurons),
                    (CoreCounter::NonzeroOperations, activity.nonzero.to_u64()),
                    (CoreCounter::NeuronUpdates, u64::from(activity.turned) * neurons),
                    (CoreCounter::Spikes, activity.spiked.into()),
                    (CoreCounter::ContextLoads, activity.loaded.into()),
                    (CoreCounter::BusyClocks, activity.busy.into()),
                ] {
                    model.count_core(core, counter, amount);
                }
            }
            both.tick();
        }
        let u = &mut both.uut;
        (u.tick_ended.next, u.transfer.next, u.host_in.next, u.host_out.next) = (false, false, false, false);
        u.destinations.next = bits::<5>(0);
        u.activity.iter_mut().for_each(|activity| activity.next = CoreActivity::default());
        both.tick();
        both.uut.snapshot.next = true;
        until_rest(&mut both);
        let halves: Vec<u32> = (0..words(config) as u64)
            .map(|word| {
                both.uut.index.next = word.into();
                (0..4).for_each(|_| both.tick());
                both.uut.word.val().to_u32()
            })
            .collect();
        let ledger = Ledger::from_words(config, &halves).unwrap();
        assert_eq!(ledger.differences(&model), vec![], "round {round}");
        // All were copied in the same clock.
        assert_eq!(ledger.array(ArrayCounter::LinkBytesIn), ledger.array(ArrayCounter::Clocks));
        budget.pay(&(&model - &before));
        for index in 0..3 {
            both.uut.index.next = (index as u64).into();
            (0..3).for_each(|_| both.tick());
            assert_eq!(both.uut.budget_word.val().to_u32(), budget.word(index).low(), "round {round}, word {index}");
        }
        assert_eq!(
            (both.uut.armed.val(), both.uut.used_up.val()),
            (budget.armed, budget.is_used_up()),
            "round {round}"
        );
        if rng.one_in(4) {
            both.uut.clear.next = true;
            until_rest(&mut both);
            model = Ledger::new(cores);
        }
        if rng.one_in(3) {
            let fresh = Budget {
                prices: std::array::from_fn(|_| if rng.one_in(3) { 0 } else { rng.below(1 << 15) as u16 }),
                left: rng.below(1 << 36) as i64 - (1 << 30),
                armed: !rng.one_in(4),
            };
            // What grows in quiet clocks, too, costs nothing.
            let words = fresh.words();
            for index in (2..words.len()).chain([0, 1]) {
                let place = index.wrapping_sub(nernst_spec::budget::FIRST_PRICE);
                let timed = [ArrayCounter::LinkBytesIn, ArrayCounter::Clocks];
                let free = timed.iter().any(|&counter| nernst_spec::budget::of_array(counter) == place);
                let word = if free { nernst_spec::memory::Word::default() } else { words[index] };
                write_budget(&mut both, index, word);
                budget.write(index, word);
            }
        } else if rng.one_in(4) {
            both.uut.disarm.next = true;
            both.tick();
            both.uut.disarm.next = false;
            budget.armed = false;
        }
    }
}

#[test]
fn a_budget_pays_from_the_clock_in_which_it_is_armed() {
    let config = ArrayConfig::ready("tiny").unwrap();
    let mut both: LedgerBench =
        SideBySide::new(nernst_hdl::array::ledger::Ledger::new(&config), |u, level| u.clock.next = level.into());
    let mut prices = [0; nernst_spec::budget::PRICES];
    prices[nernst_spec::budget::of_array(ArrayCounter::HostSpikesIn)] = 1;
    let words = Budget { prices, left: 9, armed: true }.words();
    for index in (2..words.len()).chain([0]) {
        write_budget(&mut both, index, words[index]);
    }
    // Five before it is armed, ten after: one more than there is.
    both.uut.host_in.next = true;
    (0..5).for_each(|_| both.tick());
    both.uut.host_in.next = false;
    (0..4).for_each(|_| both.tick());
    write_budget(&mut both, 1, words[1]);
    for (pulses, used_up) in [(9, false), (1, true)] {
        both.uut.host_in.next = true;
        (0..pulses).for_each(|_| both.tick());
        both.uut.host_in.next = false;
        (0..4).for_each(|_| both.tick());
        both.uut.account.next = true;
        until_rest(&mut both);
        assert_eq!(both.uut.used_up.val(), used_up, "{pulses} more");
    }
}

#[test]
fn a_route_table_keeps_its_words_in_all_banks() {
    let mut rng = Rng::new(5);
    // Words asked for, cores, their banks, words that there are.
    let tables = [
        (1_100, 4, 1, 2_048),
        (2_049, 5, 1, 4_096),
        (4_100, 13, 1, 8_192),
        (100, 16, 1, 2_048),
        (2_000, 4, 2, 2_048),
        (100, 16, 2, 2_048),
    ];
    for (words, cores, banks, there) in tables {
        let kept = u64::from(route_word::kept(cores, banks));
        let mut contents = vec![0u64; there];
        let mut both = SideBySide::new(RouteTable::new(words, cores, banks), |u, level| u.clock.next = level.into());
        for _ in 0..800 {
            // Few enough to meet them again, at both ends and in all banks.
            let address = (rng.below(4) << 11 | rng.below(12)) as usize ^ if rng.one_in(2) { 0x1fff } else { 0 };
            let (write, all) = (rng.one_in(2), rng.one_in(50));
            let word = rng.bits::<32>();
            let u = &mut both.uut;
            u.address.next = (address as u64).into();
            u.write_address.next = u.address.next;
            (u.write.next, u.write_all.next, u.write_word.next) = (write, all, word);
            both.tick();
            (both.uut.write.next, both.uut.write_all.next) = (false, false);
            if all {
                (0..there / 2_048).for_each(|bank| contents[bank * 2_048 + address % 2_048] = word.to_u64() & kept);
            } else if write {
                contents[address % there] = word.to_u64() & kept;
            }
            (0..3).for_each(|_| both.tick());
            assert_eq!(both.uut.word.val().to_u64(), contents[address % there], "word {address} of {words}");
        }
    }
}

fn tile_adds_and_shifts<const LANES: usize, const BITS: usize, const W: usize>(bits: WeightBits) {
    let mut rng = Rng::new(6);
    let mut rows = vec![Word::default(); 512];
    let mut lanes = vec![0i32; LANES];
    let mut both = SideBySide::new(Tile::<LANES, BITS, W>::default(), |u, level| u.clock.next = level.into());
    let wrap = |v: i32| v << (32 - W) >> (32 - W);
    for _ in 0..60 {
        for _ in 0..8 {
            let row = rng.below(512) as usize;
            rows[row] = Word::new(rng.next_u64());
            let u = &mut both.uut;
            u.write.next = true;
            u.write_row.next = (row as u64).into();
            u.write_low.next = u64::from(rows[row].low()).into();
            u.write_high.next = u64::from(rows[row].high()).into();
            both.tick();
        }
        both.uut.write.next = false;
        // Rows back to back and with gaps, some of them only looked at.
        let mut looked_at = None;
        for _ in 0..12 {
            let (row, read, integrate) = (rng.below(512) as usize, !rng.one_in(4), !rng.one_in(4));
            let u = &mut both.uut;
            (u.read.next, u.integrate.next, u.row.next) = (read, integrate, (row as u64).into());
            both.tick();
            if read {
                looked_at = Some(row);
                if integrate {
                    lanes.iter_mut().enumerate().for_each(|(lane, v)| *v = wrap(*v + rows[row].weight(lane, bits)));
                }
            }
        }
        both.uut.read.next = false;
        both.tick();
        both.tick();
        if let Some(row) = looked_at {
            assert_eq!(both.uut.read_low.val().to_u32(), rows[row].low());
            assert_eq!(both.uut.read_high.val().to_u8(), rows[row].high());
        }
        both.uut.clear.next = true;
        both.tick();
        both.uut.clear.next = false;
        assert_eq!((both.uut.read_low.val().to_u32(), both.uut.read_high.val().to_u8()), (0, 0));
        both.tick();
        assert_eq!(both.uut.read_low.val().to_u32(), 0);
        // The membranes leave in falling order, two clocks after their shift.
        let fresh: Vec<i32> = (0..LANES).map(|_| wrap(rng.next_u64() as i32)).collect();
        for clock in 0..LANES + 1 {
            let u = &mut both.uut;
            u.shift.next = clock < LANES;
            if let Some(lane) = clock.checked_sub(1) {
                u.shift_in.next = (fresh[lane] as u64 & ((1 << W) - 1)).into();
                both.settle();
                let expected = lanes[LANES - 1 - lane] as u64 & ((1 << W) - 1);
                assert_eq!(both.uut.shift_out.val().to_u64(), expected, "lane {}", LANES - 1 - lane);
            }
            both.tick();
        }
        lanes = fresh.into_iter().rev().collect();
    }
}

#[test]
fn a_tile_of_four_bit_weights_adds_and_shifts() {
    tile_adds_and_shifts::<9, 4, 15>(WeightBits::Four);
}

#[test]
fn a_tile_of_eight_bit_weights_adds_and_shifts() {
    tile_adds_and_shifts::<4, 8, 18>(WeightBits::Eight);
}

#[test]
fn a_banked_tile_adds_two_rows_in_a_clock() {
    const LANES: usize = 9;
    const W: usize = 16;
    let mut rng = Rng::new(16);
    let mut rows = vec![Word::default(); 1024];
    let mut lanes = [0i32; LANES];
    let mut both = SideBySide::new(BankedTile::<LANES, 4, W>::default(), |u, level| u.clock.next = level.into());
    let wrap = |v: i32| v << (32 - W) >> (32 - W);
    let mut pairs = 0;
    for _ in 0..80 {
        for _ in 0..16 {
            let (bank, row) = (rng.below(2) as usize, rng.below(512) as usize);
            rows[512 * bank + row] = Word::new(rng.next_u64());
            let u = &mut both.uut;
            (u.write.next, u.second_write.next) = (bank == 0, bank == 1);
            u.write_row.next = (row as u64).into();
            u.write_low.next = u64::from(rows[512 * bank + row].low()).into();
            u.write_high.next = u64::from(rows[512 * bank + row].high()).into();
            both.tick();
        }
        (both.uut.write.next, both.uut.second_write.next) = (false, false);
        // None, one or two rows in a clock; some of them only looked at.
        let mut looked_at = [Word::default(); 2];
        let mut known = [false; 2];
        for _ in 0..12 {
            let u = &mut both.uut;
            let [first, second] = [0, 1].map(|_| (!rng.one_in(3), !rng.one_in(4), rng.below(512) as usize));
            (u.read.next, u.integrate.next, u.row.next) = (first.0, first.1, (first.2 as u64).into());
            (u.second_read.next, u.second_integrate.next) = (second.0, second.1);
            u.second_row.next = (second.2 as u64).into();
            both.tick();
            pairs += usize::from(first.0 && first.1 && second.0 && second.1);
            for (bank, (read, integrate, row)) in [first, second].into_iter().enumerate() {
                let word = rows[512 * bank + row];
                if read {
                    (looked_at[bank], known[bank]) = (word, true);
                }
                if read && integrate {
                    lanes.iter_mut().enumerate().for_each(|(n, v)| *v = wrap(*v + word.weight(n, WeightBits::Four)));
                }
            }
        }
        (both.uut.read.next, both.uut.second_read.next) = (false, false);
        both.tick();
        // What one bank shows while the other is cleared, then nothing. The lanes have taken the last sum meanwhile.
        let shown = rng.below(2) as usize;
        (both.uut.clear.next, both.uut.second_clear.next) = (shown == 1, shown == 0);
        both.tick();
        if known[shown] {
            assert_eq!(both.uut.read_low.val().to_u32(), looked_at[shown].low());
            assert_eq!(both.uut.read_high.val().to_u8(), looked_at[shown].high());
        }
        (both.uut.clear.next, both.uut.second_clear.next) = (true, true);
        both.tick();
        (both.uut.clear.next, both.uut.second_clear.next) = (false, false);
        assert_eq!((both.uut.read_low.val().to_u32(), both.uut.read_high.val().to_u8()), (0, 0));
        // The membranes leave in falling order, two clocks after their shift.
        let fresh: Vec<i32> = (0..LANES).map(|_| wrap(rng.next_u64() as i32)).collect();
        for clock in 0..LANES + 1 {
            let u = &mut both.uut;
            u.shift.next = clock < LANES;
            if let Some(lane) = clock.checked_sub(1) {
                u.shift_in.next = (fresh[lane] as u64 & ((1 << W) - 1)).into();
                both.settle();
                let expected = lanes[LANES - 1 - lane] as u64 & ((1 << W) - 1);
                assert_eq!(both.uut.shift_out.val().to_u64(), expected, "lane {}", LANES - 1 - lane);
            }
            both.tick();
        }
        lanes = std::array::from_fn(|lane| fresh[LANES - 1 - lane]);
    }
    assert!(pairs > 200, "{pairs}");
}

#[test]
fn a_scheduler_loses_no_event_and_invents_none() {
    let mut rng = Rng::new(7);
    let mut pending = vec![BTreeSet::new(); 16];
    let mut both = SideBySide::new(Scheduler::default(), |u, level| u.clock.next = level.into());
    for tick in 0..120usize {
        let slot = tick % 16;
        // From none to hundreds of events, in clusters and scattered.
        let density = [0, 2, 30, 600][rng.below(4) as usize];
        let u = &mut both.uut;
        (u.start.next, u.slot.next) = (true, (slot as u64).into());
        let due: Vec<u16> = std::mem::take(&mut pending[slot]).into_iter().collect();
        // Some words are dense in some ticks.
        let dense = if rng.one_in(2) { 0 } else { rng.next_u64() as u32 & rng.next_u64() as u32 };
        both.uut.dense.next = u64::from(dense).into();
        let (mut came, mut silent) = (vec![], vec![]);
        let (mut walked, mut clock) = (0, 0);
        let mut sets = density;
        loop {
            // None in the two clocks in which the summary is taken over.
            both.uut.set.next = sets > 0 && clock > 1;
            clock += 1;
            if both.uut.set.next {
                sets -= 1;
                let ahead = 1 + rng.below(15) as usize;
                let axon = if rng.one_in(2) { rng.below(512) } else { 200 + rng.below(40) } as u16;
                both.uut.set_slot.next = ((slot + ahead) as u64 % 16).into();
                both.uut.set_axon.next = u64::from(axon).into();
                pending[(slot + ahead) % 16].insert(axon);
            }
            both.tick();
            both.uut.start.next = false;
            let u = &both.uut;
            walked += u64::from(u.walking.val());
            if u.event_valid.val() {
                let axons = if u.event_set.val() { &mut came } else { &mut silent };
                axons.push(u.event_axon.val().to_u16());
            }
            if sets == 0 && !u.walking.val() {
                assert!(!u.event_valid.val());
                break;
            }
        }
        assert_eq!(came, due, "tick {tick}");
        let is_dense = |axon: &u16| dense >> (axon / 16) & 1 == 1;
        assert_eq!(silent, (0..512).filter(|axon| is_dense(axon) && !due.contains(axon)).collect::<Vec<_>>());
        let mut groups = [0u64; GROUPS];
        due.iter().for_each(|axon| groups[*axon as usize / GROUP_BITS] |= 1 << (*axon as usize % GROUP_BITS));
        let groups =
            groups.iter().enumerate().map(|(group, events)| group_clocks(*events, (dense >> (4 * group) & 15) as u8));
        // The core looks once more.
        assert_eq!(walked + 1, walk_clocks(groups), "tick {tick}");
    }
    // Cleared, it has nothing left.
    both.uut.set.next = false;
    both.uut.dense.next = bits::<32>(0);
    for word in 0..512u64 {
        (both.uut.clear.next, both.uut.clear_address.next) = (true, word.into());
        both.tick();
    }
    both.uut.clear.next = false;
    for slot in 0..16u64 {
        (both.uut.start.next, both.uut.slot.next) = (true, slot.into());
        both.tick();
        both.uut.start.next = false;
        while both.uut.walking.val() {
            assert!(!both.uut.event_valid.val());
            both.tick();
        }
        assert!(!both.uut.event_valid.val());
    }
}

#[test]
fn a_router_delivers_every_spike_once() {
    // Spikes that are on their way when there is no more room.
    const UPSTREAM: usize = 5;
    let mut rng = Rng::new(8);
    let mut both = SideBySide::new(Router::new(16, 2, 600, 40, UPSTREAM), |u, level| u.clock.next = level.into());
    let mut routes = vec![];
    for number in 0..640u64 {
        let route = Route {
            cores: rng.below(8) as u16,
            axon: rng.below(1024) as u16,
            delay: rng.below(16) as u8,
            host: rng.one_in(3),
        };
        let u = &mut both.uut;
        let input = number >= 600;
        u.address.next = (if input { number - 600 } else { number }).into();
        (u.write_route.next, u.address_input.next) = (true, input);
        u.write_word.next = u64::from(Word::from(route).low()).into();
        both.tick();
        routes.push(route);
    }
    both.uut.write_route.next = false;
    // Of the input lines.
    let values: Vec<u8> = (0..40).map(|_| rng.next_u64() as u8).collect();
    for (line, &value) in (0u64..).zip(&values) {
        let access = ValueAccess { active: true, write: true, line: line.into(), value: u64::from(value).into() };
        both.uut.values.next = access;
        both.tick();
    }
    both.uut.values.next = ValueAccess::default();
    (0..2).for_each(|_| both.tick());
    for round in 0..40u64 {
        both.uut.tick.next = (round % 16).into();
        let host_pace = [1, 2, 20][rng.below(3) as usize];
        // Bursts from the cores, or input lines one after another.
        let mut offered: VecDeque<u64> = (0..rng.below(120)).map(|_| rng.below(600)).collect();
        let mut on_the_way: VecDeque<Option<u64>> = [None; UPSTREAM].into();
        let mut lines: VecDeque<u64> = (0..rng.below(20)).map(|_| rng.below(40)).collect();
        if rng.one_in(2) {
            lines.clear()
        } else {
            offered.clear()
        }
        let (mut taken, mut events, mut heard, mut destinations) = (vec![], vec![], vec![], 0);
        loop {
            let u = &mut both.uut;
            on_the_way.push_back(if u.room.val() { offered.pop_front() } else { None });
            let spike = on_the_way.pop_front().unwrap();
            (u.spike_valid.next, u.spike_neuron.next) = (spike.is_some(), spike.unwrap_or(0).into());
            taken.extend(spike.map(|neuron| neuron as usize));
            u.input_valid.next = !lines.is_empty();
            u.input_line.next = lines.front().copied().unwrap_or(0).into();
            u.host_ready.next = rng.one_in(host_pace);
            both.settle();
            let u = &both.uut;
            if u.input_valid.val() && u.input_ready.val() {
                taken.push(600 + lines.pop_front().unwrap() as usize);
            }
            assert_eq!(u.destinations.val().to_u32(), destinations, "those of the clock before");
            let event = u.delivery.val();
            destinations = if event.valid { event.cores.to_u16().count_ones() } else { 0 };
            assert_eq!(u.transfer.val(), event.valid);
            if event.valid {
                events.push((event.cores.to_u16(), event.axon.to_u16(), event.slot.to_u64()));
            }
            if u.host_valid.val() && u.host_ready.val() {
                heard.push(u.host_neuron.val().index());
            }
            let idle = u.idle.val();
            both.tick();
            let arrived = offered.is_empty() && lines.is_empty() && on_the_way.iter().all(Option::is_none);
            if idle && arrived && both.uut.idle.val() {
                break;
            }
        }
        let expected: Vec<_> = taken.iter().map(|number| routes[*number]).filter(|route| route.cores != 0).collect();
        let slot = |route: &Route| (round + u64::from(route.delay)) % 16;
        assert_eq!(events, expected.iter().map(|r| (r.cores, r.axon, slot(r))).collect::<Vec<_>>());
        let host: Vec<usize> = taken.iter().copied().filter(|n| *n < 600 && routes[*n].host).collect();
        assert_eq!(heard, host);
        both.uut.input_valid.next = false;
        for _ in 0..3 {
            let line = rng.below(40);
            both.uut.values.next = ValueAccess { active: true, line: line.into(), ..ValueAccess::default() };
            (0..5).for_each(|_| both.tick());
            both.settle();
            assert_eq!(both.uut.route_word.val().to_u32() as u8, values[line as usize], "value of line {line}");
        }
        both.uut.values.next = ValueAccess::default();
        (0..2).for_each(|_| both.tick());
    }
}
