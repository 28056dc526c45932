//! An array of accumulating cores, the size and shape of what the simulator is made for: block RAMs of 512 x 36 bits,
//! nine 4-bit lanes to each, a small state machine to each core.
#![allow(dead_code)]

use rust_hdl::prelude::*;
use std::array::from_fn;

/// 512 words of 36 bits, one write and one read port.
#[derive(LogicBlock, Default)]
pub struct BlockRam {
    pub clock: Signal<In, Clock>,
    pub write: Signal<In, Bit>,
    pub write_address: Signal<In, Bits<9>>,
    pub write_data: Signal<In, Bits<36>>,
    pub read_address: Signal<In, Bits<9>>,
    pub read_data: Signal<Out, Bits<36>>,
}

impl Logic for BlockRam {
    // Only its Verilog is run.
    fn update(&mut self) {}

    fn connect(&mut self) {
        self.read_data.connect();
    }

    fn hdl(&self) -> Verilog {
        Verilog::Custom(
            "(* no_rw_check *)\nreg [35:0] mem [511:0];\ninteger i;\n\
             initial begin for (i = 0; i < 512; i = i + 1) mem[i] = 0; read_data = 0; end\n\
             always @(posedge clock) begin if (write) mem[write_address] <= write_data; read_data <= mem[read_address]; end\n"
                .into(),
        )
    }
}

/// A membrane: adds a weight, or takes its neighbour's value.
#[derive(LogicBlock)]
pub struct Lane {
    pub clock: Signal<In, Clock>,
    pub enable: Signal<In, Bit>,
    pub add: Signal<In, Bit>,
    pub weight: Signal<In, Bits<4>>,
    pub shift_in: Signal<In, Bits<15>>,
    pub value: Signal<Out, Bits<15>>,
    membrane: DFF<Bits<15>>,
    extended: Signal<Local, Bits<15>>,
    sum: Signal<Local, Bits<15>>,
    negative: Constant<Bits<15>>,
}

impl Default for Lane {
    fn default() -> Self {
        Lane {
            clock: Default::default(),
            enable: Default::default(),
            add: Default::default(),
            weight: Default::default(),
            shift_in: Default::default(),
            value: Default::default(),
            membrane: Default::default(),
            extended: Default::default(),
            sum: Default::default(),
            negative: Constant::new(bits(0x7ff0)),
        }
    }
}

impl Logic for Lane {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, membrane);
        self.extended.next = bit_cast::<15, 4>(self.weight.val());
        if self.weight.val().get_bit(3) {
            self.extended.next = bit_cast::<15, 4>(self.weight.val()) | self.negative.val();
        }
        self.sum.next = self.membrane.q.val() + self.extended.val();
        if self.enable.val() {
            self.membrane.d.next = self.shift_in.val();
            if self.add.val() {
                self.membrane.d.next = self.sum.val();
            }
        }
        self.value.next = self.membrane.q.val();
    }
}

/// A block RAM and its nine lanes in a ring.
#[derive(LogicBlock)]
pub struct Tile {
    pub clock: Signal<In, Clock>,
    pub enable: Signal<In, Bit>,
    pub add: Signal<In, Bit>,
    pub row: Signal<In, Bits<9>>,
    pub write: Signal<In, Bit>,
    pub write_data: Signal<In, Bits<36>>,
    pub fire: Signal<In, Bit>,
    pub spike: Signal<Out, Bit>,
    ram: BlockRam,
    lanes: [Lane; 9],
    back: Signal<Local, Bits<15>>,
    threshold: Constant<Bits<15>>,
}

impl Default for Tile {
    fn default() -> Self {
        Tile {
            clock: Default::default(),
            enable: Default::default(),
            add: Default::default(),
            row: Default::default(),
            write: Default::default(),
            write_data: Default::default(),
            fire: Default::default(),
            spike: Default::default(),
            ram: Default::default(),
            lanes: from_fn(|_| Default::default()),
            back: Default::default(),
            threshold: Constant::new(bits(40)),
        }
    }
}

impl Logic for Tile {
    #[hdl_gen]
    fn update(&mut self) {
        clock!(self, clock, ram);
        self.ram.write.next = self.write.val();
        self.ram.write_address.next = self.row.val();
        self.ram.write_data.next = self.write_data.val();
        self.ram.read_address.next = self.row.val();
        self.back.next = self.lanes[8].value.val();
        self.spike.next = false;
        if self.fire.val()
            & (self.lanes[8].value.val() >= self.threshold.val())
            & !self.lanes[8].value.val().get_bit(14)
        {
            self.back.next = 0.into();
            self.spike.next = true;
        }
        for i in 0..9 {
            self.lanes[i].clock.next = self.clock.val();
            self.lanes[i].enable.next = self.enable.val();
            self.lanes[i].add.next = self.add.val();
            self.lanes[i].weight.next = self.ram.read_data.val().get_bits::<4>(4 * i);
        }
        self.lanes[0].shift_in.next = self.back.val();
        for i in 1..9 {
            self.lanes[i].shift_in.next = self.lanes[i - 1].value.val();
        }
    }
}

#[derive(Copy, Clone, Debug, PartialEq, LogicState)]
pub enum State {
    Idle,
    Fetch,
    Fire,
}

