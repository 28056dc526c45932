//! What a core of a chain has in common with its neighbours.

use super::bus::{ToNext, ToPrevious};
use nernst_spec::ArrayConfig;
use rust_hdl::prelude::*;

/// Lets the cores of a chain ([`nernst_spec::chain`]) begin their turn one after the other, [`nernst_spec::timing::CHAIN_OFFSET`] = 2 clocks apart.
///
/// The core is in a chain if it is not `alone`: it `hands` its membranes to the next core, `hears` those of the one before, or both. `chained` is its
/// setting, written by `write` and cleared by `clear`; it takes effect if the next core has not `many` contexts, and both stay during a tick.
///
/// `over` says that the core's own walk is over, with `awake` from then on. That all cores behind it are there, and whether one is awake, goes from
/// core to core to the first, which decides: all turn, or all rest. That goes from core to core again. `turn` or `rest` is high for the clock in
/// which this core does so.
///
/// ```text
/// clock             _/~\_/~\_/~\_/~\_/~\_/~\_/~\_/~\_/~\_
/// over, last core   _/~~~\_______________________________
/// meeting           _____/~~~~~~~~~~~~~~~~~~~\___________
/// ready             _________/~~~~~~~~~~~~~~~~~~~\_______     to the first core, which waits
/// turn, first core  _____________/~~~\___________________
/// turned            _________________/~~~\_______________     to the last core
/// turn, last core   _____________________/~~~\___________
/// ```
#[derive(LogicBlock)]
pub struct ChainLink {
    pub clock: Signal<In, Clock>,
    pub write: Signal<In, Bit>,
    pub wanted: Signal<In, Bit>,
    pub clear: Signal<In, Bit>,
    pub many: Signal<In, Bit>,
    pub in_tick: Signal<In, Bit>,
    pub over: Signal<In, Bit>,
    pub awake: Signal<In, Bit>,
    pub from_previous: Signal<In, ToNext>,
    pub from_next: Signal<In, ToPrevious>,
    pub to_next: Signal<Out, ToNext>,
    pub to_previous: Signal<Out, ToPrevious>,
    pub chained: Signal<Out, Bit>,
    pub alone: Signal<Out, Bit>,
    pub turn: Signal<Out, Bit>,
    pub rest: Signal<Out, Bit>,
    /// In a tick, and nowhere else: the core's membranes are added in the next core and become 0; those of the one before are added to them.
    pub hands: Signal<Out, Bit>,
    pub hears: Signal<Out, Bit>,

    chained_now: DFF<Bit>,
    hands_on: DFF<Bit>,
    hears_of: DFF<Bit>,
    handing: DFF<Bit>,
    hearing: DFF<Bit>,
    meeting: DFF<Bit>,
    ready: DFF<Bit>,
    some_awake: DFF<Bit>,
    turn_now: DFF<Bit>,
    rest_now: DFF<Bit>,
    turned: DFF<Bit>,
    rested: DFF<Bit>,
    gone: Signal<Local, Bit>,
    all_ready: Signal<Local, Bit>,
    all_awake: Signal<Local, Bit>,
    decides: Signal<Local, Bit>,
    /// What cannot be is never so: synthesis leaves it out.
    may_hand: Constant<Bit>,
    may_hear: Constant<Bit>,
}

impl ChainLink {
    /// Of core `number` of this array.
    pub fn new(config: &ArrayConfig, number: usize) -> Self {
        Self {
            clock: Default::default(),
            write: Default::default(),
            wanted: Default::default(),
            clear: Default::default(),
            many: Default::default(),
            in_tick: Default::default(),
            over: Default::default(),
            awake: Default::default(),
            from_previous: Default::default(),
            from_next: Default::default(),
            to_next: Default::default(),
            to_previous: Default::default(),
            chained: Default::default(),
            alone: Default::default(),
            turn: Default::default(),
            rest: Default::default(),
            hands: Default::default(),
            hears: Default::default(),
            chained_now: Default::default(),
            hands_on: Default::default(),
            hears_of: Default::default(),
            handing: Default::default(),
            hearing: Default::default(),
            meeting: Default::default(),
            ready: Default::default(),
            some_awake: Default::default(),
            turn_now: Default::default(),
            rest_now: Default::default(),
            turned: Default::default(),
            rested: Default::default(),
            gone: Default::default(),
            all_ready: Default::default(),
            all_awake: Default::default(),
            decides: Default::default(),
            may_hand: Constant::new(config.can_be_chained(number)),
            may_hear: Constant::new(config.can_end_a_chain(number)),
        }
    }
}

impl Logic for ChainLink {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(
            self,
            clock,
            chained_now,
            hands_on,
            hears_of,
            handing,
            hearing,
            meeting,
            ready,
            some_awake,
            turn_now,
            rest_now,
            turned,
            rested
        );
        // The setting, and what it comes to beside those of the neighbours.
        if self.write.val() {
            self.chained_now.d.next = self.wanted.val() & self.may_hand.val();
        }
        if self.clear.val() {
            self.chained_now.d.next = false;
        }
        self.hands_on.d.next = self.chained_now.q.val() & self.from_next.val().hears;
        self.hears_of.d.next = self.from_previous.val().chained & !self.many.val() & self.may_hear.val();
        self.handing.d.next = self.hands_on.q.val() & self.in_tick.val();
        self.hearing.d.next = self.hears_of.q.val() & self.in_tick.val();

        // The core waits until all turn or all rest, which the first one decides.
        self.gone.next = self.turn_now.q.val() | self.rest_now.q.val();
        self.meeting.d.next = self.over.val() | (self.meeting.q.val() & !self.gone.val());
        self.all_ready.next = self.meeting.q.val() & (self.from_next.val().ready | !self.hands_on.q.val());
        self.all_awake.next = self.awake.val() | (self.from_next.val().awake & self.hands_on.q.val());
        self.decides.next = self.all_ready.val() & !self.hears_of.q.val() & !self.gone.val();
        self.ready.d.next = self.all_ready.val();
        self.some_awake.d.next = self.all_awake.val();
        self.turn_now.d.next =
            (self.decides.val() & self.all_awake.val()) | (self.hears_of.q.val() & self.from_previous.val().turned);
        self.rest_now.d.next =
            (self.decides.val() & !self.all_awake.val()) | (self.hears_of.q.val() & self.from_previous.val().rested);
        self.turned.d.next = self.turn_now.q.val();
        self.rested.d.next = self.rest_now.q.val();

        self.chained.next = self.chained_now.q.val();
        self.alone.next = !self.hands_on.q.val() & !self.hears_of.q.val();
        self.turn.next = self.turn_now.q.val();
        self.rest.next = self.rest_now.q.val();
        self.hands.next = self.handing.q.val();
        self.hears.next = self.hearing.q.val();
        self.to_next.next.chained = self.chained_now.q.val();
        self.to_next.next.turned = self.turned.q.val();
        self.to_next.next.rested = self.rested.q.val();
        self.to_previous.next.hears = !self.many.val();
        self.to_previous.next.ready = self.ready.q.val();
        self.to_previous.next.awake = self.some_awake.q.val();
    }
}
