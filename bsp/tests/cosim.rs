//! Every primitive: one random stimulus through the rust-hdl model, the behavioural Verilog and the vendor cells.

use rust_hdl::prelude::*;
use rust_hdl_bsp_ecp5::cosim::{self, Clock, Recording};
use rust_hdl_bsp_ecp5::primitives::*;

/// Compares both forms of the generated Verilog.
fn both_forms(recording: &Recording) {
    recording.compare("behavioural", &[], &[&recording.verilog]).unwrap().assert_equal();
    recording.compare("vendor cells", &["SYNTHESIS"], &[&recording.verilog, CELL_MODELS]).unwrap().assert_equal();
}

macro_rules! clock {
    () => {
        Some(Clock { port: "clock", set: |u, level| u.clock.next = level.into() })
    };
}

fn block_ram_512x36<const LANES: usize, const BITS: usize>(name: &str) {
    let contents: Vec<u64> = (0..300u64).map(|i| (i * 0x1_2345_6789) & 0xf_ffff_ffff).collect();
    let uut = BlockRam512x36::<LANES, BITS>::with_contents(&contents).unwrap();
    let recording = cosim::record(name, uut, clock!(), 3000, |u, step, rng| {
        u.write_enable.next = rng.one_in(2);
        u.write_address.next = rng.bits();
        u.write_low.next = rng.bits();
        u.write_high.next = rng.bits();
        u.read_enable.next = !rng.one_in(4);
        u.clear.next = step >= 600 && rng.one_in(6);
        // the first 512 steps read every word
        u.read_address.next = if step < 512 { bits(step as u64) } else { rng.bits() };
        if u.read_address.next == u.write_address.next {
            u.write_enable.next = false;
        }
    });
    both_forms(&recording.unwrap());
}

#[test]
fn block_ram_512x36_nine_lanes() {
    block_ram_512x36::<9, 4>("block_ram_512x36_9x4");
}

#[test]
fn block_ram_512x36_four_lanes() {
    block_ram_512x36::<4, 8>("block_ram_512x36_4x8");
}

#[test]
fn bit_set_ram() {
    let recording = cosim::record("bit_set_ram", BitSetRam::default(), clock!(), 6000, |u, _, rng| {
        // few words, so that bits come back; every bit of a word is used
        let words = [0u64, 1, 2, 511, 512, 1023];
        let word = |rng: &mut cosim::Rng| words[rng.below(words.len() as u64) as usize];
        let set_word = word(rng);
        u.set_enable.next = !rng.one_in(3);
        u.set_address.next = bits(16 * set_word + rng.below(16));
        u.set_value.next = !rng.one_in(3);
        let access = word(rng);
        u.word_enable.next = !rng.one_in(4);
        u.word_address.next = bits(access);
        u.word_write.next = rng.one_in(3);
        u.word_in.next = rng.bits();
        u.output_enable.next = !rng.one_in(4);
        if access == set_word {
            u.word_enable.next = false;
        }
    });
    both_forms(&recording.unwrap());
}

fn add_shift<const W: usize, const B: usize>() {
    let corners = [0, 1, (1u64 << (W - 1)) - 1, 1 << (W - 1), (1 << W) - 1];
    let weights = [0, 1, (1u64 << (B - 1)) - 1, 1 << (B - 1), (1 << B) - 1];
    let name = format!("add_shift_{W}_{B}");
    let recording = cosim::record(&name, AddShift::<W, B>::default(), clock!(), 3000, |u, step, rng| {
        u.enable.next = !rng.one_in(8);
        u.add.next = !rng.one_in(3);
        u.weight.next = rng.bits();
        u.shift_in.next = rng.bits();
        // first every corner of the accumulator with every corner of the weight: shift the one in, then add the other;
        // while shifting the weight is all ones
        if step < 2 * corners.len() * weights.len() {
            let pair = step / 2;
            u.enable.next = true;
            u.add.next = step % 2 == 1;
            u.shift_in.next = bits(corners[pair / weights.len()]);
            u.weight.next = if step % 2 == 1 { bits(weights[pair % weights.len()]) } else { Bits::mask() };
        }
    });
    both_forms(&recording.unwrap());
}

#[test]
fn add_shift_odd() {
    add_shift::<15, 4>();
    add_shift::<3, 1>();
    add_shift::<31, 9>();
}

#[test]
fn add_shift_even() {
    add_shift::<18, 8>();
    add_shift::<2, 2>();
    add_shift::<32, 32>();
}

fn gated_sum<const B: usize, const S: usize>() {
    let corners = [0, 1, (1u64 << (B - 1)) - 1, 1 << (B - 1), (1 << B) - 1];
    let name = format!("gated_sum_{B}_{S}");
    let recording = cosim::record(&name, GatedSum::<B, S>::default(), clock!(), 3000, |u, step, rng| {
        (u.use_a.next, u.use_b.next) = (!rng.one_in(3), !rng.one_in(3));
        (u.a.next, u.b.next) = (rng.bits(), rng.bits());
        // first every corner with every other, with each of them left out, too
        if step < 4 * corners.len() * corners.len() {
            let pair = step / 4;
            (u.use_a.next, u.use_b.next) = (step % 2 == 1, step / 2 % 2 == 1);
            (u.a.next, u.b.next) = (bits(corners[pair / corners.len()]), bits(corners[pair % corners.len()]));
        }
    });
    both_forms(&recording.unwrap());
}

