//! Spikes and other signals of neurons, as lists of events and as grids of time steps.

use crate::{DataError, Tensor, tensor::places};

/// Times are rounded to a step within this part of it: the quotient of two decimal fractions rarely is a whole number.
const TOLERANCE: f64 = 1e-6;
/// Of a grid: 32 GiB in memory.
const MOST_PLACES: usize = 1 << 32;
/// Of a recording. In so many steps the tolerance is still far above the rounding of a quotient.
const MOST_STEPS: f64 = u32::MAX as f64;

/// Something that a neuron did: spikes as events, or spikes or a value in every time step.
#[derive(Clone, Debug, PartialEq)]
pub enum Observable {
    Events(Events),
    Gridded(Gridded),
}

/// A spike.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Event {
    /// Since the beginning of the sample, in the unit of `t_max` (seconds, where nothing else is said); finite, 0 or
    /// more.
    pub time: f64,
    /// Below `n_neurons`.
    pub neuron: usize,
}

/// Spikes as `EventData` of NIR has them.
#[derive(Clone, Debug, PartialEq)]
pub struct Events {
    pub n_neurons: usize,
    /// How long each sample is.
    pub t_max: f64,
    /// The events of each sample, in any order.
    pub samples: Vec<Vec<Event>>,
}

/// A value of each neuron in each time step, as `TimeGriddedData` of NIR has them.
#[derive(Clone, Debug, PartialEq)]
pub struct Gridded {
    /// How long a step is, in the unit of event times.
    pub dt: f64,
    /// Whether the values are spikes, 0 or 1 (stored as booleans), and not measurements.
    pub binary: bool,
    /// Shape (samples, steps, neurons).
    pub data: Tensor,
}

impl Events {
    /// From pairs of step and neuron for each sample.
    ///
    /// A spike in step *k* is at *(k + 0.5) dt*, in the middle: the Python package computes the step as *floor(time /
    /// dt)*, which for a time of *k dt* is *k - 1* for some *k*.
    ///
    /// ```
    /// use nernst_nir::Events;
    /// let events = Events::from_steps(2, 100, 1e-4, &[vec![(0, 1), (49, 0)]])?;
    /// assert_eq!((events.samples[0][1].time / 1e-4).floor(), 49.0);
    /// assert_eq!(events.steps(1e-4)?, [[(0, 1), (49, 0)]]);
    /// # Ok::<(), nernst_nir::DataError>(())
    /// ```
    pub fn from_steps(
        n_neurons: usize,
        n_steps: usize,
        dt: f64,
        samples: &[Vec<(usize, usize)>],
    ) -> Result<Self, DataError> {
        let t_max = duration(n_steps, dt)?;
        let event = |&(step, neuron): &(usize, usize)| Event { time: (step as f64 + 0.5) * dt, neuron };
        let samples: Vec<Vec<Event>> = samples.iter().map(|sample| sample.iter().map(event).collect()).collect();
        let events = Self { n_neurons, t_max, samples };
        events.steps(dt)?;
        Ok(events)
    }

    /// How many time steps of this length there are; the last may be cut short by `t_max`.
    pub fn n_steps(&self, dt: f64) -> Result<usize, DataError> {
        let ratio = self.t_max / dt;
        if !(dt > 0.0 && dt.is_finite() && (0.0..MOST_STEPS).contains(&ratio)) {
            return Err(DataError::TimeStep { dt, t_max: self.t_max });
        }
        let near = ratio.round();
        Ok(if (ratio - near).abs() < TOLERANCE { near } else { ratio.ceil() } as usize)
    }

    /// Pairs of step and neuron for each sample, sorted. A spike within a millionth of a step before the next is in the
    /// next. Several spikes of a neuron in the same step are one, as in the Python package.
    pub fn steps(&self, dt: f64) -> Result<Vec<Vec<(usize, usize)>>, DataError> {
        let n_steps = self.n_steps(dt)?;
        self.check()?;
        let mut samples = vec![];
        for (sample, events) in self.samples.iter().enumerate() {
            let mut steps = vec![];
            for (event, Event { time, neuron }) in events.iter().enumerate() {
                let step = (time / dt + TOLERANCE).floor() as usize;
                if step >= n_steps {
                    let reason = format!("is at {time}, past the end of the sample at {}: correct `t_max`", self.t_max);
                    return Err(DataError::Event { sample, event, reason });
                }
                steps.push((step, *neuron));
            }
            steps.sort_unstable();
            steps.dedup();
            samples.push(steps);
        }
        Ok(samples)
    }

    /// The same spikes as a grid of steps.
    pub fn to_gridded(&self, dt: f64) -> Result<Gridded, DataError> {
        let (samples, steps, neurons) = (self.samples.len(), self.n_steps(dt)?, self.n_neurons);
        let spikes = self.steps(dt)?;
        let shape = [samples, steps, neurons];
        let room = places(&shape).filter(|places| *places <= MOST_PLACES);
        let mut values = vec![0.0; room.ok_or(DataError::TooLarge { samples, steps, neurons })?];
        for (sample, spikes) in spikes.iter().enumerate() {
            for (step, neuron) in spikes {
                values[(sample * steps + step) * neurons + neuron] = 1.0;
            }
        }
        let data = Tensor::new(shape, values).ok_or(DataError::TooLarge { samples, steps, neurons })?;
        Ok(Gridded { dt, binary: true, data })
    }

