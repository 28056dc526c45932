//! Designs that rust-hdl generates, run on every engine and compared with Icarus Verilog.

#[path = "common/array.rs"]
mod array;
mod common;

use common::check;
use rust_hdl::prelude::*;

fn verilog<B: Block>(mut block: B) -> String {
    block.connect_all();
    generate_verilog(&block)
}

#[derive(LogicBlock, Default)]
struct Counter {
    clock: Signal<In, Clock>,
    enable: Signal<In, Bit>,
    clear: Signal<In, Bit>,
    count: Signal<Out, Bits<12>>,
    wrapped: Signal<Out, Bit>,
    state: DFF<Bits<12>>,
}

impl Logic for Counter {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, state);
        if self.enable.val() {
            self.state.d.next = self.state.q.val() + 0x155;
        }
        if self.clear.val() {
            self.state.d.next = 0.into();
        }
        // The sum is 32 bits wide in Verilog, and never 0: rust-hdl's own simulation says otherwise.
        self.wrapped.next = (self.state.q.val() + 0x155) == 0;
        self.count.next = self.state.q.val();
    }
}

#[test]
fn counters() {
    check("counter", &verilog(Counter::default()), 300);
}

#[derive(LogicBlock)]
struct Arithmetic {
    clock: Signal<In, Clock>,
    a: Signal<In, Signed<12>>,
    b: Signal<In, Signed<6>>,
    c: Signal<In, Bits<9>>,
    sum: Signal<Out, Signed<13>>,
    difference: Signal<Out, Signed<12>>,
    less: Signal<Out, Bit>,
    saturated: Signal<Out, Signed<12>>,
    odd: Signal<Out, Bits<16>>,
    wide: Signal<Out, Bits<40>>,
    high: Constant<Signed<13>>,
    top: Constant<Signed<12>>,
    accumulator: DFF<Signed<12>>,
    full: Signal<Local, Signed<13>>,
}

impl Default for Arithmetic {
    fn default() -> Self {
        Arithmetic {
            clock: Default::default(),
            a: Default::default(),
            b: Default::default(),
            c: Default::default(),
            sum: Default::default(),
            difference: Default::default(),
            less: Default::default(),
            saturated: Default::default(),
            odd: Default::default(),
            wide: Default::default(),
            high: Constant::new(Signed::from(2047)),
            top: Constant::new(Signed::from(-5)),
            accumulator: Default::default(),
            full: Default::default(),
        }
    }
}

impl Logic for Arithmetic {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, accumulator);
        self.full.next = signed_bit_cast::<13, 12>(self.accumulator.q.val()) + signed_bit_cast::<13, 6>(self.b.val());
        self.sum.next = self.full.val();
        self.accumulator.d.next = signed_bit_cast::<12, 13>(self.full.val());
        if self.full.val() > self.high.val() {
            self.accumulator.d.next = self.top.val();
        }
        self.saturated.next = self.accumulator.q.val();
        self.difference.next = self.a.val() - signed_bit_cast::<12, 6>(self.b.val());
        self.less.next = self.a.val() < self.accumulator.q.val();
        // Where Verilog's widths differ from what the Rust says.
        self.odd.next = bit_cast::<16, 9>(self.c.val() + 3) + bit_cast::<16, 9>(!self.c.val());
        self.wide.next = (bit_cast::<40, 9>(self.c.val()) << 31) - bit_cast::<40, 9>(self.c.val());
    }
}

#[test]
fn signed_arithmetic() {
    check("arithmetic", &verilog(Arithmetic::default()), 500);
}

#[derive(Copy, Clone, Debug, PartialEq, LogicState)]
enum Phase {
    Wait,
    Count,
    Flush,
}

#[derive(Copy, Clone, Debug, PartialEq, Default, LogicStruct)]
struct Packet {
    tag: Bits<3>,
    body: Bits<9>,
}

#[derive(LogicBlock)]
struct Machine {
    clock: Signal<In, Clock>,
    go: Signal<In, Bit>,
    index: Signal<In, Bits<3>>,
    data: Signal<In, Bits<9>>,
    packet: Signal<Out, Packet>,
    flags: Signal<Out, Bits<16>>,
    nibble: Signal<Out, Bits<4>>,
    phase: DFF<Phase>,
    held: DFF<Packet>,
    bits: DFFWithInit<Bits<16>>,
    timer: DFF<Bits<5>>,
}

impl Default for Machine {
    fn default() -> Self {
        Machine {
            clock: Default::default(),
            go: Default::default(),
            index: Default::default(),
            data: Default::default(),
            packet: Default::default(),
            flags: Default::default(),
            nibble: Default::default(),
            phase: Default::default(),
            held: Default::default(),
            bits: DFFWithInit::new(bits(0xbeef)),
            timer: Default::default(),
        }
    }
}

impl Logic for Machine {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, phase, held, bits, timer);
        match self.phase.q.val() {
            Phase::Wait => {
                if self.go.val() {
                    self.phase.d.next = Phase::Count;
                    self.held.d.next.body = self.data.val();
                }
                self.timer.d.next = 0.into();
            }
            Phase::Count => {
                self.timer.d.next = self.timer.q.val() + 1;
                self.bits.d.next = self.bits.q.val().replace_bit(self.index.val().index(), self.go.val());
                if self.timer.q.val() == bits::<5>(9) {
                    self.phase.d.next = Phase::Flush;
                }
            }
            Phase::Flush => {
                self.held.d.next.tag = self.data.val().get_bits::<3>(4);
                self.phase.d.next = Phase::Wait;
            }
            _ => {
                self.phase.d.next = Phase::Wait;
            }
        }
        self.packet.next = self.held.q.val();
        self.flags.next = self.bits.q.val();
        self.nibble.next = self.bits.q.val().get_bits::<4>(self.index.val().index());
        if self.bits.q.val().all() | self.data.val().xor() {
            self.nibble.next = 15.into();
        }
    }
}

#[test]
fn state_machines_and_structs() {
    check("machine", &verilog(Machine::default()), 600);
}

#[derive(LogicBlock, Default)]
struct Queue {
    clock: Signal<In, Clock>,
    data: Signal<In, Bits<10>>,
    write: Signal<In, Bit>,
    read: Signal<In, Bit>,
    out: Signal<Out, Bits<10>>,
    empty: Signal<Out, Bit>,
    full: Signal<Out, Bit>,
    fifo: SynchronousFIFO<Bits<10>, 3, 4, 1>,
}

impl Logic for Queue {
    #[hdl_gen]
    fn update(&mut self) {
        clock!(self, clock, fifo);
        self.fifo.data_in.next = self.data.val();
        self.fifo.write.next = self.write.val() & !self.fifo.full.val();
        self.fifo.read.next = self.read.val() & !self.fifo.empty.val();
        self.out.next = self.fifo.data_out.val();
        self.empty.next = self.fifo.empty.val();
        self.full.next = self.fifo.full.val();
    }
}

#[test]
fn fifos() {
    // The widget's memory has no contents at first: iverilog then reads x. Zero is what the FPGA has.
    let text = verilog(Queue::default()).replace(
        "reg[9:0] mem[7:0];",
        "reg[9:0] mem[7:0]; integer i; initial begin for (i = 0; i < 8; i = i + 1) mem[i] = 0; read_data = 0; end",
    );
    check("queue", &text, 800);
}

#[test]
fn an_array_of_cores() {
    check("array", &array::verilog::<2, 3>(), 3000);
}
