//! From a spike to the cores and the host that hear it.

use super::bus::{Event, ValueAccess};
use super::count_ones::CountOnes;
use super::route_table::RouteTable;
use nernst_spec::memory::route_word::{BANK_BIT, CORES_SHIFT, DELAY_SHIFT, HOST_BIT};
use rust_hdl::prelude::*;
use rust_hdl_bsp_ecp5::primitives::DistributedRam;

/// Places of the queue to the host.
const QUEUE: u64 = 32;
/// Spikes that may be between the cores and the queue: one in each stage, and two clocks until `room` has fallen.
const STAGES: usize = 8;

const _: () = assert!(
    DELAY_SHIFT == 9 && HOST_BIT == 13 && BANK_BIT == 14 && CORES_SHIFT == 16,
    "fields that the kernel takes apart"
);

/// Takes one spike a clock, from the cores or else from `input_line`; looks its route up; puts it on the bus as `delivery`
/// with the cores that it is for, its axon and the slot `tick + delay`; and hands the numbers of neurons that the host wants
/// to hear to `host_neuron`, in the order in which they were taken.
///
/// A spike of a core cannot be refused; `room` says whether more may be sent on their way. It falls while the queue of 32 spikes
/// for the host still has a place for all that can be under way, so nothing is lost. Inputs are taken in clocks without a
/// spike of a core, so offer them between ticks only.
///
/// Latency: 6 clocks from a spike to `delivery`. `idle`: nothing under way, the host has taken all.
///
/// Neurons and input lines share one table: the route of neuron n is word n, that of line i is word i from its end. `address`, of a
/// line with `address_input`, reaches it while nothing is under way; its word is at `route_word` 4 clocks later.
///
/// Behind the neurons' routes are the values of input lines: while `values` is active its line reaches them, and nothing else of the host; the value
/// is in the low bits of `route_word` 5 clocks later.
///
/// ```text
/// clock         _/~\_/~\_/~\_/~\_/~\_/~\_/~\_
/// spike_valid   _/~~~\_______________________
/// a .. d        -----< a >< b >< c >< d >----      address, two clocks of the block RAM, word
/// event         _________________________/~~~\_
/// host_valid    ________________________________ 2 clocks after the event
/// ```
#[derive(LogicBlock)]
pub struct Router {
    pub clock: Signal<In, Clock>,
    pub tick: Signal<In, Bits<4>>,
    pub spike_valid: Signal<In, Bit>,
    pub spike_neuron: Signal<In, Bits<12>>,
    pub room: Signal<Out, Bit>,
    pub input_valid: Signal<In, Bit>,
    pub input_line: Signal<In, Bits<12>>,
    pub input_ready: Signal<Out, Bit>,
    pub delivery: Signal<Out, Event>,
    pub host_valid: Signal<Out, Bit>,
    pub host_neuron: Signal<Out, Bits<12>>,
    pub host_ready: Signal<In, Bit>,
    pub idle: Signal<Out, Bit>,
    pub address: Signal<In, Bits<12>>,
    pub address_input: Signal<In, Bit>,
    pub write_route: Signal<In, Bit>,
    pub write_all: Signal<In, Bit>,
    pub write_word: Signal<In, Bits<32>>,
    pub route_word: Signal<Out, Bits<32>>,
    pub values: Signal<In, ValueAccess>,
    /// For the ledger: an event is on the bus; cores that the event of the clock before was for.
    pub transfer: Signal<Out, Bit>,
    pub destinations: Signal<Out, Bits<5>>,

    routes: RouteTable,
    ones: CountOnes,
    queue: DistributedRam<12, 5>,
    // What the host wants of the table.
    host_place: DFF<Bits<13>>,
    value_place: DFF<Bits<13>>,
    value: DFF<ValueAccess>,
    writing: DFF<Bit>,
    writing_all: DFF<Bit>,
    written: DFF<Bits<32>>,
    // Spikes in the five stages: address, twice block RAM, word, event.
    a_valid: DFF<Bit>,
    a_place: DFF<Bits<13>>,
    a_input: DFF<Bit>,
    a_number: DFF<Bits<12>>,
    b_valid: DFF<Bit>,
    b_input: DFF<Bit>,
    b_number: DFF<Bits<12>>,
    c_valid: DFF<Bit>,
    c_input: DFF<Bit>,
    c_number: DFF<Bits<12>>,
    d_valid: DFF<Bit>,
    d_input: DFF<Bit>,
    d_number: DFF<Bits<12>>,
    e_event: DFF<Bit>,
    e_cores: DFF<Bits<16>>,
    e_axon: DFF<Bits<10>>,
    e_slot: DFF<Bits<4>>,
    e_host: DFF<Bit>,
    e_number: DFF<Bits<12>>,
    reached: DFF<Bits<5>>,
    // The queue to the host.
    head: DFF<Bits<5>>,
    some: DFF<Bit>,
    tail: DFF<Bits<5>>,
    filled: DFF<Bits<6>>,
    room_left: DFF<Bit>,
    out_valid: DFF<Bit>,
    out_number: DFF<Bits<12>>,