#[test]
fn gated_sums() {
    gated_sum::<4, 5>();
    gated_sum::<4, 9>();
    gated_sum::<8, 9>();
    gated_sum::<3, 32>();
}

#[test]
fn mult18x18() {
    let corners = [0u64, 1, 0x1_ffff, 0x2_0000, 0x3_ffff];
    let recording = cosim::record("mult18x18", Mult18x18::default(), clock!(), 3000, |u, step, rng| {
        u.a.next = rng.bits();
        u.b.next = rng.bits();
        if step < 25 {
            u.a.next = bits(corners[step / 5]);
            u.b.next = bits(corners[step % 5]);
        }
    });
    both_forms(&recording.unwrap());
}

#[test]
fn block_ram() {
    let contents: Vec<u64> = (0..10).map(|i| i * 0x777).collect();
    let uut = BlockRam::<16, 4>::with_contents(&contents).unwrap();
    let recording = cosim::record("block_ram", uut, clock!(), 2000, |u, _, rng| {
        u.write_enable.next = rng.one_in(2);
        u.write_address.next = rng.bits();
        u.write_data.next = rng.bits();
        u.read_address.next = rng.bits();
        if u.read_address.next == u.write_address.next {
            u.write_enable.next = false;
        }
    });
    both_forms(&recording.unwrap());
}

fn block_ram_2048x9<const W: usize>() {
    let recording =
        cosim::record("block_ram_2048x9", BlockRam2048x9::<W>::default(), clock!(), 4000, |u, step, rng| {
            u.write_enable.next = !rng.one_in(3);
            // every address bit is used, and words come back
            let address = |rng: &mut cosim::Rng| bits(if step < 3000 { 1 << rng.below(11) } else { rng.below(2048) });
            u.write_address.next = address(rng);
            u.write_data.next = rng.bits();
            u.read_enable.next = !rng.one_in(4);
            u.read_address.next = address(rng);
            if u.read_enable.next && u.read_address.next == u.write_address.next {
                u.write_enable.next = false;
            }
        });
    both_forms(&recording.unwrap());
}

#[test]
fn block_ram_of_bytes() {
    block_ram_2048x9::<1>();
    block_ram_2048x9::<8>();
    block_ram_2048x9::<9>();
}

#[test]
fn copy_register() {
    let recording =
        cosim::record("copy_register", CopyRegister::default(), clock!(), 100, |u, _, rng| u.d.next = rng.one_in(2));
    both_forms(&recording.unwrap());
}

#[test]
fn distributed_ram() {
    let uut = DistributedRam::<9, 5>::with_contents(&[1, 2, 3, 0x1ff]).unwrap();
    let recording = cosim::record("distributed_ram", uut, clock!(), 2000, |u, _, rng| {
        u.write_enable.next = rng.one_in(2);
        u.write_address.next = rng.bits();
        u.write_data.next = rng.bits();
        u.read_address.next = if rng.one_in(2) { u.write_address.next } else { rng.bits() };
    });
    both_forms(&recording.unwrap());
}

#[test]
fn rom() {
    let table: Vec<u64> = (0..256u64).map(|i| (i * i) & 0xfff).collect();
    let recording = cosim::record("rom", Rom::<12, 8>::new(&table).unwrap(), None, 256, |u, step, _| {
        u.address.next = bits(step as u64);
    });
    both_forms(&recording.unwrap());
}

#[test]
fn dff_init() {
    let recording =
        cosim::record("dff_init", DffInit::new(bits::<8>(0xa5)), clock!(), 100, |u, _, rng| u.d.next = rng.bits());
    both_forms(&recording.unwrap());
}

#[test]
fn pll_passes_its_clock_in_simulation() {
    let pll = Pll::new(25_000_000, 80_000_000).unwrap();
    let recording = cosim::record(
        "pll",
        pll,
        Some(Clock { port: "clock_in", set: |u: &mut Pll, l| u.clock_in.next = l.into() }),
        10,
        |_, _, _| {},
    );
    let recording = recording.unwrap();
    recording.compare("behavioural", &[], &[&recording.verilog]).unwrap().assert_equal();
}

/// A comparison that cannot fail would prove nothing.
#[test]
fn a_wrong_form_is_noticed() {
    let recording = cosim::record("wrong", AddShift::<15, 4>::default(), clock!(), 500, |u, _, rng| {
        u.enable.next = true;
        u.add.next = !rng.one_in(3);
        u.weight.next = rng.bits();
        u.shift_in.next = rng.bits();
    });
    let recording = recording.unwrap();
    let wrong = recording.verilog.replace("state + term", "state - term");
    match recording.compare("subtracts", &[], &[&wrong]).unwrap() {
        cosim::Outcome::NotRun(reason) => cosim::not_run("a wrong form", reason),
        cosim::Outcome::Ran { mismatches, log, .. } => {
            assert!(mismatches > 100, "{mismatches}");
            assert!(log.contains("q after the clock: Verilog"), "{log}");
        }
    }
}
