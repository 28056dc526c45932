//! What of a network need not be placed, because the result is the same without it.
//!
//! - A neuron that nothing can make fire: it hears no weight above 0 from anything that fires, and has no bias above 0. Its membrane never comes
//!   above 0, and thresholds are at least 1.
//! - A neuron that the output does not hear, by whatever way.
//! - Of neurons that hear the same with the same weights, and have the same parameters, all but one: they always fire together. What they send
//!   is added up, where the sums are weights of the precision.
//!
//! Neurons of the output stay. Two sources cannot share a synapse row though their weights are the same: two events on one axon in one tick are one.

use crate::circuit::{Projection, Source, Synapse};
use crate::network::{IntegerNetwork, IntegerNeuron};
use std::collections::BTreeMap;

/// A network without what can be left out.
#[derive(Clone, Debug, PartialEq)]
pub struct Reduced {
    pub network: IntegerNetwork,
    /// By population: the numbers that its neurons had before.
    pub origins: Vec<Vec<u32>>,
    /// Neurons that nothing can make fire.
    pub silent: usize,
    /// Neurons that the output does not hear.
    pub unheard: usize,
    /// Neurons that another one stands for.
    pub merged: usize,
}

/// Population and neuron.
type Place = (usize, u32);

/// Leaves out what can be left out.
pub fn reduce(network: &IntegerNetwork) -> Reduced {
    let mut reduced = whole(network);
    loop {
        let firing = able_to_fire(&reduced.network);
        reduced.silent += reduced.keep(&firing);
        let heard = heard_by_output(&reduced.network);
        reduced.unheard += reduced.keep(&heard);
        let merged = reduced.merge();
        reduced.merged += merged;
        if merged == 0 {
            return reduced;
        }
    }
}

/// The network as it is.
pub fn whole(network: &IntegerNetwork) -> Reduced {
    let origins = network.populations.iter().map(|population| (0..population.neurons.len() as u32).collect());
    Reduced { network: network.clone(), origins: origins.collect(), silent: 0, unheard: 0, merged: 0 }
}

/// By population and neuron.
fn flags(network: &IntegerNetwork, of: impl Fn(usize, &IntegerNeuron) -> bool) -> Vec<Vec<bool>> {
    let populations = network.populations.iter().enumerate();
    populations
        .map(|(number, population)| population.neurons.iter().map(|neuron| of(number, neuron)).collect())
        .collect()
}

/// Marks what the synapses that `lead` from a marked source to a target, or the other way round, reach.
fn spread(network: &IntegerNetwork, marked: &mut [Vec<bool>], lead: impl Fn(&Synapse<i8>) -> bool, backward: bool) {
    let mut next: BTreeMap<Place, Vec<Place>> = BTreeMap::new();
    for projection in &network.projections {
        let Source::Population(from) = projection.from else { continue };
        for synapse in projection.synapses.iter().filter(|synapse| lead(synapse)) {
            let (source, target) = ((from, synapse.source), (projection.to, synapse.target));
            let (this, that) = if backward { (target, source) } else { (source, target) };
            next.entry(this).or_default().push(that);
        }
    }
    let places = marked.iter().enumerate().flat_map(|(population, flags)| {
        flags.iter().enumerate().filter(|(_, flag)| **flag).map(move |(neuron, _)| (population, neuron as u32))
    });
    let mut open: Vec<Place> = places.collect();
    while let Some(place) = open.pop() {
        for &(population, neuron) in next.get(&place).into_iter().flatten() {
            let flag = &mut marked[population][neuron as usize];
            if !std::mem::replace(flag, true) {
                open.push((population, neuron));
            }
        }
    }
}

fn able_to_fire(network: &IntegerNetwork) -> Vec<Vec<bool>> {
    let mut able = flags(network, |_, neuron| neuron.bias > 0);
    for projection in network.projections.iter().filter(|projection| projection.from == Source::Inputs) {
        for synapse in projection.synapses.iter().filter(|synapse| synapse.weight > 0) {
            able[projection.to][synapse.target as usize] = true;
        }
    }
    spread(network, &mut able, |synapse| synapse.weight > 0, false);
    able
}

