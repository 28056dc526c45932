//! A rust-hdl block, as Verilog, run: `cargo run -p rust-hdl-netsim --example blinker`.

use rust_hdl::prelude::*;
use rust_hdl_netsim::{Options, Simulator};

#[derive(LogicBlock, Default)]
struct Blinker {
    clock: Signal<In, Clock>,
    enable: Signal<In, Bit>,
    led: Signal<Out, Bit>,
    counter: DFF<Bits<10>>,
}

impl Logic for Blinker {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, counter);
        if self.enable.val() {
            self.counter.d.next = self.counter.q.val() + 1;
        }
        self.led.next = self.counter.q.val().get_bit(9);
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut block = Blinker::default();
    block.connect_all();
    let mut s = Simulator::from_verilog(&generate_verilog(&block), &Options::default())?;
    let (enable, led) = (s.input("enable")?, s.output("led")?);
    println!("{:?}", s.statistics());
    assert_eq!(s.run(1000, &[(led, 1)]), 1000, "it does not blink before it is enabled");
    s.set(enable, 1);
    println!("on after {} clocks", s.run(1_000_000, &[(led, 1)]));
    println!("off after {} more", s.run(1_000_000, &[(led, 0)]));
    let counter = s.net("counter.q")?;
    println!("the counter is {}", s.peek(counter));
    Ok(())
}
