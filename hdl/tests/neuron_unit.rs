//! The neuron unit, and its Verilog, against the arithmetic of `nernst_spec::tick`.

mod common;

use common::side_by_side::SideBySide;
use nernst_hdl::array::bus::SUM_BITS;
use nernst_hdl::array::neuron_unit::NeuronUnit;
use nernst_spec::WeightBits;
use nernst_spec::memory::Word;
use nernst_spec::tick::{Parameters, Reset, chain_sum, clamp_limits, max_threshold, update};
use nernst_spec::timing::UNIT_LATENCY;
use proptest::prelude::*;

#[derive(Clone, Copy, PartialEq)]
enum Mode {
    Update,
    Hold,
    Zero,
}

struct Bench<const W: usize> {
    unit: SideBySide<NeuronUnit<W>>,
}

impl<const W: usize> Bench<W> {
    fn new(chain: bool) -> Self {
        Self { unit: SideBySide::new(NeuronUnit::new(chain), |u, level| u.clock.next = level.into()) }
    }

    fn set_parameters(&mut self, place: u64, word: Word) {
        let u = &mut self.unit.uut;
        u.write.next = true;
        u.write_place.next = place.into();
        u.write_word.next = (word.bits() & 0x1fff_ffff).into();
        self.unit.tick();
        self.unit.uut.write.next = false;
    }

    /// Membranes one after another through the unit, all with the parameters of one place.
    fn turn(&mut self, place: u64, mode: Mode, membranes: &[i32]) -> Vec<(bool, i32)> {
        self.turn_chain(place, mode, &membranes.iter().map(|&v| (v, 0)).collect::<Vec<_>>())
    }

    /// The same with what is added to each of them.
    fn turn_chain(&mut self, place: u64, mode: Mode, membranes: &[(i32, i32)]) -> Vec<(bool, i32)> {
        let mut results = vec![];
        for clock in 0..membranes.len() + UNIT_LATENCY as usize + 2 {
            let u = &mut self.unit.uut;
            u.hold.next = mode == Mode::Hold;
            u.zero.next = mode == Mode::Zero;
            u.valid.next = clock < membranes.len();
            u.place.next = place.into();
            let entering = clock.checked_sub(1).and_then(|clock| membranes.get(clock));
            let (v, added) = entering.copied().unwrap_or((0x2aaa, 0x15555));
            u.v.next = (v as u64 & ((1 << W) - 1)).into();
            u.added.next = (added as u64 & ((1 << SUM_BITS) - 1)).into();
            self.unit.tick();
            let u = &self.unit.uut;
            assert_eq!(u.q_valid.val(), (UNIT_LATENCY as usize..).contains(&clock) && results.len() < membranes.len());
            if u.q_valid.val() {
                let unused = 32 - W;
                results.push((u.spike.val(), (u.q.val().to_u32() << unused) as i32 >> unused));
            }
        }
        results
    }
}

fn check<const W: usize>(bits: WeightBits, parameters: &[Parameters], membranes: &[i32]) {
    let mut bench = Bench::<W>::new(false);
    let (low, high) = clamp_limits(bits);
    for (number, p) in parameters.iter().enumerate() {
        let place = number as u64 % 32;
        bench.set_parameters(place, (*p).into());
        for (&v, result) in membranes.iter().zip(bench.turn(place, Mode::Update, membranes)) {
            assert_eq!(result, update(v, p, bits), "{bits}, v = {v}, {p:?}");
        }
        let clamped: Vec<i32> = membranes.iter().map(|v| (*v).clamp(low, high)).take(64).collect();
        for (&v, result) in clamped.iter().zip(bench.turn(place, Mode::Hold, &clamped)) {
            assert_eq!(result, (false, v), "held");
        }
        for result in bench.turn(place, Mode::Zero, &clamped) {
            assert_eq!(result, (false, 0), "zeroed");
        }
    }
}

#[test]
fn every_four_bit_membrane() {
    let parameters = [
        Parameters { threshold: 1, leak: 512, reset: Reset::Subtract },
        Parameters { threshold: 100, leak: 511, reset: Reset::Zero },
        Parameters { threshold: 16383, leak: 1, reset: Reset::Subtract },
        Parameters { threshold: 777, leak: 255, reset: Reset::Subtract },
        // What a host would not write, the arithmetic defines all the same.
        Parameters { threshold: 0, leak: 1023, reset: Reset::Zero },
        Parameters { threshold: 0x3ffff, leak: 1023, reset: Reset::Subtract },
    ];
    let membranes: Vec<i32> = (-(1 << 14)..1 << 14).collect();
    check::<15>(WeightBits::Four, &parameters, &membranes);
    // With the bit more that two banks take.
    let membranes: Vec<i32> = (-(1 << 15)..1 << 15).step_by(3).collect();
    check::<16>(WeightBits::Four, &parameters, &membranes);
}