fn heard_by_output(network: &IntegerNetwork) -> Vec<Vec<bool>> {
    let mut heard = flags(network, |population, _| population == network.output);
    spread(network, &mut heard, |_| true, true);
    heard
}

impl Reduced {
    /// Keeps the marked neurons, and those of the output. Returns how many went.
    fn keep(&mut self, marked: &[Vec<bool>]) -> usize {
        let before = self.network.neurons();
        // New numbers.
        let mut numbers: Vec<Vec<Option<u32>>> = vec![];
        for (number, population) in self.network.populations.iter_mut().enumerate() {
            let stays = |neuron: usize| number == self.network.output || marked[number][neuron];
            let mut next = 0..;
            numbers.push(
                (0..population.neurons.len()).map(|neuron| stays(neuron).then(|| next.next()).flatten()).collect(),
            );
            let mut neuron = 0..;
            population.neurons.retain(|_| neuron.next().is_some_and(stays));
            let mut neuron = 0..;
            self.origins[number].retain(|_| neuron.next().is_some_and(stays));
        }
        for projection in &mut self.network.projections {
            let synapses = projection.synapses.iter().filter_map(|synapse| {
                let source = match projection.from {
                    Source::Inputs => synapse.source,
                    Source::Population(from) => numbers[from][synapse.source as usize]?,
                };
                Some(Synapse { source, target: numbers[projection.to][synapse.target as usize]?, ..*synapse })
            });
            projection.synapses = synapses.collect();
        }
        before - self.network.neurons()
    }

    /// Lets one neuron stand for others that do the same. Returns for how many.
    fn merge(&mut self) -> usize {
        let network = &self.network;
        // What each neuron hears, in an order of its own.
        type Heard = (Source, u32, u32, i8);
        // Population, what it hears, threshold, leak, whether it subtracts, bias.
        type Kind = (usize, Vec<Heard>, (u32, u16, bool, i32));
        let mut heard: Vec<Vec<Vec<Heard>>> =
            network.populations.iter().map(|population| vec![vec![]; population.neurons.len()]).collect();
        for projection in &network.projections {
            for &Synapse { source, target, weight, delay } in &projection.synapses {
                heard[projection.to][target as usize].push((projection.from, source, delay, weight));
            }
        }
        let mut alike: BTreeMap<Kind, Vec<u32>> = BTreeMap::new();
        for (number, population) in
            network.populations.iter().enumerate().filter(|(number, _)| *number != network.output)
        {
            for (neuron, IntegerNeuron { parameters, bias }) in population.neurons.iter().enumerate() {
                let mut heard = std::mem::take(&mut heard[number][neuron]);
                heard.sort_unstable();
                let subtracts = parameters.reset == nernst_spec::tick::Reset::Subtract;
                let key = (number, heard, (parameters.threshold, parameters.leak, subtracts, *bias));
                alike.entry(key).or_default().push(neuron as u32);
            }
        }
        let mut marked = flags(network, |_, _| true);
        let mut merged = 0;
        for ((number, ..), neurons) in alike.into_iter().filter(|(_, neurons)| neurons.len() > 1) {
            let (first, others) = (neurons[0], &neurons[1..]);
            for &other in others {
                if self.add(number, first, other) {
                    marked[number][other as usize] = false;
                    merged += 1;
                }
            }
        }
        self.keep(&marked);
        merged
    }

