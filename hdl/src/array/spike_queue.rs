//! Spikes of a turn on their way to the bus.

use super::unpacker::Unpacker;
use nernst_spec::CoreConfig;
use rust_hdl::prelude::*;
use rust_hdl_bsp_ecp5::cast::unsigned_cast_ext;
use rust_hdl_bsp_ecp5::primitives::{DistributedRam, Rom};

/// Takes what the rings of a core say in each clock of a turn, and puts out the neurons that fired by their
/// place in the order of turns (`nernst_spec::ArrayConfig::turn_of`).
///
/// In a clock with `fired_valid` bit `r` of `fired` tells whether the neuron of ring `r` at the next place fired, the last place
/// first; `turn_start` comes before the first of them. Spikes leave by `valid` and `taken` in this order, one a clock, while the turn goes on. `idle`: none is under way.
///
/// The neuron is that in context `present`, which stays from the turn until `idle`.
///
/// Every place of a turn with a spike is one of 32 words of a queue in LUT RAM; a turn has fewer, so none is ever without room.
///
/// ```text
/// clock        _/~\_/~\_/~\_/~\_/~\_/~\_/~\_/~\_/~\_
/// fired_valid  _/~~~~~~~~~~~\_______________________
/// fired        -<0 0><0 1><1 1>---------------------
/// valid        _____________________________/~~~~~~~     7 clocks after its place
/// ```
#[derive(LogicBlock)]
pub struct SpikeQueue {
    pub clock: Signal<In, Clock>,
    pub present: Signal<In, Bits<3>>,
    pub turn_start: Signal<In, Bit>,
    pub fired_valid: Signal<In, Bit>,
    pub fired: Signal<In, Bits<16>>,
    pub valid: Signal<Out, Bit>,
    pub neuron: Signal<Out, Bits<12>>,
    pub taken: Signal<In, Bit>,
    /// For the ledger: a spike leaves the queue.
    pub spiked: Signal<Out, Bit>,
    pub idle: Signal<Out, Bit>,

    /// Four rings each.
    flags: Vec<DistributedRam<4, 5>>,
    places: DistributedRam<5, 5>,
    unpacker: Unpacker,
    /// For each place of a ring how many turn before the first ring's neuron there.
    turns: Rom<12, 5>,
    /// Neurons of the array before each context of the core.
    context_first: Rom<12, 3>,
    offset: DFF<Bits<12>>,
    place: DFF<Bits<5>>,
    word: DFF<Bits<16>>,
    word_place: DFF<Bits<5>>,
    word_valid: DFF<Bit>,
    head: DFF<Bits<5>>,
    tail: DFF<Bits<5>>,
    out_valid: DFF<Bit>,
    out_first: DFF<Bits<12>>,
    out_turns: DFF<Bits<12>>,
    // A second place, so that the unpacker need not know in the same clock whether the first is free.
    spare_valid: DFF<Bit>,
    spare_first: DFF<Bits<12>>,
    spare_turns: DFF<Bits<12>>,
    filled: Signal<Local, Bit>,
    store: Signal<Local, Bit>,
    first: Signal<Local, Bits<12>>,
    gathered: Signal<Local, Bits<16>>,
    free: Signal<Local, Bit>,
    last_place: Constant<Bits<5>>,
    _nibbles: usize,
}

impl SpikeQueue {
    /// The queue of a core of this shape whose first neuron has this number in the array.
    ///
    /// # Panics
    /// When the core has more than 16 rings or a ring more than 31 places, or the array more than 4,096 neurons: no
    /// configuration that passed its check does.
    pub fn new(config: &CoreConfig, first_neuron: usize) -> Self {
        let turns: Vec<u64> = (0..config.ring()).map(|place| config.turn_of(place) as u64).collect();
        let context_first: Vec<u64> =
            (0..config.contexts.count()).map(|context| (first_neuron + context * config.neurons()) as u64).collect();
        assert!(config.ring() < 32, "places of a ring");
        let nibbles = config.units().div_ceil(4);
        Self {
            clock: Default::default(),
            present: Default::default(),
            turn_start: Default::default(),
            fired_valid: Default::default(),
            fired: Default::default(),
            valid: Default::default(),
            neuron: Default::default(),
            taken: Default::default(),
            spiked: Default::default(),
            idle: Default::default(),
            flags: (0..nibbles).map(|_| Default::default()).collect(),
            places: Default::default(),
            unpacker: Default::default(),
            turns: Rom::new(&turns).expect("neurons within the limits of a configuration"),
            context_first: Rom::new(&context_first).expect("neurons within the limits of a configuration"),
            offset: Default::default(),
            place: Default::default(),
            word: Default::default(),
            word_place: Default::default(),
            word_valid: Default::default(),
            head: Default::default(),
            tail: Default::default(),
            out_valid: Default::default(),
            out_first: Default::default(),
            out_turns: Default::default(),
            spare_valid: Default::default(),
            spare_first: Default::default(),
            spare_turns: Default::default(),
            filled: Default::default(),
            store: Default::default(),
            first: Default::default(),
            gathered: Default::default(),
            free: Default::default(),
            last_place: Constant::new((config.ring() as u64 - 1).into()),
            _nibbles: nibbles,
        }
    }
}

