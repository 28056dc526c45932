//! How many bits of a core mask are set.

use super::verilog_body;
use rust_hdl::prelude::*;

/// Number of set bits. Combinational.
#[derive(LogicBlock, Default)]
pub struct CountOnes {
    pub word: Signal<In, Bits<16>>,
    pub ones: Signal<Out, Bits<5>>,
}

impl Logic for CountOnes {
    fn update(&mut self) {
        self.ones.next = u64::from(self.word.val().to_u16().count_ones()).into();
    }

    fn connect(&mut self) {
        self.ones.connect();
    }

    fn hdl(&self) -> Verilog {
        let bits: Vec<String> = (0..16).map(|bit| format!("{{4'h0, word[{bit}]}}")).collect();
        verilog_body(format!("assign ones = {};\n", bits.join(" + ")))
    }
}