    /// Whether every event has a neuron and a time.
    pub(crate) fn check(&self) -> Result<(), DataError> {
        for (sample, events) in self.samples.iter().enumerate() {
            for (event, &Event { time, neuron }) in events.iter().enumerate() {
                if neuron >= self.n_neurons {
                    let reason = format!(
                        "is of neuron {neuron}, and there are {}: correct the index or `n_neurons`",
                        self.n_neurons
                    );
                    return Err(DataError::Event { sample, event, reason });
                }
                if !(time.is_finite() && time >= 0.0) {
                    let reason =
                        format!("is at the time {time}, which is not 0 or later: remove it, or give it a time");
                    return Err(DataError::Event { sample, event, reason });
                }
            }
        }
        Ok(())
    }
}

impl Gridded {
    /// Samples, steps and neurons; zeros if the data has not rank 3.
    pub fn shape(&self) -> [usize; 3] {
        self.data.shape().try_into().unwrap_or_default()
    }

    /// The same spikes as events, each in the middle of its step; refused where a value is not 0 or 1.
    pub fn to_events(&self) -> Result<Events, DataError> {
        self.check_binary()?;
        let [samples, n_steps, n_neurons] = self.shape();
        let spike = |&(_, value): &(usize, &f64)| *value == 1.0;
        let mut steps = vec![vec![]; samples];
        // Without a place there is no division by its sizes.
        for (place, _) in self.data.values().iter().enumerate().filter(spike) {
            steps[place / n_neurons / n_steps].push((place / n_neurons % n_steps, place % n_neurons));
        }
        Events::from_steps(n_neurons, n_steps, self.dt, &steps)
    }

    pub(crate) fn check_binary(&self) -> Result<(), DataError> {
        let Some(place) = self.data.values().iter().position(|value| *value != 0.0 && *value != 1.0) else {
            return Ok(());
        };
        let [_, steps, neurons] = self.shape().map(|size| size.max(1));
        let (sample, step, neuron) = (place / neurons / steps, place / neurons % steps, place % neurons);
        Err(DataError::NotBinary { sample, step, neuron, value: self.data.values()[place] })
    }
}

/// The length of so many steps: the smallest for which the Python package counts them all, which rounds *t_max / dt*
/// down.
fn duration(n_steps: usize, dt: f64) -> Result<f64, DataError> {
    let steps = n_steps as f64;
    let mut t_max = steps * dt;
    if !(dt > 0.0 && t_max.is_finite() && steps < MOST_STEPS) {
        return Err(DataError::TimeStep { dt, t_max });
    }
    while t_max / dt < steps {
        t_max = t_max.next_up();
    }
    Ok(t_max)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_at_the_beginning_of_a_step_are_in_it() {
        let dt = 1e-4;
        let events = |steps: &[usize]| steps.iter().map(|step| Event { time: *step as f64 * dt, neuron: 0 }).collect();
        let steps: Vec<usize> = (0..1000).collect();
        let events = Events { n_neurons: 1, t_max: 0.1, samples: vec![events(&steps)] };
        assert_eq!(events.steps(dt).unwrap(), [steps.iter().map(|step| (*step, 0)).collect::<Vec<_>>()]);
        assert!(steps.iter().any(|step| (*step as f64 * dt / dt).floor() as usize != *step), "the trap is real");
    }

    #[test]
    fn what_is_written_falls_into_its_step_where_times_are_rounded_down() {
        for dt in [1e-4, 1e-3, 0.1, 1.0 / 3.0, 1e-9, 7.0] {
            for n_steps in 1..500 {
                let last = n_steps - 1;
                let events = Events::from_steps(1, n_steps, dt, &[vec![(last, 0)]]).unwrap();
                assert_eq!((events.samples[0][0].time / dt).floor() as usize, last);
                assert_eq!((events.t_max / dt) as usize, n_steps);
                assert_eq!(events.n_steps(dt).unwrap(), n_steps);
            }
        }
    }

    #[test]
    fn events_and_grid_turn_into_each_other() {
        let samples = [vec![(0, 2), (3, 0), (3, 1)], vec![]];
        let events = Events::from_steps(3, 4, 0.5, &samples).unwrap();
        let grid = events.to_gridded(0.5).unwrap();
        assert_eq!(grid.shape(), [2, 4, 3]);
        assert_eq!(grid.data.get(&[0, 3, 1]), Some(1.0));
        assert_eq!(grid.data.values().iter().sum::<f64>(), 3.0);
        assert_eq!(grid.to_events().unwrap(), events);
    }

    #[test]
    fn what_cannot_be_converted_is_refused_by_its_place() {
        let event =
            |time, neuron| Events { n_neurons: 2, t_max: 1.0, samples: vec![vec![], vec![Event { time, neuron }]] };
        let message = |events: Events| events.steps(0.25).unwrap_err().to_string();
        assert_eq!(
            message(event(1.0, 0)),
            "event 0 of sample 1 is at 1, past the end of the sample at 1: correct `t_max`"
        );
        assert!(message(event(0.0, 2)).contains("neuron 2, and there are 2"));
        assert!(message(event(f64::INFINITY, 0)).contains("the time inf"));
        assert!(matches!(event(0.0, 0).steps(0.0), Err(DataError::TimeStep { .. })));
        assert!(matches!(event(0.0, 0).steps(1e-12), Err(DataError::TimeStep { .. })));
        let grid = Gridded { dt: 1.0, binary: false, data: Tensor::new([1, 2, 2], [0.0, 1.0, 0.5, 0.0]).unwrap() };
        assert_eq!(grid.to_events().unwrap_err(), DataError::NotBinary { sample: 0, step: 1, neuron: 0, value: 0.5 });
    }
}
