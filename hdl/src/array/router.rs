//! From a spike to the cores and the host that hear it.

use super::count_ones::CountOnes;
use super::route_table::RouteTable;
use nernst_spec::memory::route_word::{CORES_SHIFT, DELAY_SHIFT, HOST_BIT};
use rust_hdl::prelude::*;
use rust_hdl_bsp_ecp5::primitives::DistributedRam;

const _: () = assert!(DELAY_SHIFT == 9 && HOST_BIT == 13 && CORES_SHIFT == 16, "fields that the kernel takes apart");

/// Takes one spike a clock, from the core of the lowest number that has one, else from `input_line`; looks its route up;
/// puts it on the bus as `event_valid` with the cores that it is for, its axon and the slot `tick + delay`; and hands the numbers
/// of neurons that the host wants to hear to `host_neuron`, in the order in which they were taken.
///
/// Latency: 4 clocks from a spike that is taken to `event_valid`. 16 spikes for the host wait in a queue; while there is no room
/// for all under way no neuron's spike is taken, so nothing else ever stops and nothing is lost. Inputs are taken
/// whenever no core has a spike, so offer them between ticks only. `idle`: nothing under way, the last event is in the scheduler.
///
/// `address` reaches the tables while nothing is under way; their words are at `route_word` and `input_word` 2 clocks later.
///
/// ```text
/// clock         _/~\_/~\_/~\_/~\_/~\_/~\_
/// spike         _/~~~\___________________     valid and ready
/// table         -----<read >-------------
/// route         -------------< R >-------
/// event         _________________/~~~\___
/// host_valid    _________________________/~~
/// ```
#[derive(LogicBlock)]
pub struct Router {
    pub clock: Signal<In, Clock>,
    pub tick: Signal<In, Bits<4>>,
    pub spike_valid: Vec<Signal<In, Bit>>,
    pub spike_neuron: Vec<Signal<In, Bits<12>>>,
    pub spike_ready: Vec<Signal<Out, Bit>>,
    pub input_valid: Signal<In, Bit>,
    pub input_line: Signal<In, Bits<12>>,
    pub input_ready: Signal<Out, Bit>,
    pub event_valid: Signal<Out, Bit>,
    pub event_cores: Signal<Out, Bits<16>>,
    pub event_axon: Signal<Out, Bits<9>>,
    pub event_slot: Signal<Out, Bits<4>>,
    pub host_valid: Signal<Out, Bit>,
    pub host_neuron: Signal<Out, Bits<12>>,
    pub host_ready: Signal<In, Bit>,
    pub idle: Signal<Out, Bit>,
    pub address: Signal<In, Bits<12>>,
    pub write_route: Signal<In, Bit>,
    pub write_input: Signal<In, Bit>,
    pub write_all: Signal<In, Bit>,
    pub write_word: Signal<In, Bits<32>>,
    pub route_word: Signal<Out, Bits<32>>,
    pub input_word: Signal<Out, Bits<32>>,
    /// For the ledger: cores that `event_valid` is for.
    pub destinations: Signal<Out, Bits<5>>,

    routes: RouteTable,
    inputs: RouteTable,
    ones: CountOnes,
    queue: DistributedRam<12, 4>,
    // Spikes in the four stages: address, block RAM, word, event.
    a_valid: DFF<Bit>,
    a_input: DFF<Bit>,
    a_number: DFF<Bits<12>>,
    b_valid: DFF<Bit>,
    b_input: DFF<Bit>,
    b_number: DFF<Bits<12>>,
    c_valid: DFF<Bit>,
    c_input: DFF<Bit>,
    c_number: DFF<Bits<12>>,
    d_event: DFF<Bit>,
    d_cores: DFF<Bits<16>>,
    d_axon: DFF<Bits<9>>,
    d_slot: DFF<Bits<4>>,
    d_host: DFF<Bit>,
    d_number: DFF<Bits<12>>,
    // The clock in which the core's own register holds the event.
    arriving: DFF<Bit>,
    // The queue to the host.
    head: DFF<Bits<4>>,
    tail: DFF<Bits<4>>,
    filled: DFF<Bits<5>>,
    room: DFF<Bit>,
    out_valid: DFF<Bit>,
    out_number: DFF<Bits<12>>,

    found: Signal<Local, Bit>,
    route: Signal<Local, Bits<32>>,
    cores: Signal<Local, Bits<16>>,
    delay: Signal<Local, Bits<4>>,
    pop: Signal<Local, Bit>,
    filled_more: Signal<Local, Bits<5>>,
    _cores: usize,
}

impl Router {
    /// A router for this many cores, neurons and input lines.
    pub fn new(cores: usize, neurons: usize, inputs: usize) -> Self {
        Self {
            clock: Default::default(),
            tick: Default::default(),
            input_valid: Default::default(),
            input_line: Default::default(),
            input_ready: Default::default(),
            event_valid: Default::default(),
            event_cores: Default::default(),
            event_axon: Default::default(),
            event_slot: Default::default(),
            host_valid: Default::default(),
            host_neuron: Default::default(),
            host_ready: Default::default(),
            idle: Default::default(),
            address: Default::default(),
            write_route: Default::default(),
            write_input: Default::default(),
            write_all: Default::default(),
            write_word: Default::default(),
            route_word: Default::default(),
            input_word: Default::default(),
            destinations: Default::default(),
            ones: Default::default(),
            queue: Default::default(),
            a_valid: Default::default(),
            a_input: Default::default(),
            a_number: Default::default(),
            b_valid: Default::default(),
            b_input: Default::default(),
            b_number: Default::default(),
            c_valid: Default::default(),
            c_input: Default::default(),
            c_number: Default::default(),
            d_event: Default::default(),
            d_cores: Default::default(),
            d_axon: Default::default(),
            d_slot: Default::default(),
            d_host: Default::default(),
            d_number: Default::default(),
            arriving: Default::default(),
            head: Default::default(),
            tail: Default::default(),
            filled: Default::default(),
            room: Default::default(),
            out_valid: Default::default(),
            out_number: Default::default(),
            found: Default::default(),
            route: Default::default(),
            cores: Default::default(),
            delay: Default::default(),
            pop: Default::default(),
            filled_more: Default::default(),
            spike_valid: (0..cores).map(|_| Default::default()).collect(),
            spike_neuron: (0..cores).map(|_| Default::default()).collect(),
            spike_ready: (0..cores).map(|_| Default::default()).collect(),
            routes: RouteTable::new(neurons),
            inputs: RouteTable::new(inputs),
            _cores: cores,
        }
    }
}

