//! A second, slow implementation of a tick, written down from the definition without looking at the first: an event is a
//! (tick, core, axon) in a set, every neuron sums over every axon.

use nernst_spec::geometry::AXONS;
use nernst_spec::ledger::{ArrayCounter, CoreCounter};
use nernst_spec::memory::Route;
use nernst_spec::tick::Reset;
use nernst_spec::{Image, Ledger, WeightBits, timing};
use std::collections::BTreeSet;
use std::ops::Range;

pub struct Naive<'a> {
    image: &'a Image,
    pub membranes: Vec<Vec<i64>>,
    events: BTreeSet<(u64, usize, u16)>,
    tick: u64,
    pub ledger: Ledger,
}

impl<'a> Naive<'a> {
    pub fn new(image: &'a Image) -> Self {
        let membranes = image.cores.iter().map(|core| vec![0; core.parameters.len()]).collect();
        let ledger = Ledger::new(image.config.cores.len());
        Self { image, membranes, events: BTreeSet::new(), tick: 0, ledger }
    }

    fn put_on_bus(&mut self, route: Route) {
        let cores: Vec<usize> = (0..16).filter(|core| route.cores & (1 << core) != 0).collect();
        self.ledger.count(ArrayCounter::BusTransfers, !cores.is_empty() as u64);
        self.ledger.count(ArrayCounter::BusDestinations, cores.len() as u64);
        self.events.extend(cores.iter().map(|&core| (self.tick + route.delay as u64, core, route.axon)));
    }

    pub fn input(&mut self, line: u16) {
        self.ledger.count(ArrayCounter::HostSpikesIn, 1);
        self.put_on_bus(self.image.inputs[line as usize]);
    }

    /// Axons of a core with an event in this tick.
    fn due(&self, core: usize) -> Vec<u16> {
        let mine = self.events.iter().filter(|event| event.0 == self.tick && event.1 == core);
        mine.map(|event| event.2).collect()
    }

    /// The cores of the chain that this one is in.
    fn chain(&self, core: usize) -> Vec<usize> {
        let chained = |core: usize| self.image.cores[core].chained;
        let first = (0..core).rev().take_while(|&core| chained(core)).last().unwrap_or(core);
        let last = (core..).find(|&core| !chained(core)).unwrap();
        (first..=last).collect()
    }

