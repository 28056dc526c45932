//! What is shown: scripts for small arrays, and the signals of their pipelines.

use super::wave::{Lane, Show};
use nernst_sim::rtl_array::signals::{self, array, control, queue, ring, router, scheduler};
use nernst_sim::{RtlArray, RtlArrayError};
use nernst_spec::geometry::ConfigError;
use nernst_spec::image::CoreImage;
use nernst_spec::memory::{Address, Route, Word};
use nernst_spec::tick::{LEAK_ONE, Parameters, Reset};
use nernst_spec::{ArrayConfig, Contexts, Image, WeightBits};

type Script = fn(&mut RtlArray) -> Result<(), RtlArrayError>;

/// A short script, and the signals that are shown while it runs.
#[derive(Clone, Debug)]
pub struct Scenario {
    /// Name of its files.
    pub name: &'static str,
    /// The array whose RTL is shown.
    pub config: ArrayConfig,
    pub title: &'static str,
    /// Loads what is needed; not shown.
    pub prepare: Script,
    pub script: Script,
    /// The diagram begins just before this net is first high.
    pub from: String,
    /// It ends just after this net was last high.
    pub until: String,
    /// Signals by stage of the pipeline.
    pub stages: Vec<(&'static str, Vec<Lane>)>,
}

/// Events of the scenario of a walk, by axon.
const AXONS: [u16; 3] = [3, 5, 300];
/// Where the spike of neuron 0 goes: to this axon of core 1.
const HEARD_ON: u16 = 77;
/// Clocks after a write or a read that are long enough for everything that it does.
const AFTER: usize = 16;

/// All scenarios.
pub fn scenarios() -> Result<Vec<Scenario>, ConfigError> {
    let tiny = ArrayConfig::ready("tiny")?;
    Ok(vec![walk(&tiny), turn(&tiny), spike(&tiny), write(&tiny), read(&tiny), context(&tiny)])
}

fn bit(label: &str, path: impl Into<String>) -> Lane {
    Lane { label: label.into(), path: path.into(), show: Show::Bit, valid: None }
}

fn value(label: &str, path: impl Into<String>, show: Show, valid: Option<String>) -> Lane {
    Lane { label: label.into(), path: path.into(), show, valid }
}

/// Paths of a core's nets.
fn of(config: &ArrayConfig, core: usize) -> impl Fn(&str) -> String {
    let prefix = signals::core(config, core);
    move |path| format!("{prefix}.{path}")
}

/// Bits of a membrane of `tiny`.
const MEMBRANE: Show = Show::Signed(WeightBits::Four.membrane_bits() as u32);

/// Input lines 0 to 2 lead to the axons of the walk in core 0. Neuron 0 has weight 1, 2 and 4 on them, fires at 7, and is heard on an axon of core 1.
fn network(rtl: &mut RtlArray) -> Result<(), RtlArrayError> {
    let mut image = Image::empty("timing", rtl.config());
    let neurons = rtl.config().cores[0].neurons();
    for (axon, weight) in AXONS.into_iter().zip([1, 2, 4]) {
        let mut row = vec![0; neurons];
        row[0] = weight;
        image.cores[0].rows.insert(axon, row);
        image.inputs.push(Route { cores: 0b01, axon, delay: 0, host: false });
    }
    image.cores[0].parameters[0] = Parameters { threshold: 7, leak: LEAK_ONE, reset: Reset::Zero };
    image.cores[0].routes[0] = Route { cores: 0b10, axon: HEARD_ON, delay: 1, host: true };
    rtl.load(&image)?;
    rtl.idle(AFTER);
    Ok(())
}

fn tick(rtl: &mut RtlArray) -> Result<(), RtlArrayError> {
    rtl.tick(&[0, 1, 2])?;
    rtl.idle(AFTER);
    Ok(())
}

fn walk(config: &ArrayConfig) -> Scenario {
    let core = of(config, 0);
    let event = core(scheduler::EVENT_VALID);
    Scenario {
        name: "walk",
        config: config.clone(),
        title: "A tick with three events, on axons 3, 5 and 300 of core 0: from the start to the membranes",
        prepare: network,
        script: tick,
        from: core(scheduler::START),
        until: core(ring::ADD),
        stages: vec![
            (
                "core",
                vec![
                    bit("start", core(scheduler::START)),
                    value("state", core(control::STATE), Show::State(control::states()), None),
                ],
            ),
            (
                "scheduler",
                vec![
                    bit("summary loaded", core(scheduler::LOADING)),
                    bit("word asked", core(scheduler::ASKED)),
                    value("its number", core(scheduler::ASKED_NUMBER), Show::Number, Some(core(scheduler::ASKED))),
                    bit("word latched", core(scheduler::LATCHED)),
                    bit("word out", core(scheduler::OUT)),
                    value("word", core(scheduler::WORD), Show::Hex, Some(core(scheduler::OUT))),
                    bit("walking", core(scheduler::WALKING)),
                ],
            ),
            (
                "unpacker",
                vec![
                    bit("word here", core(scheduler::WORD_HERE)),
                    bit("nibble here", core(scheduler::NIBBLE_HERE)),
                    bit("event", event.clone()),
                    value("axon", core(scheduler::EVENT_AXON), Show::Number, Some(event)),
                ],
            ),
            (
                "ring",
                vec![
                    bit("read", core(ring::READ)),
                    value("row", core(ring::ROW), Show::Number, Some(core(ring::READ))),
                ],
            ),
            ("tile", vec![bit("row latched", core(ring::LATCHED)), bit("add", core(ring::ADD))]),
            ("lane 0", vec![value("membrane", core(&ring::membrane(0)), MEMBRANE, None)]),
        ],
    }
}

fn turn(config: &ArrayConfig) -> Scenario {
    let core = of(config, 0);
    Scenario {
        name: "turn",
        config: config.clone(),
        title: "A turn of a ring of 18 lanes in core 0: neuron 0, the last to come, fires",
        prepare: network,
        script: tick,
        from: core(control::SHIFT),
        until: core(ring::ENABLE),
        stages: vec![
            (
                "core",
                vec![
                    value("state", core(control::STATE), Show::State(control::states()), None),
                    bit("shift", core(control::SHIFT)),
                    value("place", core(control::PLACE), Show::Number, Some(core(control::SHIFT))),
                ],
            ),
            (
                "ring",
                vec![
                    bit("shift", core(ring::SHIFT)),
                    bit("valid", core(ring::VALID)),
                    value("place", core(ring::PLACE), Show::Number, Some(core(ring::VALID))),
                    value("membrane in", core(ring::UNIT_IN), MEMBRANE, None),
                ],
            ),
            (
                "unit",
                vec![
                    value("3: above", core(ring::UNIT_ABOVE), Show::Signed(20), None),
                    bit("4: fired", core(ring::UNIT_FIRED)),
                    bit("9: valid", core(ring::UNIT_OUT_VALID)),
                    value("9: membrane", core(ring::UNIT_OUT), MEMBRANE, Some(core(ring::UNIT_OUT_VALID))),
                ],
            ),
            ("ring", vec![bit("fired valid", core(ring::FIRED_VALID)), bit("fired", core(ring::FIRED))]),
            ("lane 0", vec![value("membrane", core(&ring::membrane(0)), MEMBRANE, None)]),
        ],
    }
}

fn spike(config: &ArrayConfig) -> Scenario {
    let (from, to) = (of(config, 0), of(config, 1));
    let stage = |index: usize, label: &str| bit(label, router::STAGES[index]);
    Scenario {
        name: "spike",
        config: config.clone(),
        title: "A spike of neuron 0 in core 0: out of the ring, over bus and router, into the scheduler of core 1",
        prepare: network,
        script: tick,
        from: from(ring::FIRED),
        until: array::TICK_BUSY.into(),
        stages: vec![
            ("ring, core 0", vec![bit("fired", from(ring::FIRED))]),
            (
                "spike queue",
                vec![
                    bit("stored", from(queue::STORE)),
                    bit("filled", from(queue::FILLED)),
                    bit("word here", from(queue::WORD_HERE)),
                    bit("nibble here", from(queue::NIBBLE_HERE)),
                    bit("index", from(queue::INDEX_VALID)),
                    bit("valid", from(queue::VALID)),
                    value("neuron", from(queue::NEURON), Show::Number, Some(from(queue::VALID))),
                ],
            ),
            ("bus", vec![bit("spike at core 0", signals::spike_on_bus(0))]),
            (
                "router",
                vec![
                    stage(0, "a: address"),
                    stage(1, "b: block RAM"),
                    stage(2, "c: its register"),
                    stage(3, "d: route"),
                    stage(4, "e: event"),
                    value("axon", router::AXON, Show::Number, Some(router::STAGES[4].into())),
                ],
            ),
            (
                "bus",
                vec![
                    bit("event at core 0", signals::event_on_bus(0)),
                    bit("event at core 1", signals::event_on_bus(1)),
                ],
            ),
            (
                "core 1",
                vec![
                    bit("set", to(control::STORED)),
                    value("axon", to(control::STORED_AXON), Show::Number, Some(to(control::STORED))),
                ],
            ),
            ("host", vec![bit("spike", array::SPIKE_VALID)]),
            ("array", vec![bit("tick_busy", array::TICK_BUSY), value("tick", array::TICK_NUMBER, Show::Number, None)]),
        ],
    }
}

/// The word that is written and read: weight 7 in lane 0 of tile 0, axon 9 of core 0.
fn word() -> (Address, Word) {
    (Address::weights(0, 0, 9), Word::from_weights(&[7, -1], WeightBits::Four))
}

fn write(config: &ArrayConfig) -> Scenario {
    let core = of(config, 0);
    Scenario {
        name: "write",
        config: config.clone(),
        title: "A word of weights written into tile 0 of core 0",
        prepare: |rtl| {
            // An address without a word, so that the diagram shows how the verdict comes.
            let _ = rtl.read(Address(u32::MAX))?;
            rtl.idle(AFTER);
            Ok(())
        },
        script: |rtl| {
            rtl.idle(2);
            let (address, word) = word();
            rtl.write(address, word);
            rtl.idle(AFTER);
            Ok(())
        },
        from: array::ADDRESS_EXISTS.into(),
        until: core(ring::WRITE),
        stages: vec![
            (
                "array",
                vec![
                    bit("address_exists", array::ADDRESS_EXISTS),
                    bit("write", array::WRITE),
                    bit("write taken", array::WRITE_NOW),
                    bit("for a core", array::WRITE_CORE),
                ],
            ),
            ("core", vec![bit("write weights", core(control::WRITE_WEIGHTS))]),
            ("ring", vec![bit("write tile 0", core(ring::WRITE))]),
        ],
    }
}

fn read(config: &ArrayConfig) -> Scenario {
    let core = of(config, 0);
    Scenario {
        name: "read",
        config: config.clone(),
        title: "The word read back: the array waits for the longest way there and back",
        prepare: |rtl| {
            let (address, word) = word();
            rtl.write(address, word);
            rtl.idle(AFTER);
            Ok(())
        },
        script: |rtl| {
            rtl.idle(2);
            rtl.read(word().0)?;
            rtl.idle(AFTER);
            Ok(())
        },
        from: array::READ.into(),
        until: array::READ_DONE.into(),
        stages: vec![
            (
                "array",
                vec![
                    bit("read", array::READ),
                    value("state", array::STATE, Show::State(array::states()), None),
                    bit("fetch", array::FETCH),
                ],
            ),
            ("core", vec![bit("fetch row", core(control::FETCH_ROW))]),
            (
                "ring",
                vec![
                    bit("read", core(ring::READ)),
                    value("row", core(ring::ROW), Show::Number, Some(core(ring::READ))),
                ],
            ),
            ("tile", vec![value("word", core(ring::TILE_WORD), Show::Hex, None)]),
            ("ring", vec![value("gathered", core(ring::LOW), Show::Hex, None)]),
            ("core", vec![value("gathered", core(control::OUT_LOW), Show::Hex, None)]),
            ("bus", vec![value("word at core 0", array::word_on_bus(0), Show::Hex, None)]),
            ("array", vec![value("result", array::RESULT_LOW, Show::Hex, None), bit("read_done", array::READ_DONE)]),
        ],
    }
}

/// An event for the second of two contexts of core 0, whose rings have nine lanes: it is brought in, hears, turns and is written back.
fn context(tiny: &ArrayConfig) -> Scenario {
    let mut config = tiny.clone();
    for core in &mut config.cores {
        (core.tiles_per_unit, core.contexts) = (1, Contexts::from_log2(1));
    }
    let core = of(&config, 0);
    Scenario {
        name: "context",
        config: config.clone(),
        title: "The second context of core 0 comes into the lanes, hears an event on its axon 5, turns, and is written back",
        prepare: |rtl| {
            let shape = rtl.config().cores[0];
            let mut image = Image::empty("timing", rtl.config());
            image.cores[0] = CoreImage::silent(&shape, Contexts::from_log2(1));
            let axon = image.cores[0].contexts.axon(1, 5) as u16;
            // The tick before leaves 3 in the membrane of lane 0.
            image.cores[0].rows.insert(axon, (0..shape.neurons() as i8).map(|lane| 3 * i8::from(lane == 0)).collect());
            image.inputs = vec![Route { cores: 0b01, axon, delay: 0, host: false }];
            image.cores[0].parameters[shape.neurons()].leak = LEAK_ONE;
            rtl.load(&image)?;
            rtl.tick(&[0])?;
            rtl.idle(AFTER);
            Ok(())
        },
        script: |rtl| {
            rtl.tick(&[0])?;
            rtl.idle(AFTER);
            Ok(())
        },
        from: core(control::LOAD),
        until: core(ring::WRITE),
        stages: vec![
            (
                "core",
                vec![
                    value("state", core(control::STATE), Show::State(control::states()), None),
                    bit("load", core(control::LOAD)),
                ],
            ),
            (
                "ring",
                vec![
                    bit("read", core(ring::READ)),
                    value("row", core(ring::ROW), Show::Number, Some(core(ring::READ))),
                ],
            ),
            (
                "ring",
                vec![
                    value("gathered", core(ring::LOW), Show::Hex, None),
                    bit("shift", core(ring::SHIFT)),
                    bit("write parameters", core(ring::WRITE_PARAMETERS)),
                ],
            ),
            ("tile", vec![bit("add", core(ring::ADD))]),
            ("lane 0", vec![value("membrane", core(&ring::membrane(0)), MEMBRANE, None)]),
            (
                "ring",
                vec![
                    bit("write tile 0", core(ring::WRITE)),
                    value("row", core(ring::WRITE_ROW), Show::Number, Some(core(ring::WRITE))),
                ],
            ),
        ],
    }
}

#[cfg(test)]
mod tests {
    use super::super::run;
    use super::*;

    #[test]
    fn every_scenario_shows_what_its_title_says() {
        for scenario in scenarios().unwrap() {
            let diagram = run(&scenario).unwrap();
            let text = diagram.wave_json();
            assert!((8..80).contains(&diagram.clocks()), "{}: {} clocks", scenario.name, diagram.clocks());
            let shown: &[&str] = match scenario.name {
                "walk" => &["\"3\",\"5\",\"300\"", "\"1\",\"3\",\"7\""],
                "turn" => &["\"turn\""],
                "spike" => &["\"77\""],
                "write" => &["\"write tile 0\""],
                "read" => &["\"f7\""],
                "context" => &["\"load\"", "\"494\"", "\"261\"", "\"3\",\"6\""],
                other => panic!("{other} has no expectation"),
            };
            for words in shown {
                assert!(text.contains(words), "{}: no {words} in {text}", scenario.name);
            }
            assert!(diagram.svg().unwrap().starts_with("<svg"));
        }
    }
}
