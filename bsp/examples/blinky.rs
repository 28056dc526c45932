//! Counts on the LEDs of a board.
//!
//! `cargo run -p rust-hdl-bsp-ecp5 --example blinky [board]` builds a bitstream in `build/blinky-<board>` and prints a summary.

use rust_hdl::prelude::*;
use rust_hdl_bsp_ecp5::boards::{Board, board};
use rust_hdl_bsp_ecp5::flow::{Design, FlowOptions, Progress, Toolchain, build};
use rust_hdl_bsp_ecp5::ports::ports;
use rust_hdl_bsp_ecp5::simulate::check;
use std::path::Path;

/// N LEDs; the slowest changes about once a second at 25 MHz.
#[derive(LogicBlock)]
struct Blinky<const N: usize> {
    pub clock: Signal<In, Clock>,
    pub led: Signal<Out, Bits<N>>,
    counter: DFF<Bits<32>>,
    shifted: Signal<Local, Bits<32>>,
    slow: Constant<Bits<32>>,
}

impl<const N: usize> Default for Blinky<N> {
    fn default() -> Self {
        Self {
            clock: Default::default(),
            led: Default::default(),
            counter: Default::default(),
            shifted: Default::default(),
            slow: Constant::new(bits(25 - N as u64)),
        }
    }
}

impl<const N: usize> Logic for Blinky<N> {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, counter);
        self.counter.d.next = self.counter.q.val() + 1;
        self.shifted.next = self.counter.q.val() >> self.slow.val();
        self.led.next = bit_cast::<N, 32>(self.shifted.val());
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let name = std::env::args().nth(1).unwrap_or_else(|| "ulx3s-85f".into());
    let board = board(&name)?;
    if board.lpf()?.width("led") == 8 {
        make(board, Blinky::<8>::default())
    } else {
        make(board, Blinky::<1>::default())
    }
}

/// Checks a block, generates its Verilog and builds it.
fn make<B: Block>(board: &Board, mut uut: B) -> Result<(), Box<dyn std::error::Error>> {
    uut.connect_all();
    check(&uut)?;
    let design = Design {
        configuration: "",
        top: "top",
        verilog: &generate_verilog(&uut),
        lpf: &board.constrain(&ports(&uut))?,
    };
    let dir = Path::new("build").join(format!("blinky-{}", board.name));
    let report = build(&Toolchain::find(None)?, &design, board, &dir, &FlowOptions::default(), &mut |progress| {
        if let Progress::Finished { step, seconds } = progress {
            println!("{step}: {seconds:.1} s");
        }
    })?;
    print!("{report}");
    Ok(())
}
