//! From bits to spikes and ticks.

use super::{Adaptation, Event, Train, bits};

/// Reads payloads one after the other.
#[derive(Clone, Debug)]
pub struct Decoder {
    train: Train,
    position: usize,
    /// The row began within a tick, and has had no spike yet.
    fruitless: bool,
}

impl Decoder {
    pub fn new(train: Train) -> Self {
        Self { train, position: 0, fruitless: false }
    }
    /// As after a refusal or a reset.
    pub fn restart(&mut self) {
        self.position = 0;
        self.fruitless = false;
    }

    /// What a payload says. Any bytes say something.
    pub fn read(&mut self, payload: &[u8]) -> Vec<Event> {
        let mut events = vec![];
        if self.codes(payload, &mut events).is_none() {
            self.position = 0;
        }
        events
    }

    /// `None` when the payload ends within a code.
    fn codes(&mut self, payload: &[u8], events: &mut Vec<Event>) -> Option<()> {
        let exponent = payload.first().map_or(0, |byte| byte & 0xf);
        let mut adaptation = Adaptation::new(&self.train, exponent);
        let mut bits = bits::read(payload).skip(4);
        loop {
            let Some(bit) = bits.next() else {
                return (!adaptation.within_code()).then_some(());
            };
            if bit {
                let rest =
                    (0..adaptation.exponent()).try_fold(0, |rest, _| Some(rest << 1 | usize::from(bits.next()?)))?;
                self.move_on(rest, &mut bits, events)?;
                // Less than the places of a row, of which there are at most 4,096.
                events.push(Event::Spike(self.position as u16));
                self.position += 1;
                self.fruitless = false;
                adaptation.end();
            } else {
                let step = adaptation.step();
                adaptation.zero();
                self.move_on(step, &mut bits, events)?;
            }
        }
    }

    fn move_on(&mut self, places: usize, bits: &mut impl Iterator<Item = bool>, events: &mut Vec<Event>) -> Option<()> {
        self.position += places;
        if self.position >= self.train.places {
            self.position -= self.train.places;
            if std::mem::take(&mut self.fruitless) {
                events.push(Event::Late);
            }
            if !self.train.unordered || bits.next()? {
                events.push(Event::Tick);
            } else {
                self.fruitless = true;
            }
        }
        Some(())
    }
}