    pub fn tick(&mut self) -> Vec<u16> {
        let mut fired = vec![];
        let before = self.membranes.clone();
        for (number, shape) in self.image.config.cores.iter().enumerate() {
            let image = &self.image.cores[number];
            let due = self.due(number);
            // Those whose sum this core fires by, itself included.
            let chain = self.chain(number);
            let heard_of: Vec<(usize, Vec<u16>)> = chain.iter().map(|&core| (core, self.due(core))).collect();
            let others_work = |(core, due): &(usize, Vec<u16>)| {
                !due.is_empty() || self.image.cores[*core].dense != 0 || before[*core].iter().any(|&v| v != 0)
            };
            let chain_works = chain.len() > 1 && heard_of.iter().any(others_work);
            let mut count = |counter, amount: usize| self.ledger.count_core(number, counter, amount as u64);
            let is_due = |axon: usize| due.contains(&(axon as u16));
            // Only the first bank can be dense.
            let is_dense = |axon: usize| axon < AXONS && image.dense & (1 << (axon / 16)) != 0;
            let fetched = (0..AXONS * shape.banks).filter(|&axon| is_due(axon) || is_dense(axon)).count();
            count(CoreCounter::Events, due.len());
            count(CoreCounter::RowsFetched, fetched * shape.tiles);
            count(CoreCounter::SynapticOperations, fetched * shape.neurons());
            if image.counting {
                let weights = due.iter().filter_map(|axon| image.rows.get(axon)).flatten();
                count(CoreCounter::NonzeroOperations, weights.filter(|&&weight| weight != 0).count());
            }
            let contexts = image.contexts.count();
            let rows = AXONS * shape.banks / contexts;
            // A clock for each event. In a dense word one for each other axon, too, and one for each of both kinds that
            // there is none of.
            let word = |first: usize| {
                let events = (first..first + 16).filter(|&axon| is_due(axon)).count();
                let dense = if events == 0 || events == 16 { 17 } else { 16 };
                if is_dense(first) { dense } else { events as u32 }
            };
            let group = |first: usize| match (first..first + 64).step_by(16).map(word).sum() {
                0 => 1,
                clocks => clocks,
            };
            let groups = |rows: Range<usize>| -> Vec<u32> { rows.step_by(64).map(group).collect() };
            count(
                CoreCounter::BusyClocks,
                match contexts {
                    1 => {
                        let banks = (0..shape.banks).map(|bank| groups(bank * AXONS..(bank + 1) * AXONS));
                        banks.map(timing::walk_clocks).max().unwrap_or(0)
                    }
                    _ => timing::CHOICE_START + timing::CHOICE_CLOCKS * contexts as u64,
                } as usize,
            );
            for context in 0..contexts {
                let heard = |axon: &&u16| **axon as usize / rows == context;
                let mine = context * shape.neurons()..(context + 1) * shape.neurons();
                let asleep = !chain_works
                    && due.iter().filter(heard).count() == 0
                    && !(context * rows..(context + 1) * rows).any(is_dense)
                    && self.membranes[number][mine.clone()].iter().all(|&v| v == 0);
                let groups = groups(context * rows..(context + 1) * rows);
                if contexts > 1 {
                    count(CoreCounter::ContextLoads, !asleep as usize);
                    count(
                        CoreCounter::BusyClocks,
                        match asleep {
                            true => timing::PASS_OVERHEAD + groups.len() as u64,
                            false => timing::load_clocks(shape) + timing::context_walk_clocks(groups),
                        } as usize,
                    );
                }
                if asleep {
                    continue;
                }
                count(CoreCounter::BusyClocks, timing::turn_clocks(shape) as usize);
                count(CoreCounter::NeuronUpdates, shape.neurons());
                let limit = match shape.weight_bits {
                    WeightBits::Four => (1i64 << 14) - 512 * 8,
                    WeightBits::Eight => (1i64 << 17) - 512 * 128,
                };
                for neuron in mine {
                    if image.chained {
                        self.membranes[number][neuron] = 0;
                        continue;
                    }
                    let mut v = 0;
                    for (core, due) in &heard_of {
                        v += before[*core][neuron];
                        for axon in due.iter().filter(heard) {
                            let row = self.image.cores[*core].rows.get(axon);
                            v += row.map_or(0, |row| row[neuron % shape.neurons()] as i64);
                        }
                    }
                    if chain.len() > 1 && shape.weight_bits == WeightBits::Eight {
                        v = v.clamp(-131_072, 131_071);
                    }
                    let parameters = image.parameters[neuron];
                    if v >= parameters.threshold as i64 {
                        fired.push((self.image.config.first_neuron(number) + neuron, image.routes[neuron]));
                        count(CoreCounter::Spikes, 1);
                        v = if parameters.reset == Reset::Zero { 0 } else { v - parameters.threshold as i64 };
                    }
                    // Exact in floating point: the product is far below 2^53, and so is its 512th.
                    v = ((v * parameters.leak as i64) as f64 / 512.0).trunc() as i64;
                    self.membranes[number][neuron] = v.max(-limit).min(limit - 1);
                }
            }
        }
        let mut to_host = vec![];
        for (neuron, route) in fired {
            self.put_on_bus(route);
            if route.host {
                self.ledger.count(ArrayCounter::HostSpikesOut, 1);
                to_host.push(neuron as u16);
            }
        }
        self.ledger.count(ArrayCounter::Ticks, 1);
        self.tick += 1;
        to_host
    }
}