    route: Signal<Local, Bits<32>>,
    cores: Signal<Local, Bits<16>>,
    delay: Signal<Local, Bits<4>>,
    pop: Signal<Local, Bit>,
    /// Fill of the queue from which on there is no more room.
    most: Constant<Bits<6>>,
    first_value: Constant<Bits<13>>,
}

impl Router {
    /// A router for this many cores, of so many banks at most, neurons and input lines, when as many spikes as `upstream` can come after
    /// `room` fell.
    pub fn new(cores: usize, banks: usize, neurons: usize, inputs: usize, upstream: usize) -> Self {
        let in_flight = upstream + STAGES;
        Self {
            clock: Default::default(),
            tick: Default::default(),
            spike_valid: Default::default(),
            spike_neuron: Default::default(),
            room: Default::default(),
            input_valid: Default::default(),
            input_line: Default::default(),
            input_ready: Default::default(),
            delivery: Default::default(),
            host_valid: Default::default(),
            host_neuron: Default::default(),
            host_ready: Default::default(),
            idle: Default::default(),
            address: Default::default(),
            address_input: Default::default(),
            write_route: Default::default(),
            write_all: Default::default(),
            write_word: Default::default(),
            route_word: Default::default(),
            values: Default::default(),
            transfer: Default::default(),
            destinations: Default::default(),
            ones: Default::default(),
            queue: Default::default(),
            host_place: Default::default(),
            value_place: Default::default(),
            value: Default::default(),
            writing: Default::default(),
            writing_all: Default::default(),
            written: Default::default(),
            a_valid: Default::default(),
            a_place: Default::default(),
            a_input: Default::default(),
            a_number: Default::default(),
            b_valid: Default::default(),
            b_input: Default::default(),
            b_number: Default::default(),
            c_valid: Default::default(),
            c_input: Default::default(),
            c_number: Default::default(),
            d_valid: Default::default(),
            d_input: Default::default(),
            d_number: Default::default(),
            e_event: Default::default(),
            e_cores: Default::default(),
            e_axon: Default::default(),
            e_slot: Default::default(),
            e_host: Default::default(),
            e_number: Default::default(),
            reached: Default::default(),
            head: Default::default(),
            some: Default::default(),
            tail: Default::default(),
            filled: Default::default(),
            room_left: Default::default(),
            out_valid: Default::default(),
            out_number: Default::default(),
            route: Default::default(),
            cores: Default::default(),
            delay: Default::default(),
            pop: Default::default(),
            first_value: Constant::new((neurons as u64).into()),
            routes: RouteTable::new(neurons + inputs, cores, banks),
            most: Constant::new((QUEUE - in_flight as u64).into()),
        }
    }
}

impl Logic for Router {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(
            self,
            clock,
            host_place,
            value_place,
            value,
            writing,
            writing_all,
            written,
            a_valid,
            a_place,
            a_input,
            a_number,
            b_valid,
            b_input,
            b_number,
            c_valid,
            c_input,
            c_number,
            d_valid,
            d_input,
            d_number,
            e_event,
            e_cores,
            e_axon,
            e_slot,
            e_host,
            e_number,
            reached,
            head,
            some,
            tail,
            filled,
            room_left,
            out_valid,
            out_number
        );
        clock!(self, clock, routes, queue);

        // A: one spike, and the place of its route.
        self.a_valid.d.next = self.spike_valid.val() | self.input_valid.val();
        self.a_input.d.next = !self.spike_valid.val();
        self.a_number.d.next = self.spike_neuron.val();
        self.a_place.d.next = !bit_cast::<13, 12>(self.input_line.val());
        if self.spike_valid.val() {
            self.a_place.d.next = bit_cast::<13, 12>(self.spike_neuron.val());
        }
        self.input_ready.next = !self.spike_valid.val();