impl Logic for Router {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(
            self, clock, a_valid, a_input, a_number, b_valid, b_input, b_number, c_valid, c_input, c_number, d_event,
            d_cores, d_axon, d_slot, d_host, d_number, arriving, head, tail, filled, room, out_valid, out_number
        );
        clock!(self, clock, routes, inputs, queue);

        // A: one spike.
        self.found.next = false;
        self.a_input.d.next = false;
        self.a_number.d.next = bit_cast::<12, 12>(self.input_line.val());
        for i in 0..self._cores {
            self.spike_ready[i].next = self.room.q.val() & !self.found.val();
            if self.spike_valid[i].val() & !self.found.val() {
                self.found.next = true;
                self.a_number.d.next = self.spike_neuron[i].val();
            }
        }
        self.a_valid.d.next = self.found.val() & self.room.q.val();
        self.input_ready.next = !self.found.val();
        if self.input_valid.val() & !self.found.val() {
            self.a_valid.d.next = true;
            self.a_input.d.next = true;
        }

        // B and C: its route.
        self.routes.address.next = self.address.val();
        self.inputs.address.next = self.address.val();
        if self.a_valid.q.val() {
            self.routes.address.next = self.a_number.q.val();
            self.inputs.address.next = self.a_number.q.val();
        }
        self.routes.write.next = self.write_route.val();
        self.inputs.write.next = self.write_input.val();
        self.routes.write_all.next = self.write_all.val();
        self.inputs.write_all.next = self.write_all.val();
        self.routes.write_word.next = self.write_word.val();
        self.inputs.write_word.next = self.write_word.val();
        self.route_word.next = self.routes.word.val();
        self.input_word.next = self.inputs.word.val();
        self.b_valid.d.next = self.a_valid.q.val();
        self.b_input.d.next = self.a_input.q.val();
        self.b_number.d.next = self.a_number.q.val();
        self.c_valid.d.next = self.b_valid.q.val();
        self.c_input.d.next = self.b_input.q.val();
        self.c_number.d.next = self.b_number.q.val();

        // D: the event, and the host's copy.
        self.route.next = self.routes.word.val();
        if self.c_input.q.val() {
            self.route.next = self.inputs.word.val();
        }
        self.cores.next = self.route.val().get_bits::<16>(16);
        self.delay.next = self.route.val().get_bits::<4>(9);
        self.d_event.d.next = self.c_valid.q.val() & self.cores.val().any();
        self.d_cores.d.next = self.cores.val();
        self.d_axon.d.next = bit_cast::<9, 32>(self.route.val());
        self.d_slot.d.next = self.delay.val() + self.tick.val();
        self.d_host.d.next = self.c_valid.q.val() & !self.c_input.q.val() & self.route.val().get_bit(13);
        self.d_number.d.next = self.c_number.q.val();
        self.event_valid.next = self.d_event.q.val();
        self.event_cores.next = self.d_cores.q.val();
        self.event_axon.next = self.d_axon.q.val();
        self.event_slot.next = self.d_slot.q.val();
        self.ones.word.next = self.d_cores.q.val();
        self.destinations.next = bits::<5>(0);
        if self.d_event.q.val() {
            self.destinations.next = self.ones.ones.val();
        }
        self.arriving.d.next = self.d_event.q.val();

        // The queue to the host. Six spikes may be under way when it says that there is no more room.
        self.queue.write_enable.next = self.d_host.q.val();
        self.queue.write_address.next = self.head.q.val();
        self.queue.write_data.next = self.d_number.q.val();
        self.queue.read_address.next = self.tail.q.val();
        self.pop.next = self.filled.q.val().any() & (!self.out_valid.q.val() | self.host_ready.val());
        self.filled_more.next = self.filled.q.val();
        if self.d_host.q.val() {
            self.head.d.next = self.head.q.val() + 1;
            self.filled_more.next = self.filled.q.val() + 1;
        }
        self.filled.d.next = self.filled_more.val();
        if self.host_ready.val() {
            self.out_valid.d.next = false;
        }
        if self.pop.val() {
            self.tail.d.next = self.tail.q.val() + 1;
            self.filled.d.next = self.filled_more.val() - 1;
            self.out_valid.d.next = true;
            self.out_number.d.next = self.queue.read_data.val();
        }
        self.room.d.next = self.filled.q.val() < 9;
        self.host_valid.next = self.out_valid.q.val();
        self.host_neuron.next = self.out_number.q.val();

        self.idle.next = !self.a_valid.q.val()
            & !self.b_valid.q.val()
            & !self.c_valid.q.val()
            & !self.d_event.q.val()
            & !self.d_host.q.val()
            & !self.arriving.q.val()
            & !self.filled.q.val().any()
            & !self.out_valid.q.val();
    }
}