impl Logic for SpikeQueue {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(
            self,
            clock,
            offset,
            place,
            word,
            word_place,
            word_valid,
            head,
            tail,
            out_valid,
            out_first,
            out_turns,
            spare_valid,
            spare_first,
            spare_turns
        );
        clock!(self, clock, places, unpacker);

        // In: the places with a spike.
        self.word_valid.d.next = self.fired_valid.val();
        self.word.d.next = self.fired.val();
        self.word_place.d.next = self.place.q.val();
        if self.fired_valid.val() {
            self.place.d.next = self.place.q.val() - 1;
        }
        if self.turn_start.val() {
            self.place.d.next = self.last_place.val();
        }
        self.store.next = self.word_valid.q.val() & self.word.q.val().any();
        if self.store.val() {
            self.head.d.next = self.head.q.val() + 1;
        }
        self.places.write_enable.next = self.store.val();
        self.places.write_address.next = self.head.q.val();
        self.places.write_data.next = self.word_place.q.val();
        self.places.read_address.next = self.tail.q.val();
        self.gathered.next = bits::<16>(0);
        for i in 0..self._nibbles {
            self.flags[i].clock.next = self.clock.val();
            self.flags[i].write_enable.next = self.store.val();
            self.flags[i].write_address.next = self.head.q.val();
            self.flags[i].write_data.next = self.word.q.val().get_bits::<4>(4 * i);
            self.flags[i].read_address.next = self.tail.q.val();
            if i == 0 {
                self.gathered.next = self.gathered.val() | unsigned_cast_ext::<16, 4>(self.flags[i].read_data.val());
            }
            if i == 1 {
                self.gathered.next =
                    self.gathered.val() | (unsigned_cast_ext::<16, 4>(self.flags[i].read_data.val()) << 4);
            }
            if i == 2 {
                self.gathered.next =
                    self.gathered.val() | (unsigned_cast_ext::<16, 4>(self.flags[i].read_data.val()) << 8);
            }
            if i == 3 {
                self.gathered.next =
                    self.gathered.val() | (unsigned_cast_ext::<16, 4>(self.flags[i].read_data.val()) << 12);
            }
        }

        // Out: one neuron after the other.
        self.filled.next = self.head.q.val() != self.tail.q.val();
        self.unpacker.word_valid.next = self.filled.val();
        self.unpacker.word.next = self.gathered.val();
        self.unpacker.word_empty.next = false;
        self.unpacker.tag.next = bit_cast::<6, 5>(self.places.read_data.val());
        if self.filled.val() & self.unpacker.take.val() {
            self.tail.d.next = self.tail.q.val() + 1;
        }
        self.free.next = !self.out_valid.q.val() | self.taken.val();
        self.unpacker.ready.next = !self.spare_valid.q.val();
        self.context_first.address.next = self.present.val();
        self.offset.d.next = self.context_first.data.val();
        self.turns.address.next = self.unpacker.index_tag.val().get_bits::<5>(0);
        self.first.next = self.offset.q.val() + bit_cast::<12, 4>(self.unpacker.index.val());
        self.spiked.next = self.unpacker.valid.val() & !self.spare_valid.q.val();
        if self.free.val() {
            self.out_valid.d.next = self.unpacker.valid.val() | self.spare_valid.q.val();
            self.out_first.d.next = self.first.val();
            self.out_turns.d.next = self.turns.data.val();
            if self.spare_valid.q.val() {
                self.out_first.d.next = self.spare_first.q.val();
                self.out_turns.d.next = self.spare_turns.q.val();
            }
            self.spare_valid.d.next = false;
        } else {
            if !self.spare_valid.q.val() {
                self.spare_valid.d.next = self.unpacker.valid.val();
                self.spare_first.d.next = self.first.val();
                self.spare_turns.d.next = self.turns.data.val();
            }
        }
        self.valid.next = self.out_valid.q.val();
        self.neuron.next = self.out_first.q.val() + self.out_turns.q.val();
        self.idle.next = !self.fired_valid.val()
            & !self.word_valid.q.val()
            & !self.filled.val()
            & !self.unpacker.busy.val()
            & !self.out_valid.q.val();
    }
}
