//! Blocks of the ECP5 that Yosys does not infer, or infers only with extra logic around them.
//!
//! Every block has three forms that do the same: a Rust model for rust-hdl's simulator, behavioural Verilog for any Verilog
//! simulator, and vendor cells, which the Verilog contains under `` `ifdef SYNTHESIS`` (Yosys defines it by itself). The
//! crate's tests run the same stimulus through all of them. State is 0 at power-up unless contents are given.
//!
//! | block | what | clocks from input to output |
//! |---|---|---|
//! | [`BlockRam512x36`] | one EBR, 512 x 36, with its output register | 2 |
//! | [`BitSetRam`] | one EBR, single bits written, 16-bit words read | 2 |
//! | [`BlockRam2048x9`] | one EBR, 2,048 bytes, with its output register | 2 |
//! | [`BlockRam`] | inferred block RAM, any size | 1 |
//! | [`DistributedRam`] | inferred LUT RAM | 0 (read), 1 (write) |
//! | [`Rom`] | constants in LUTs | 0 |
//! | [`AddShift`] | accumulator and shift stage in one carry chain | 1 |
//! | [`GatedSum`] | sum of two numbers, of which each may be left out | 1 |
//! | [`Mult18x18`] | one multiplier with all its registers | 3 |
//! | [`CopyRegister`] | register that synthesis keeps apart from its equals | 1 |
//! | [`DffInit`] | register with a power-up value | 1 |
//! | [`Pll`] | EHXPLLL with one output | 0 in simulation |

mod add_shift;
mod bit_set_ram;
mod block_ram;
mod block_ram_2048x9;
mod block_ram_512x36;
mod carry_chain;
mod copy_register;
mod dff_init;
mod distributed_ram;
mod gated_sum;
mod mult18x18;
mod pll;
mod rom;
mod words;

pub use add_shift::AddShift;
pub use bit_set_ram::BitSetRam;
pub use block_ram::BlockRam;
pub use block_ram_512x36::BlockRam512x36;
pub use block_ram_2048x9::BlockRam2048x9;
pub use copy_register::CopyRegister;
pub use dff_init::DffInit;
pub use distributed_ram::DistributedRam;
pub use gated_sum::GatedSum;
pub use mult18x18::Mult18x18;
pub use pll::{Pll, PllError, PllSettings};
pub use rom::Rom;

use rust_hdl::prelude::{Bits, Verilog, Wrapper};
use std::fmt::Write as _;

/// Verilog models of the cells DP16KD, PDPW16KD, MULT18X18D, CCU2C, LUT4, PFUMX, L6MUX21, TRELLIS_FF and TRELLIS_DPR16X4, in
/// the modes that this crate and Yosys' `synth_ecp5` use; another mode stops elaboration with a message in the name of a missing
/// module.
///
/// With them the vendor form of every primitive, and whole netlists, run in Icarus Verilog or Verilator (`-Wno-fatal`).
pub const CELL_MODELS: &str = concat!(
    include_str!("../../models/DP16KD.v"),
    include_str!("../../models/PDPW16KD.v"),
    include_str!("../../models/MULT18X18D.v"),
    include_str!("../../models/logic.v"),
);

/// Initial contents that do not fit a memory.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ContentsError {
    /// More words than the memory has.
    #[error("{words} words of initial contents for a memory of {depth}; give at most {depth}")]
    TooMany {
        /// Words given.
        words: usize,
        /// Words that the memory has.
        depth: usize,
    },
    /// A word with bits above the width of the memory.
    #[error("word {address} of the initial contents is {value:#x}, which needs more than the memory's {width} bits")]
    TooWide {
        /// Position of the word.
        address: usize,
        /// The word.
        value: u64,
        /// Width of the memory in bits.
        width: usize,
    },
}

/// A module body whose outputs are wires.
fn body(code: String) -> Verilog {
    Verilog::Wrapper(Wrapper { code, cores: String::new() })
}

/// The lowest N bits of a number.
fn low_bits<const N: usize>(value: u64) -> Bits<N> {
    const { assert!(N <= 32, "wide ports simulate slowly: 32 bits at most") };
    (value & ((1u64 << N) - 1)).into()
}

/// Connections `.NAME0(f(0)), .NAME1(f(1)), ..`, an empty string leaving a pin open.
fn pins(name: &str, count: usize, signal: impl Fn(usize) -> String) -> String {
    (0..count).map(|i| format!(".{name}{i}({}), ", signal(i))).collect()
}

/// A bit of a bus, or 0 beyond its end.
fn bit_or_zero(bus: &str, width: usize, bit: usize) -> String {
    if bit < width { format!("{bus}[{bit}]") } else { "1'b0".to_string() }
}

/// `INITVAL_xx` parameters of an EBR from its 1,024 words of 18 bits; blocks of zeros, the default, are left out.
///
/// A block of 320 bits holds sixteen words, each in a field of 20 bits.
fn initval(words: impl Iterator<Item = u32>) -> String {
    let words: Vec<u32> = words.collect();
    let mut text = String::new();
    for (block, group) in words.chunks(16).enumerate().filter(|(_, group)| group.iter().any(|w| *w != 0)) {
        let hex: String = group.iter().rev().map(|word| format!("{word:05x}")).collect();
        let _ = writeln!(text, "  .INITVAL_{block:02X}(320'h{hex}),");
    }
    text
}