    /// Adds what one neuron sends to what another one does, where all sums are weights. Its own synapses lead nowhere afterwards.
    fn add(&mut self, population: usize, to: u32, from: u32) -> bool {
        let sends = |projection: &&mut Projection<i8>| projection.from == Source::Population(population);
        let mut changed = vec![];
        for projection in self.network.projections.iter_mut().filter(sends) {
            let range = self.network.populations[projection.to].weight_bits;
            let mut sums: BTreeMap<(u32, u32), i32> = BTreeMap::new();
            let both = projection.synapses.iter().filter(|synapse| [to, from].contains(&synapse.source));
            for synapse in both {
                *sums.entry((synapse.target, synapse.delay)).or_default() += i32::from(synapse.weight);
            }
            if sums.values().any(|sum| !(range.min_weight()..=range.max_weight()).contains(sum)) {
                return false;
            }
            let kept = projection.synapses.iter().filter(|synapse| ![to, from].contains(&synapse.source)).copied();
            let added = sums.into_iter().filter(|(_, sum)| *sum != 0);
            // In the range of weights.
            let added = added.map(|((target, delay), sum)| Synapse { source: to, target, weight: sum as i8, delay });
            let mut synapses: Vec<Synapse<i8>> = kept.chain(added).collect();
            synapses.sort_unstable_by_key(|synapse| (synapse.source, synapse.target, synapse.delay));
            changed.push((projection, synapses));
        }
        changed.into_iter().for_each(|(projection, synapses)| projection.synapses = synapses);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::circuit::layers::Layer;
    use crate::coding::{Code, Coding};
    use crate::network::Network;
    use nernst_spec::WeightBits;
    use nernst_spec::tick::Reset;

    fn network(hidden: &[&[f32]], output: &[&[f32]]) -> IntegerNetwork {
        let layer = |rows: &[&[f32]]| Layer {
            threshold: 3.0,
            leak: 480,
            reset: Reset::Zero,
            weights: rows.iter().map(|row| row.to_vec()).collect(),
            recurrent: None,
        };
        let code = Code { coding: Coding::Rate, ticks: 16 };
        let network = Network::of_layers("net", code, WeightBits::Four, &[layer(hidden), layer(output)]);
        network.integers().unwrap()
    }

    #[test]
    fn what_cannot_fire_or_is_not_heard_goes() {
        // Neuron 0 hears nothing above 0, neuron 2 is not heard.
        let network = network(&[&[-1.0, 0.0], &[2.0, -1.0], &[5.0, 5.0]], &[&[1.0, 4.0, 0.0]]);
        let reduced = reduce(&network);
        assert_eq!((reduced.silent, reduced.unheard, reduced.merged), (1, 1, 0));
        assert_eq!(reduced.origins, [vec![1], vec![0]]);
        let weights = reduced.network.projections.iter().flat_map(|p| p.synapses.iter().map(|s| s.weight));
        assert_eq!(weights.collect::<Vec<_>>(), [2, -1, 4]);
        let mut biased = network.clone();
        biased.populations[0].neurons[0].bias = 1;
        assert_eq!(reduce(&biased).silent, 0);
    }

    #[test]
    fn neurons_that_do_the_same_are_one_where_their_weights_add_up() {
        let alike: [&[f32]; 3] = [&[2.0, 1.0], &[2.0, 1.0], &[2.0, 1.0]];
        let reduced = reduce(&network(&alike, &[&[3.0, 4.0, -7.0], &[1.0, -1.0, 0.0]]));
        // All of what they send cancels out, so nobody hears the one that is left.
        assert_eq!((reduced.merged, reduced.unheard, reduced.network.populations[0].neurons.len()), (2, 1, 0));
        let reduced = reduce(&network(&alike, &[&[3.0, 4.0, -6.0], &[1.0, -1.0, 0.0]]));
        assert_eq!((reduced.merged, reduced.origins[0].clone()), (2, vec![0]));
        let sums = &reduced.network.projections[1].synapses;
        assert_eq!(sums.iter().map(|s| (s.source, s.target, s.weight)).collect::<Vec<_>>(), [(0, 0, 1)]);
        // 7 and 7 are more than a weight.
        let reduced = reduce(&network(&alike[..2], &[&[7.0, 7.0]]));
        assert_eq!(reduced.merged, 0);
    }
}