/// Tiles that share their rows, and who tells them what to do.
#[derive(LogicBlock)]
pub struct Core<const TILES: usize> {
    pub clock: Signal<In, Clock>,
    pub select: Signal<In, Bit>,
    pub arrive: Signal<In, Bit>,
    pub axon: Signal<In, Bits<9>>,
    pub tick: Signal<In, Bit>,
    pub load: Signal<In, Bit>,
    pub data: Signal<In, Bits<36>>,
    pub busy: Signal<Out, Bit>,
    pub spikes: Signal<Out, Bits<16>>,
    tiles: [Tile; TILES],
    state: DFF<State>,
    pending: DFF<Bit>,
    count: DFF<Bits<4>>,
    fired: DFF<Bits<16>>,
    any: Signal<Local, Bit>,
}

impl<const TILES: usize> Default for Core<TILES> {
    fn default() -> Self {
        Core {
            clock: Default::default(),
            select: Default::default(),
            arrive: Default::default(),
            axon: Default::default(),
            tick: Default::default(),
            load: Default::default(),
            data: Default::default(),
            busy: Default::default(),
            spikes: Default::default(),
            tiles: from_fn(|_| Default::default()),
            state: Default::default(),
            pending: Default::default(),
            count: Default::default(),
            fired: Default::default(),
            any: Default::default(),
        }
    }
}

impl<const TILES: usize> Logic for Core<TILES> {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, state, pending, count, fired);
        self.any.next = false;
        for i in 0..TILES {
            self.tiles[i].clock.next = self.clock.val();
            self.tiles[i].row.next = self.axon.val();
            self.tiles[i].write.next = self.load.val() & self.select.val();
            self.tiles[i].write_data.next = self.data.val();
            self.tiles[i].enable.next = self.pending.q.val() | (self.state.q.val() == State::Fire);
            self.tiles[i].add.next = self.pending.q.val();
            self.tiles[i].fire.next = self.state.q.val() == State::Fire;
            self.any.next = self.any.val() | self.tiles[i].spike.val();
        }
        self.pending.d.next = false;
        self.busy.next = self.state.q.val() != State::Idle;
        match self.state.q.val() {
            State::Idle => {
                self.count.d.next = 0.into();
                if self.select.val() & self.arrive.val() {
                    self.pending.d.next = true;
                } else if self.tick.val() {
                    self.state.d.next = State::Fetch;
                }
            }
            State::Fetch => {
                self.state.d.next = State::Fire;
            }
            State::Fire => {
                self.count.d.next = self.count.q.val() + 1;
                if self.any.val() {
                    self.fired.d.next = self.fired.q.val() + 1;
                }
                if self.count.q.val() == bits::<4>(8) {
                    self.state.d.next = State::Idle;
                }
            }
            _ => {
                self.state.d.next = State::Idle;
            }
        }
        self.spikes.next = self.fired.q.val();
    }
}

/// Cores on one bus.
#[derive(LogicBlock)]
pub struct Array<const CORES: usize, const TILES: usize> {
    pub clock: Signal<In, Clock>,
    pub mask: Signal<In, Bits<8>>,
    pub arrive: Signal<In, Bit>,
    pub axon: Signal<In, Bits<9>>,
    pub tick: Signal<In, Bit>,
    pub load: Signal<In, Bit>,
    pub data: Signal<In, Bits<36>>,
    pub busy: Signal<Out, Bit>,
    pub spikes: Signal<Out, Bits<16>>,
    cores: [Core<TILES>; CORES],
    total: Signal<Local, Bits<16>>,
    any: Signal<Local, Bit>,
}

impl<const CORES: usize, const TILES: usize> Default for Array<CORES, TILES> {
    fn default() -> Self {
        Array {
            clock: Default::default(),
            mask: Default::default(),
            arrive: Default::default(),
            axon: Default::default(),
            tick: Default::default(),
            load: Default::default(),
            data: Default::default(),
            busy: Default::default(),
            spikes: Default::default(),
            cores: from_fn(|_| Default::default()),
            total: Default::default(),
            any: Default::default(),
        }
    }
}

impl<const CORES: usize, const TILES: usize> Logic for Array<CORES, TILES> {
    #[hdl_gen]
    fn update(&mut self) {
        self.total.next = 0.into();
        self.any.next = false;
        for i in 0..CORES {
            self.cores[i].clock.next = self.clock.val();
            self.cores[i].select.next = self.mask.val().get_bit(i);
            self.cores[i].arrive.next = self.arrive.val();
            self.cores[i].axon.next = self.axon.val();
            self.cores[i].tick.next = self.tick.val();
            self.cores[i].load.next = self.load.val();
            self.cores[i].data.next = self.data.val();
            self.total.next = self.total.val() + self.cores[i].spikes.val();
            self.any.next = self.any.val() | self.cores[i].busy.val();
        }
        self.spikes.next = self.total.val();
        self.busy.next = self.any.val();
    }
}

/// The Verilog of an array; built on the heap's side of a thread with room, for it is one large value.
pub fn verilog<const CORES: usize, const TILES: usize>() -> String {
    let build = || {
        let mut array = Box::new(Array::<CORES, TILES>::default());
        array.connect_all();
        generate_verilog(array.as_ref())
    };
    std::thread::scope(|s| {
        std::thread::Builder::new().stack_size(1 << 28).spawn_scoped(s, build).unwrap().join().unwrap()
    })
}
