//! A circuit as text: its populations and projections.

use super::{Circuit, Neuron, Readout, Source};
use std::fmt::{self, Display, Formatter};

impl Display for Circuit {
    fn fmt(&self, f: &mut Formatter) -> fmt::Result {
        let readout = match self.readout {
            Readout::Spikes => "spikes",
            Readout::Membranes => "membranes",
        };
        writeln!(
            f,
            "{} inputs, {} neurons, {} synapses; the result is the {readout} of `{}`\n",
            self.inputs,
            self.neurons(),
            self.synapses(),
            self.populations[self.output].name
        )?;
        let width = self.populations.iter().map(|population| population.name.len()).max().unwrap_or(0).max(10);
        writeln!(f, "{:<width$}  neurons  threshold             keeps                 bias", "population")?;
        for population in &self.populations {
            let span = |value: fn(&Neuron) -> f64| span(population.neurons.iter().map(value));
            writeln!(
                f,
                "{:<width$}  {:>7}  {:<20}  {:<20}  {}",
                population.name,
                population.neurons.len(),
                span(|neuron| neuron.threshold),
                span(|neuron| neuron.decay),
                span(|neuron| neuron.bias)
            )?;
        }
        writeln!(f, "\n{:<width$}  {:<width$}  synapses  weights               delay", "from", "to")?;
        for projection in &self.projections {
            let from = match projection.from {
                Source::Inputs => "(inputs)",
                Source::Population(number) => &self.populations[number].name,
            };
            writeln!(
                f,
                "{from:<width$}  {:<width$}  {:>8}  {:<20}  {}",
                self.populations[projection.to].name,
                projection.synapses.len(),
                span(projection.synapses.iter().map(|synapse| synapse.weight)),
                span(projection.synapses.iter().map(|synapse| synapse.delay.into()))
            )?;
        }
        Ok(())
    }
}

/// One value, or the lowest to the highest.
fn span(values: impl Iterator<Item = f64> + Clone) -> String {
    let (low, high) = (values.clone().fold(f64::INFINITY, f64::min), values.fold(f64::NEG_INFINITY, f64::max));
    if low >= high { short(low) } else { format!("{} to {}", short(low), short(high)) }
}

/// Four digits behind the point, where there are any.
fn short(value: f64) -> String {
    if value.is_infinite() {
        return "-".into();
    }
    let text = format!("{value:.4}");
    text.trim_end_matches('0').trim_end_matches('.').to_string()
}
