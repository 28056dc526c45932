//! From spikes and ticks to bits.

use super::bits::Writer;
use super::{Adaptation, Decoder, Event, Train};
use crate::link::frame::MAX_PAYLOAD;

/// A payload of so many bytes takes no further spike or tick. What one of them, and the end of the last tick, may add fits behind it.
pub const CUT: usize = MAX_PAYLOAD - 6;

/// How a row ends that has ended and is not yet written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum RowEnd {
    Tick,
    Again,
}

/// Writes payloads one after the other.
#[derive(Clone, Debug)]
pub struct Encoder {
    train: Train,
    adaptation: Adaptation,
    position: usize,
    due: Option<RowEnd>,
    bits: Writer,
    whole: Vec<Vec<u8>>,
}

impl Encoder {
    /// An encoder whose first payload begins with this exponent.
    pub fn new(train: Train, exponent: u8) -> Self {
        let adaptation = Adaptation::new(&train, exponent);
        Self { train, adaptation, position: 0, due: None, bits: Writer::default(), whole: vec![] }
    }

    /// A spike in the tick that goes on, behind all others of it if the train is ordered; places that there are not count as the last.
    pub fn spike(&mut self, place: u16) {
        let place = usize::from(place).min(self.train.places - 1);
        self.make_room();
        if self.due.is_none() && place < self.position {
            self.due = Some(RowEnd::Again);
        }
        let mut gap = place + if self.due.is_some() { self.train.places } else { 0 } - self.position;
        while gap >= self.adaptation.step() {
            gap -= self.adaptation.step();
            self.bits.put(false);
            self.adaptation.zero();
            if gap <= place {
                self.end_row();
            }
        }
        self.bits.put(true);
        self.bits.put_number(gap, self.adaptation.exponent());
        self.adaptation.end();
        self.end_row();
        self.position = place + 1;
    }

    /// The tick that goes on, all of whose spikes have been written, began late.
    pub fn late(&mut self) {
        self.make_room();
        self.silence();
        self.due = Some(RowEnd::Again);
    }

    /// The tick ends.
    pub fn tick(&mut self) {
        self.make_room();
        self.silence();
        self.due = Some(RowEnd::Tick);
    }

    /// Ends the payload after the last tick that has ended. Returns all payloads that were not yet taken.
    pub fn finish(&mut self) -> Vec<Vec<u8>> {
        if !self.bits.is_empty() || self.due.is_some() {
            self.open();
            self.silence();
            self.close();
        }
        std::mem::take(&mut self.whole)
    }
    /// Payloads that are full and were not yet taken.
    pub fn take_whole(&mut self) -> Vec<Vec<u8>> {
        std::mem::take(&mut self.whole)
    }

    fn open(&mut self) {
        if self.bits.is_empty() {
            let exponent = self.adaptation.starts_with();
            self.adaptation.begin_payload(exponent);
            (0..4).for_each(|bit| self.bits.put(exponent >> bit & 1 == 1));
        }
    }
    fn make_room(&mut self) {
        if self.bits.bytes() >= CUT {
            self.close();
        }
        self.open();
    }
    fn close(&mut self) {
        if self.adaptation.within_code() {
            self.position = 0;
        }
        self.whole.push(self.bits.take());
    }

    /// Writes zeros up to the end of the row that is due, if one is.
    fn silence(&mut self) {
        while self.due.is_some() {
            let step = self.adaptation.step();
            self.bits.put(false);
            self.adaptation.zero();
            self.position += step;
            if self.position >= self.train.places {
                self.position -= self.train.places;
                self.end_row();
            }
        }
    }
    fn end_row(&mut self) {
        if let Some(end) = self.due.take()
            && self.train.unordered
        {
            self.bits.put(end == RowEnd::Tick);
        }
    }
}

/// Payloads that say these events, the first beginning with this exponent. In an ordered train the spikes of a tick ascend.
pub fn payloads(train: Train, exponent: u8, events: impl IntoIterator<Item = Event>) -> Vec<Vec<u8>> {
    let mut encoder = Encoder::new(train, exponent);
    for event in events {
        match event {
            Event::Spike(place) => encoder.spike(place),
            Event::Late => encoder.late(),
            Event::Tick => encoder.tick(),
        }
    }
    encoder.finish()
}

/// Ticks as the fewest payload bytes that any exponent at their start gives, and for each payload what it says. Spikes of an ordered train
/// are put in order, and a place has one in a tick.
pub fn encode<T: AsRef<[u16]>>(train: Train, ticks: &[T]) -> Vec<(Vec<u8>, Vec<Event>)> {
    let in_order = |spikes: &T| {
        let mut spikes = spikes.as_ref().to_vec();
        if !train.unordered {
            spikes.sort_unstable();
            spikes.dedup();
        }
        spikes
    };
    let events: Vec<Event> =
        ticks.iter().flat_map(|tick| in_order(tick).into_iter().map(Event::Spike).chain([Event::Tick])).collect();
    let bytes = |payloads: &Vec<Vec<u8>>| payloads.iter().map(Vec::len).sum::<usize>();
    let written = (0..=Adaptation::limit(&train)).map(|exponent| payloads(train, exponent, events.iter().copied()));
    let mut decoder = Decoder::new(train);
    let best = written.min_by_key(bytes).unwrap_or_default().into_iter();
    best.map(|payload| {
        let events = decoder.read(&payload);
        (payload, events)
    })
    .collect()
}
