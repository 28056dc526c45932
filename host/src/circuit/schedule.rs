//! When populations run on the array.
//!
//! Steps are the time of a network: in one step spikes may pass through all of its layers. Ticks are the time of an array: a spike is heard
//! in the tick after, or up to 15 ticks later. So a population runs *latency* ticks behind the inputs: its step *t* is the array's tick
//! *t + latency*. A synapse of *d* steps from p to q then takes *d + latency(q) - latency(p)* ticks, which must be at least 1 (and from the
//! inputs, whose latency is 0, at least 0). The latencies are the smallest that do: the longest way to each population, where a synapse counts
//! *1 - d*.

use super::{Projection, Source};

/// Spikes run in a circle in fewer steps than it has populations.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "spikes run in a circle through population {population} (`{name}`) in fewer steps than it has populations, and on the array every one of them takes a \
     tick: give the synapses of the circle longer delays"
)]
pub struct LoopError {
    pub population: usize,
    pub name: String,
}

/// Ticks that each population runs behind the inputs. `names`: one for each population.
pub fn latencies<W>(names: &[&str], projections: &[Projection<W>]) -> Result<Vec<u32>, LoopError> {
    let mut latencies = vec![0i64; names.len()];
    // The smallest delay of a projection asks for most.
    let edges: Vec<(usize, usize, i64)> = projections
        .iter()
        .filter_map(|projection| match projection.from {
            Source::Population(from) => {
                let delay = projection.synapses.iter().map(|synapse| synapse.delay).min()?;
                Some((from, projection.to, 1 - i64::from(delay)))
            }
            Source::Inputs => None,
        })
        .collect();
    // Bellman and Ford: without a circle as many rounds as populations suffice.
    for _ in 0..names.len() {
        let mut changed = false;
        for &(from, to, ticks) in &edges {
            if latencies[from] + ticks > latencies[to] {
                latencies[to] = latencies[from] + ticks;
                changed = true;
            }
        }
        if !changed {
            // None is below 0, where all of them began.
            return Ok(latencies.into_iter().map(|latency| latency as u32).collect());
        }
    }
    let still = edges.iter().find(|&&(from, to, ticks)| latencies[from] + ticks > latencies[to]);
    match still {
        None => Ok(latencies.into_iter().map(|latency| latency as u32).collect()),
        Some(&(_, population, _)) => Err(LoopError { population, name: names[population].into() }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::circuit::Synapse;

    fn projection(from: Source, to: usize, delays: &[u32]) -> Projection<i8> {
        let synapse = |(target, &delay): (usize, &u32)| Synapse { source: 0, target: target as u32, weight: 1, delay };
        Projection { from, to, tied: false, synapses: delays.iter().enumerate().map(synapse).collect() }
    }

    #[test]
    fn each_population_waits_for_the_longest_way_to_it() {
        let way = |from, to, delays: &[u32]| projection(Source::Population(from), to, delays);
        let names = ["a", "b", "c", "d"];
        // a -> b -> d and a -> d; c hears a after 3 steps, itself after one.
        let ways = [way(0, 1, &[0]), way(1, 3, &[0, 2]), way(0, 3, &[0]), way(0, 2, &[3]), way(2, 2, &[1])];
        assert_eq!(latencies(&names, &ways), Ok(vec![0, 1, 0, 2]));
        // A circle with a step for each of its populations, and one that is short of a step.
        assert_eq!(latencies(&names, &[way(0, 1, &[0]), way(1, 0, &[2])]), Ok(vec![0, 1, 0, 0]));
        let error = latencies(&names, &[way(0, 1, &[0]), way(1, 0, &[1])]).unwrap_err();
        assert!(error.to_string().contains("in fewer steps than it has populations"), "{error}");
        assert!(latencies(&names, &[way(3, 3, &[0])]).unwrap_err().to_string().contains("`d`"));
        assert_eq!(latencies(&names, &[projection(Source::Inputs, 0, &[0])]), Ok(vec![0; 4]));
    }
}
