//! NIRData, by the crate `nernst-nir`: a grid of ticks, or events in the middle of theirs.

use super::{Builder, EventError, MAX_LINES, MAX_TICKS, Place, Reading, SpikeSet, Writing};
use nernst_nir::{Events, Gridded, Observable, Recording, Tensor};

/// The observable that is spikes.
const SPIKES: &str = "spikes";
/// Most values of a grid, which in memory takes eight bytes for each.
const MOST_PLACES: usize = 1 << 27;

/// The spikes of one node of a recording.
pub(super) fn decode(recording: &Recording, file: &str, reading: &Reading) -> Result<SpikeSet, EventError> {
    let at = |place, what: String| EventError::Content { file: file.into(), place, what };
    let (node, observable) = find(recording, reading.node.as_deref()).map_err(|what| at(Place::File, what))?;
    let wrong = |error: nernst_nir::DataError| at(Place::File, format!("node `{node}`: {error}"));
    let (events, dt) = match observable {
        Observable::Gridded(grid) => {
            if let Some(dt) = reading.dt.filter(|dt| *dt != grid.dt) {
                return Err(at(Place::File, format!("its time step is {} s, not the {dt} s of --dt", grid.dt)));
            }
            (&grid.to_events().map_err(wrong)?, grid.dt)
        }
        Observable::Events(events) => {
            let what = "events with times, and no time step";
            let help = "give the length of a tick in seconds: --dt 1e-3";
            (events, reading.dt.ok_or(EventError::Missing { file: file.into(), what, help })?)
        }
    };
    let (lines, ticks) = (events.n_neurons, events.n_steps(dt).map_err(wrong)?);
    if lines > MAX_LINES || ticks > MAX_TICKS {
        let what =
            format!("node `{node}`: {ticks} ticks of {lines} lines, expected at most {MAX_TICKS} of {MAX_LINES}");
        return Err(at(Place::File, what));
    }
    reading.check_lines(lines, file)?;
    let limits = reading.limits();
    let sample = |(number, spikes): (usize, Vec<(usize, usize)>)| {
        let mut sample = Builder::new(limits);
        for (tick, line) in spikes {
            sample.add(tick as u64, line as u64).map_err(|what| at(Place::Sample(number), what))?;
        }
        Ok(sample.finish(reading.ticks.unwrap_or(ticks)))
    };
    let samples = events.steps(dt).map_err(wrong)?.into_iter().enumerate().map(sample).collect::<Result<_, _>>()?;
    Ok(SpikeSet { lines, dt: Some(dt), samples })
}

/// The spikes of the node of this name, or of the only one.
fn find<'a>(recording: &'a Recording, name: Option<&str>) -> Result<(&'a str, &'a Observable), String> {
    let nodes = || recording.nodes.keys().map(|node| format!("`{node}`")).collect::<Vec<_>>().join(", ");
    let (node, observables) = match name {
        Some(name) => {
            recording.nodes.get_key_value(name).ok_or_else(|| format!("no node `{name}`, but {}", nodes()))?
        }
        None if recording.nodes.len() > 1 => return Err(format!("several nodes, {}: name one with --node", nodes())),
        None => recording.nodes.iter().next().ok_or("nothing recorded")?,
    };
    let only = || observables.values().next().filter(|_| observables.len() == 1);
    let spikes = observables.get(SPIKES).or_else(only);
    spikes.map(|spikes| (node.as_str(), spikes)).ok_or_else(|| format!("node `{node}` has no observable `{SPIKES}`"))
}

/// The bytes of a file with these spikes, as events or as a grid.
pub(super) fn encode(set: &SpikeSet, as_events: bool, writing: &Writing) -> Result<Vec<u8>, String> {
    let (samples, ticks, lines) = (set.samples.len(), set.ticks(), set.lines);
    let spikes = || {
        set.samples.iter().map(|sample| {
            let of_tick = |(tick, lines): (usize, &Vec<u16>)| {
                lines.iter().map(move |&line| (tick, line as usize)).collect::<Vec<_>>()
            };
            sample.iter().enumerate().flat_map(of_tick)
        })
    };
    let observable = if as_events {
        let spikes: Vec<Vec<(usize, usize)>> = spikes().map(Iterator::collect).collect();
        Observable::Events(Events::from_steps(lines, ticks, writing.dt, &spikes).map_err(|error| error.to_string())?)
    } else {
        let places = samples.checked_mul(ticks).and_then(|places| places.checked_mul(lines));
        let places = places.filter(|places| *places <= MOST_PLACES).ok_or_else(|| {
            format!("{samples} samples of {ticks} ticks of {lines} lines are too many for a grid: take the format nir-events")
        })?;
        let mut values = vec![0.0; places];
        for (number, spikes) in spikes().enumerate() {
            spikes.for_each(|(tick, line)| values[(number * ticks + tick) * lines + line] = 1.0);
        }
        // So many places were just counted.
        let data = Tensor::new([samples, ticks, lines], values).ok_or("no grid")?;
        Observable::Gridded(Gridded { dt: writing.dt, binary: true, data })
    };
    let mut recording = Recording::default();
    recording.add(&*writing.node, SPIKES, observable);
    recording.to_bytes().map_err(|error| error.to_string())
}
