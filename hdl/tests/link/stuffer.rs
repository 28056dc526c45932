//! COBS on its way to the line, against the crate that the host uses, byte for byte: what a frame takes on the line is counted.

use crate::side_by_side::SideBySide;
use nernst_hdl::link::Stuffer;
use nernst_spec::link::frame::DELIMITER;
use rust_hdl_bsp_ecp5::cosim::Rng;
use std::collections::VecDeque;

/// A stuffer, and the line.
struct Line {
    both: SideBySide<Stuffer>,
    /// The line takes a byte one time in so many clocks.
    slowness: u64,
    /// There was room in the last clock.
    had_room: bool,
    sent: Vec<u8>,
    rng: Rng,
}

impl Line {
    fn new() -> Self {
        let both = SideBySide::new(Stuffer::default(), |u, level| u.clock.next = level.into());
        Self { both, slowness: 1, had_room: false, sent: vec![], rng: Rng::new(7) }
    }

    fn clock(&mut self) {
        self.both.uut.tx_ready.next = self.rng.one_in(self.slowness);
        self.both.settle();
        let u = &self.both.uut;
        self.had_room = u.room.val();
        if u.tx_valid.val() && u.tx_ready.next {
            self.sent.push(u.tx_data.val().to_u8());
        }
        self.both.tick();
        (self.both.uut.put.next, self.both.uut.finish.next) = (false, false);
    }

    /// A byte, or the end of a frame, as soon as it may come: four clocks behind the last one, in the clock behind one with room.
    fn step(&mut self, byte: Option<u8>) {
        (0..3).for_each(|_| self.clock());
        let end = self.both.cycle + 100_000;
        while !self.had_room {
            assert!(self.both.cycle < end, "no room after {} bytes", self.sent.len());
            self.clock();
        }
        match byte {
            Some(byte) => {
                self.both.uut.put.next = true;
                self.both.uut.data.next = u64::from(byte).into();
            }
            None => self.both.uut.finish.next = true,
        }
        self.clock();
    }

    fn until_quiet(&mut self) {
        let end = self.both.cycle + 100_000;
        while self.both.uut.busy.val() {
            assert!(self.both.cycle < end, "it does not come to rest");
            self.clock();
        }
    }
}

#[test]
fn frames_leave_as_the_host_would_encode_them() {
    let mut line = Line::new();
    let mut expected: VecDeque<u8> = VecDeque::new();
    let mut rng = Rng::new(8);
    // Lengths at which a block is just full, with zeros and without.
    let lengths = [8, 253, 254, 255, 256, 300, 381, 507, 508, 509, 9, 254, 254, 12].into_iter().cycle().take(40);
    for (number, length) in lengths.enumerate() {
        let least = (number % 3 != 0) as u8;
        let frame: Vec<u8> = (0..length).map(|_| (rng.next_u64() as u8 & rng.next_u64() as u8).max(least)).collect();
        line.slowness = if number % 5 < 2 { 1 } else { 12 };
        frame.iter().for_each(|&byte| line.step(Some(byte)));
        line.step(None);
        expected.extend(cobs::encode_vec(&frame));
        expected.push_back(DELIMITER);
        if number % 7 == 0 {
            line.until_quiet();
        }
    }
    line.until_quiet();
    assert_eq!(line.sent.len(), expected.len());
    assert!(line.sent.iter().eq(&expected), "a byte is another");
}

#[test]
fn a_code_leaves_in_the_clock_that_the_documentation_says() {
    let mut line = Line::new();
    (0..20).for_each(|_| line.clock());
    line.both.uut.put.next = true;
    let start = line.both.cycle;
    line.clock();
    while !line.both.uut.tx_valid.val() {
        line.clock();
    }
    assert_eq!(line.both.cycle - start, 8);
}