        // B, C and D: its route.
        self.host_place.d.next = bit_cast::<13, 12>(self.address.val());
        if self.address_input.val() {
            self.host_place.d.next = !bit_cast::<13, 12>(self.address.val());
        }
        // Values are written when nothing else is.
        self.value.d.next = self.values.val();
        self.value_place.d.next = bit_cast::<13, 12>(self.values.val().line) + self.first_value.val();
        if self.value.q.val().active {
            self.host_place.d.next = self.value_place.q.val();
        }
        self.writing.d.next = self.write_route.val() | self.value.q.val().write;
        self.writing_all.d.next = self.write_all.val();
        self.written.d.next = self.write_word.val();
        if self.value.q.val().active {
            self.written.d.next = bit_cast::<32, 8>(self.value.q.val().value);
        }
        self.routes.address.next = self.host_place.q.val();
        if self.a_valid.q.val() {
            self.routes.address.next = self.a_place.q.val();
        }
        self.routes.write_address.next = self.host_place.q.val();
        self.routes.write.next = self.writing.q.val();
        self.routes.write_all.next = self.writing_all.q.val();
        self.routes.write_word.next = self.written.q.val();
        self.route_word.next = self.routes.word.val();
        self.b_valid.d.next = self.a_valid.q.val();
        self.b_input.d.next = self.a_input.q.val();
        self.b_number.d.next = self.a_number.q.val();
        self.c_valid.d.next = self.b_valid.q.val();
        self.c_input.d.next = self.b_input.q.val();
        self.c_number.d.next = self.b_number.q.val();
        self.d_valid.d.next = self.c_valid.q.val();
        self.d_input.d.next = self.c_input.q.val();
        self.d_number.d.next = self.c_number.q.val();

        // E: the event, and the host's copy.
        self.route.next = self.routes.word.val();
        self.cores.next = self.route.val().get_bits::<16>(16);
        self.delay.next = self.route.val().get_bits::<4>(9);
        self.e_event.d.next = self.d_valid.q.val() & self.cores.val().any();
        self.e_cores.d.next = self.cores.val();
        self.e_axon.d.next = (bit_cast::<10, 32>(self.route.val()) & 0x1ff)
            | (bit_cast::<10, 1>(self.route.val().get_bit(14).into()) << 9);
        self.e_slot.d.next = self.delay.val() + self.tick.val();
        self.e_host.d.next = self.d_valid.q.val() & !self.d_input.q.val() & self.route.val().get_bit(13);
        self.e_number.d.next = self.d_number.q.val();
        self.delivery.next.valid = self.e_event.q.val();
        self.delivery.next.cores = self.e_cores.q.val();
        self.delivery.next.axon = self.e_axon.q.val();
        self.delivery.next.slot = self.e_slot.q.val();
        self.transfer.next = self.e_event.q.val();
        self.ones.word.next = self.e_cores.q.val();
        self.reached.d.next = bits::<5>(0);
        if self.e_event.q.val() {
            self.reached.d.next = self.ones.ones.val();
        }
        self.destinations.next = self.reached.q.val();

        // The queue to the host.
        self.queue.write_enable.next = self.e_host.q.val();
        self.queue.write_address.next = self.head.q.val();
        self.queue.write_data.next = self.e_number.q.val();
        self.queue.read_address.next = self.tail.q.val();
        self.pop.next = self.some.q.val() & !self.out_valid.q.val();
        self.some.d.next = self.e_host.q.val() | (self.filled.q.val() > 1) | (self.some.q.val() & !self.pop.val());
        if self.e_host.q.val() {
            self.head.d.next = self.head.q.val() + 1;
        }
        if self.e_host.q.val() & !self.pop.val() {
            self.filled.d.next = self.filled.q.val() + 1;
        }
        if self.pop.val() & !self.e_host.q.val() {
            self.filled.d.next = self.filled.q.val() - 1;
        }
        if self.host_ready.val() {
            self.out_valid.d.next = false;
        }
        if self.pop.val() {
            self.tail.d.next = self.tail.q.val() + 1;
            self.out_valid.d.next = true;
            self.out_number.d.next = self.queue.read_data.val();
        }
        self.room_left.d.next = self.filled.q.val() < self.most.val();
        self.room.next = self.room_left.q.val();
        self.host_valid.next = self.out_valid.q.val();
        self.host_neuron.next = self.out_number.q.val();

        self.idle.next = !self.a_valid.q.val()
            & !self.b_valid.q.val()
            & !self.c_valid.q.val()
            & !self.d_valid.q.val()
            & !self.e_event.q.val()
            & !self.e_host.q.val()
            & !self.some.q.val()
            & !self.out_valid.q.val();
    }
}