#[test]
fn eight_bit_membranes_around_every_power_of_two() {
    let parameters = [
        Parameters { threshold: 1, leak: 512, reset: Reset::Subtract },
        Parameters { threshold: 40000, leak: 511, reset: Reset::Zero },
        Parameters { threshold: max_threshold(WeightBits::Eight), leak: 300, reset: Reset::Subtract },
        Parameters { threshold: 0x3ffff, leak: 1023, reset: Reset::Subtract },
        Parameters { threshold: 70000, leak: 0, reset: Reset::Zero },
    ];
    let around = (0..18).flat_map(|power| (-20..20).flat_map(move |d| [(1 << power) + d, -(1 << power) + d]));
    let membranes: Vec<i32> = around.filter(|v| (-(1 << 17)..1 << 17).contains(v)).collect();
    check::<18>(WeightBits::Eight, &parameters, &membranes);
}

/// Sums of a chain, by the parameters of its last core; with `zero`, as in a chained core, they are handed on all the same.
fn check_chain<const W: usize>(bits: WeightBits, parameters: &[Parameters], membranes: &[(i32, i32)]) {
    let mut bench = Bench::<W>::new(true);
    for (number, p) in parameters.iter().enumerate() {
        let place = number as u64 % 32;
        bench.set_parameters(place, (*p).into());
        for (&(v, added), result) in membranes.iter().zip(bench.turn_chain(place, Mode::Update, membranes)) {
            assert_eq!(result, update(chain_sum(v + added, bits), p, bits), "{bits}, v = {v} + {added}, {p:?}");
        }
        assert!(bench.turn_chain(place, Mode::Zero, membranes).into_iter().all(|result| result == (false, 0)));
        let kept: Vec<i32> = membranes.iter().map(|(v, _)| *v).filter(|v| (-10_000..10_000).contains(v)).collect();
        let held = bench.turn(place, Mode::Hold, &kept);
        assert!(kept.iter().zip(held).all(|(&v, result)| result == (false, v)), "held");
    }
}

#[test]
fn sums_of_four_bit_chains() {
    let parameters = [
        Parameters { threshold: 1, leak: 512, reset: Reset::Subtract },
        Parameters { threshold: 16383, leak: 511, reset: Reset::Subtract },
        Parameters { threshold: 9000, leak: 255, reset: Reset::Zero },
        Parameters { threshold: 0x3ffff, leak: 1023, reset: Reset::Subtract },
    ];
    // Every sum of 16 bits, and what wraps around in them.
    let sums =
        (-(1 << 15)..1 << 15).step_by(5).map(|sum: i32| (sum.clamp(-16_384, 16_383), sum - sum.clamp(-16_384, 16_383)));
    let sums: Vec<_> = sums.chain([(16_383, 32_767), (-16_384, -32_768), (5, 32_767)]).collect();
    check_chain::<15>(WeightBits::Four, &parameters, &sums);
}

#[test]
fn sums_of_eight_bit_chains_saturate() {
    let parameters = [
        Parameters { threshold: 1, leak: 512, reset: Reset::Subtract },
        Parameters { threshold: max_threshold(WeightBits::Eight), leak: 300, reset: Reset::Subtract },
        Parameters { threshold: 100_000, leak: 64, reset: Reset::Subtract },
        Parameters { threshold: 0x3ffff, leak: 1023, reset: Reset::Zero },
    ];
    let around = (0..20).flat_map(|power| (-9..9).flat_map(move |d| [(1 << power) + d, -(1 << power) + d]));
    let sums = around.chain((-(1 << 19)..1 << 19).step_by(997)).map(|sum: i32| {
        let v = (sum / 3).clamp(-131_072, 131_071);
        (v, sum - v)
    });
    check_chain::<18>(WeightBits::Eight, &parameters, &sums.collect::<Vec<_>>());
}

fn any_parameters(bits: WeightBits) -> impl Strategy<Value = Parameters> {
    let reset = prop_oneof![Just(Reset::Zero), Just(Reset::Subtract)];
    (1..=max_threshold(bits), 0..=512u16, reset).prop_map(|(threshold, leak, reset)| Parameters {
        threshold,
        leak,
        reset,
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn any_four_bit_membrane(
        p in any_parameters(WeightBits::Four),
        membranes in proptest::collection::vec(-(1i32 << 14)..1 << 14, 1..60)
    ) {
        check::<15>(WeightBits::Four, &[p], &membranes);
    }

    #[test]
    fn any_eight_bit_membrane(
        p in any_parameters(WeightBits::Eight),
        membranes in proptest::collection::vec(-(1i32 << 17)..1 << 17, 1..60)
    ) {
        check::<18>(WeightBits::Eight, &[p], &membranes);
    }
}
