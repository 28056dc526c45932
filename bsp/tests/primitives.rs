//! What the Rust models promise beyond what a co-simulation can compare.

use rust_hdl::prelude::*;
use rust_hdl_bsp_ecp5::primitives::*;
use rust_hdl_bsp_ecp5::simulate::Stepper;

#[test]
fn a_word_arrives_two_clocks_after_its_address() {
    let uut = BlockRam512x36::<9, 4>::with_contents(&[0x9_8765_4321]).unwrap();
    let mut ram = Stepper::new(uut, |u, level| u.clock.next = level.into()).unwrap();
    ram.uut.read_enable.next = true;
    ram.tick();
    assert_eq!(ram.uut.read_low.val(), bits::<32>(0));
    ram.uut.read_enable.next = false;
    ram.tick();
    assert_eq!(ram.uut.read_low.val(), bits::<32>(0x8765_4321));
    assert_eq!(ram.uut.read_high.val(), bits::<4>(9));
    for i in 0..9 {
        assert_eq!(ram.uut.lane[i].val(), bits::<4>(i as u64 + 1), "lane {i}");
    }
}

#[test]
fn reading_what_is_being_written_gives_the_complement() {
    let mut ram = Stepper::new(BlockRam::<16, 4>::default(), |u, level| u.clock.next = level.into()).unwrap();
    ram.uut.write_enable.next = true;
    ram.uut.write_data.next = bits(5);
    ram.tick();
    assert_eq!(ram.uut.read_data.val(), bits::<16>(0xffff));
    assert_eq!(ram.uut.peek(0), 5);

    let mut ram = Stepper::new(BlockRam512x36::<4, 9>::default(), |u, level| u.clock.next = level.into()).unwrap();
    ram.uut.write_enable.next = true;
    ram.uut.read_enable.next = true;
    ram.tick();
    ram.tick();
    assert_eq!(ram.uut.lane[3].val(), bits::<9>(0x1ff));
}

#[test]
fn a_word_is_taken_out_by_one_access() {
    let mut ram = Stepper::new(BitSetRam::default(), |u, level| u.clock.next = level.into()).unwrap();
    ram.uut.set_enable.next = true;
    ram.uut.set_value.next = true;
    for bit in [16 * 7, 16 * 7 + 8, 16 * 7 + 15] {
        ram.uut.set_address.next = bits(bit);
        ram.tick();
    }
    ram.uut.set_enable.next = false;
    ram.uut.word_enable.next = true;
    ram.uut.word_address.next = bits(7);
    ram.uut.word_write.next = true;
    ram.tick();
    ram.uut.word_enable.next = false;
    ram.uut.output_enable.next = true;
    ram.tick();
    assert_eq!(ram.uut.word_out.val(), bits::<16>(0x8101));
    assert_eq!(ram.uut.peek(7), 0);
}

#[test]
fn contents_that_do_not_fit_are_refused_by_name() {
    let error = BlockRam::<8, 2>::with_contents(&[0; 5]).err().unwrap();
    assert_eq!(error.to_string(), "5 words of initial contents for a memory of 4; give at most 4");
    let error = Rom::<8, 2>::new(&[0, 0x100]).err().unwrap();
    assert_eq!(error.to_string(), "word 1 of the initial contents is 0x100, which needs more than the memory's 8 bits");
}
