use super::bill::{Bill, BillError};
use super::crossover::{self, Activity, Verdict};
use super::information::Information;
use super::prices::{self, PriceError};
use super::range::{Range, RangeError};
use super::units::{self, Conditions};
use super::{Grade, PriceTable, Scope, bits, counters, ratio};
use crate::report::{CoreReport, LedgerReport, ReportError, RunReport, VERSION};
use crate::runner::Mismatches;
use crate::session::{LinkStatistics, TrainSummary};
use nernst_spec::ledger::{ArrayCounter, CoreCounter};
use nernst_spec::{ArrayConfig, Ledger};
use proptest::prelude::*;
use std::path::Path;

/// A run on `tiny` (two cores) with this ledger: eight samples of ten ticks, of two classes.
pub fn run(ledger: &Ledger) -> RunReport {
    let config = ArrayConfig::ready("tiny").unwrap();
    let core = |shape: &nernst_spec::CoreConfig| {
        let weights = 50 * shape.neurons() as u64;
        CoreReport {
            shape: *shape,
            neurons: shape.neurons() as u64,
            axons: 50,
            weights,
            synapses: weights / 2,
            populations: None,
        }
    };
    RunReport {
        version: VERSION,
        complete: true,
        network: "net".into(),
        data: "data".into(),
        config: config.name.clone(),
        port: "model".into(),
        build: "00000000".into(),
        clock_hz: config.clock_hz,
        coding: "rate-10".into(),
        ticks_per_sample: 10,
        samples: 8,
        correct: Some(6),
        accuracy: Some(0.75),
        begun: 1e9,
        seconds: 2.0,
        samples_per_second: 4.0,
        busy_clocks_per_sample: 100.0,
        classes: vec![0, 0, 0, 0, 1, 1, 1, 1],
        decisions: vec![0, 0, 0, 1, 1, 1, 1, 0],
        inputs: 64,
        cores: config.cores.iter().map(core).collect(),
        dense: false,
        budget: None,
        mismatches: Mismatches::default(),
        link: LinkStatistics::default(),
        spikes_in: TrainSummary::default(),
        spikes_out: TrainSummary::default(),
        values_in: None,
        faults: None,
        pace: None,
        scrubbed: None,
        ledger: LedgerReport::from(ledger),
    }
}

/// Some of everything, different in both cores.
pub fn ledger() -> Ledger {
    let mut ledger = Ledger::new(2);
    for (counter, count) in [
        (ArrayCounter::Ticks, 80),
        (ArrayCounter::BusTransfers, 900),
        (ArrayCounter::BusDestinations, 1000),
        (ArrayCounter::HostSpikesIn, 700),
        (ArrayCounter::LinkBytesIn, 2000),
        (ArrayCounter::LinkBytesOut, 300),
        (ArrayCounter::Clocks, 1_000_000),
    ] {
        ledger.count(counter, count);
    }
    for (core, factor) in [(0, 1), (1, 3)] {
        for (counter, count) in [
            (CoreCounter::Events, 250),
            (CoreCounter::RowsFetched, 1000),
            (CoreCounter::SynapticOperations, 9000),
            (CoreCounter::NeuronUpdates, 360),
            (CoreCounter::Spikes, 50),
        ] {
            ledger.count_core(core, counter, factor * count);
        }
    }
    ledger
}

fn table(prices: &str) -> Result<PriceTable, PriceError> {
    PriceTable::parse(&format!("name = 'test'\ntitle = 'a test'\n{prices}"), "test")
}

fn price(counter: &str, value: &str, grade: &str, scope: &str) -> String {
    format!("[[price]]\ncounter = '{counter}'\n{value}\nsource = 'S'\ngrade = '{grade}'\nscope = '{scope}'\n")
}

fn close(a: f64, b: f64) -> bool {
    (a - b).abs() <= 1e-9 * a.abs().max(b.abs())
}

#[test]
fn the_tables_that_come_with_the_program_bill_a_run() {
    for name in prices::ready_names() {
        let table = prices::find(name).unwrap();
        assert_eq!(table.name, name);
        let bill = Bill::new(&run(&ledger()), &table).unwrap();
        assert!(bill.total.joules > 0.0 && bill.total.joules < 1e-3, "{name}: {:?}", bill.total);
        assert_eq!(bill.total.grade, table.grade());
    }
    assert_eq!(prices::find("truenorth").unwrap().scope(), Scope::AllIn);
    // 23.6 pJ is a simulation's: no figure of this chip is measured.
    assert_eq!(prices::find("loihi").unwrap().grade(), Grade::Simulated);
    assert_eq!(prices::find(prices::DEFAULT).unwrap().scope(), Scope::PerOperation);
}

#[test]
fn a_bill_is_counts_times_prices() {
    let prices = price("synaptic_operations", "value = 2.0\nunit = 'pJ'", "measured", "per-operation")
        + &price(
            "rows_fetched",
            "value = 1.0\nunit = 'fJ'\nper_bit = true\nstandard_error = 0.5",
            "derived",
            "per-operation",
        )
        + &price("bus_transfers", "value = 3.0\nunit = 'nJ'", "simulated", "per-operation");
    let bill = Bill::new(&run(&ledger()), &table(&prices).unwrap()).unwrap();
    let (operations, rows, bus) = (36_000.0 * 2e-12, 4000.0 * 36.0 * 1e-15, 900.0 * 3e-9);
    assert!(close(bill.total.joules, operations + rows + bus));
    assert_eq!(bill.total.grade, Grade::Derived);
    let computation = bill.group("computation").unwrap();
    assert!(close(computation.joules, operations + rows) && computation.grade == Grade::Derived);
    let communication = bill.group("communication").unwrap();
    assert!(close(communication.joules, bus) && communication.grade == Grade::Simulated);
    assert_eq!(bill.group("time"), None, "what is not priced is not 0 J");
    // A quarter of the computation is core 0's.
    let places: Vec<f64> = bill.places.iter().map(|place| place.estimate.unwrap().joules).collect();
    assert!(close(places[0], bus) && close(places[1], (operations + rows) / 4.0) && close(3.0 * places[1], places[2]));
    let rows = bill.lines.iter().find(|line| line.counter == "rows_fetched").unwrap();
    assert!(close(rows.estimate.standard_error.unwrap(), rows.estimate.joules / 2.0));
    assert_eq!(bill.total.standard_error, None, "an error is not known where one part's is not");
    let unpriced: Vec<&str> = bill.unpriced.iter().map(|unpriced| unpriced.counter.as_str()).collect();
    assert!(unpriced.contains(&"neuron_updates") && unpriced.contains(&"clocks"));
    assert!(!unpriced.contains(&"synaptic_operations") && !unpriced.contains(&"frames_resent"), "0 costs nothing");
}

#[test]
fn a_bill_says_where_additions_were_not_counted() {
    let mut ledger = ledger();
    ledger.count_core(0, CoreCounter::NonzeroOperations, 70);
    let nonzero = price("nonzero_operations", "value = 2.0\nunit = 'pJ'", "measured", "per-operation");
    let bill = |prices: &str| Bill::new(&run(&ledger), &table(prices).unwrap()).unwrap();
    assert_eq!(bill(&nonzero).uncounted, ["core 1"]);
    let all = price("synaptic_operations", "value = 1.0\nunit = 'pJ'", "measured", "per-operation");
    assert!(bill(&(nonzero + &all)).uncounted.is_empty(), "all additions have a price");
}

#[test]
fn toggles_are_priced_by_capacitance_and_voltage() {
    let text = "[fit]\nworkloads = 40\n[[price]]\ncounter = 'clocks'\nsource = 'S'\ngrade = 'assumed'\n\
                scope = 'per-operation'\n\
                switching = { toggles = 812.3, capacitance_pf = 0.05, voltage_v = 1.1, standard_error = 10.0 }";
    let table = table(text).unwrap();
    let each = 0.5 * 0.05e-12 * 1.21;
    assert!(close(table.prices[0].joules, 812.3 * each));
    assert!(close(table.prices[0].standard_error.unwrap(), 10.0 * each));
    assert_eq!(table.fit.as_ref().unwrap()["workloads"].as_integer(), Some(40));
    assert_eq!(PriceTable::parse(&table.to_toml(), "written").unwrap(), table);
}

#[test]
fn tables_that_are_wrong_are_refused_by_name() {
    let good = "value = 1.0\nunit = 'pJ'";
    let refused = |prices: String, words: &[&str]| {
        let error = table(&prices).unwrap_err();
        let text = format!("{error} {}", error.help());
        words.iter().for_each(|word| assert!(text.contains(word), "`{word}` is not in: {text}"));
    };
    refused(price("synops", good, "assumed", "all-in"), &["price 1", "synops", "synaptic_operations"]);
    refused(price("spikes", "value = 1.0", "assumed", "all-in"), &["spikes", "unit"]);
    refused(price("spikes", "value = -1.0\nunit = 'pJ'", "assumed", "all-in"), &["spikes", "-1", "0 or more"]);
    refused(price("spikes", "value = nan\nunit = 'pJ'", "assumed", "all-in"), &["NaN"]);
    refused(price("spikes", "value = 1.0\nunit = 'erg'", "assumed", "all-in"), &["erg"]);
    refused(price("spikes", "", "assumed", "all-in"), &["neither"]);
    refused(price("spikes", good, "guessed", "all-in"), &["guessed", "measured"]);
    refused(price("spikes", &format!("{good}\nprize = 1"), "assumed", "all-in"), &["prize"]);
    refused(price("spikes", good, "assumed", "all-in").repeat(2), &["price 2", "price 1 is for the same counter"]);
    refused(String::new(), &["no prices"]);
    let mixed = price("spikes", good, "assumed", "all-in") + &price("clocks", good, "assumed", "per-operation");
    refused(mixed, &["spikes", "clocks", "counts them twice"]);
    assert!(matches!(prices::find("nothing"), Err(PriceError::Unknown(_))));
    assert!(matches!(prices::find("no/such.toml"), Err(PriceError::Read { .. })));
}

#[test]
fn a_price_by_bits_needs_bits() {
    let prices = price("ticks", "value = 1.0\nunit = 'pJ'\nper_bit = true", "assumed", "per-operation");
    let error = Bill::new(&run(&ledger()), &table(&prices).unwrap()).unwrap_err();
    assert_eq!(error, BillError::NoBits { table: "test".into(), counter: "ticks".into() });
}

#[test]
fn a_range_spans_its_tables_and_refuses_to_mix_scopes() {
    let bill = |name: &str| Bill::new(&run(&ledger()), &prices::find(name).unwrap()).unwrap();
    let bills = ["loihi", "horowitz-45nm", "cortex"].map(bill);
    let range = Range::new(&bills).unwrap();
    assert_eq!(range.total.grade, Grade::Derived);
    assert!(bills.iter().all(|bill| (range.total.low..=range.total.high).contains(&bill.total.joules)));
    let communication = range.groups.iter().find(|span| span.name == "communication").unwrap();
    assert_eq!(communication.prices, ["loihi", "cortex"], "the other one does not price it");
    let error = Range::new(&[bill("loihi"), bill("truenorth")]).unwrap_err();
    assert_eq!(error, RangeError::Mixed { all_in: "truenorth".into(), per_operation: "loihi".into() });
}

#[test]
fn counters_have_names_of_their_own() {
    let names: Vec<&str> = counters::all().map(|counter| counter.definition.name).collect();
    let mut unique = names.clone();
    unique.sort();
    unique.dedup();
    assert_eq!(unique.len(), names.len(), "{names:?}");
    // Those that code here asks for by name are there.
    for name in [
        "synaptic_operations",
        "neuron_updates",
        "bus_transfers",
        "bus_destinations",
        "ticks",
        "clocks",
        "spikes",
        "host_spikes_in",
        "events",
    ] {
        assert!(counters::find(name).is_some(), "{name}");
    }
}

#[test]
fn bits_moved_follow_the_geometry() {
    let tiny = ArrayConfig::ready("tiny").unwrap().cores;
    // Two cores, 512 axons, 15 delays and none.
    assert_eq!(bits::of_array("bus_transfers", &tiny), Some(2 + 9 + 4));
    assert_eq!(bits::of_core("synaptic_operations", &tiny[0], &tiny), Some(15));
    assert_eq!(bits::of_core("rows_fetched", &tiny[0], &tiny), Some(36));
    assert_eq!((bits::of_array("clocks", &tiny), bits::of_core("busy_clocks", &tiny[0], &tiny)), (None, None));
    let banked = ArrayConfig::ready("25f-banked").unwrap().cores;
    assert_eq!(bits::of_core("synaptic_operations", &banked[0], &banked), Some(16));
    let run = run(&ledger());
    let (array, link) = (ratio::bits_moved(&run, false), ratio::bits_moved(&run, true));
    assert_eq!(array.computation, link.computation);
    assert_eq!(link.communication - array.communication, 2300.0 * 10.0);
    let spike = bits::of_core("spikes", &tiny[0], &tiny).unwrap() as f64;
    assert_eq!(array.communication, 900.0 * 15.0 + 1000.0 + 1000.0 + 200.0 * spike);
    assert_eq!(ratio::events(&run).unwrap().value(), Some(1000.0 / (36_000.0 + 1440.0)));
}

#[test]
fn units_are_those_of_physics() {
    assert!((units::joules_per_atp() - 8.303e-20).abs() < 1e-23);
    assert!((units::landauer(300.0) - 2.871e-21).abs() < 1e-24);
    assert!((units::landauer(310.0) - 2.967e-21).abs() < 1e-24);
    let conditions = Conditions { temperature_kelvin: 300.0, grid_grams_per_kwh: Some(400.0) };
    assert_eq!(conditions.amounts(3.6e6).co2_grams, Some(400.0));
    for (value, text) in
        [(0.0, "0 J"), (1.5e-12, "1.500 pJ"), (0.99999e-9, "1.000 nJ"), (-2e-3, "-2.000 mJ"), (3e-30, "3.000e-30 J")]
    {
        assert_eq!(units::si(value, "J"), text);
    }
}

#[test]
fn information_is_that_of_the_confusion_counts() {
    // Two classes of four; three of four right in both: 1 - H(1/4) bits.
    let run = run(&ledger());
    let information = Information::new(&run.classes, &run.decisions).unwrap();
    assert!((information.plug_in - 0.188_721_875_540_867_2).abs() < 1e-12);
    // All four pairs occurred: (2 + 2 - 4 - 1) / 2N nats.
    let correction = -1.0 / (16.0 * std::f64::consts::LN_2);
    assert!((information.class_entropy - (1.0 - correction)).abs() < 1e-12);
    assert!((information.corrected - (information.plug_in + correction)).abs() < 1e-12);
    assert!((information.per_joule(2.0).unwrap() - 4.0 * information.corrected).abs() < 1e-12);
    assert_eq!(information.per_joule(0.0), None);
    assert_eq!(Information::new(&[], &[]), None);
    let right = Information::new(&[0, 1, 2, 3], &[0, 1, 2, 3]).unwrap();
    assert!((right.plug_in - 2.0).abs() < 1e-12, "all of it");
    assert_eq!(Information::new(&[0, 1, 0, 1], &[0, 0, 0, 0]).unwrap().corrected, 0.0);
}

proptest! {
    #[test]
    fn decisions_never_tell_more_than_there_is(pairs in prop::collection::vec((0usize..5, 0usize..5), 1..200)) {
        let (classes, decisions): (Vec<_>, Vec<_>) = pairs.into_iter().unzip();
        let forth = Information::new(&classes, &decisions).unwrap();
        let back = Information::new(&decisions, &classes).unwrap();
        prop_assert!(forth.corrected <= forth.class_entropy + 1e-9 && forth.corrected >= 0.0);
        prop_assert!((forth.plug_in - back.plug_in).abs() < 1e-9);
    }
}

#[test]
fn the_correction_takes_away_what_chance_tells() {
    // Decisions that know nothing of the class: the plug-in estimate says otherwise, the corrected one hardly.
    let classes: Vec<usize> = (0..300).map(|sample| sample % 5).collect();
    let (mut plug_in, mut corrected) = (0.0, 0.0);
    for seed in 0..200u64 {
        use rand::{RngExt, SeedableRng};
        let mut random = rand::rngs::StdRng::seed_from_u64(seed);
        let decisions: Vec<usize> = classes.iter().map(|_| random.random_range(0..5)).collect();
        let information = Information::new(&classes, &decisions).unwrap();
        plug_in += information.plug_in / 200.0;
        corrected += information.corrected / 200.0;
    }
    // 16 degrees of freedom: 16 / (2 * 300 ln 2) bits too much.
    assert!((plug_in - 0.0385).abs() < 0.004, "{plug_in}");
    assert!(corrected < 0.01, "{corrected}");
}

#[test]
fn limits_judge_the_activity_of_a_run() {
    let activity = Activity::of(&run(&ledger())).unwrap();
    let run = run(&ledger());
    let weights: u64 = run.cores.iter().map(|core| core.weights).sum();
    let heard: usize = [250, 750].iter().zip(&run.cores).map(|(events, core)| events * core.shape.neurons()).sum();
    assert!(close(activity.spikes_per_synapse, heard as f64 / (8.0 * weights as f64)));
    let sources = 64 + run.cores.iter().map(|core| core.neurons).sum::<u64>();
    assert!(close(activity.spike_rate, 900.0 / (80.0 * sources as f64)));

    let with = |spikes_per_synapse, spike_rate, ticks| Activity { spikes_per_synapse, spike_rate, ticks };
    assert_eq!(crossover::davidson_furber_2021(&with(1.71, 0.0, 8)).verdict, Verdict::SpikingWins);
    assert_eq!(crossover::davidson_furber_2021(&with(1.72, 0.0, 8)).verdict, Verdict::DenseWins);
    assert_eq!(crossover::dampfhoffer_2023(&with(0.1, 0.0, 8)).verdict, Verdict::SpikingWins);
    assert_eq!(crossover::dampfhoffer_2023(&with(0.5, 0.0, 8)).verdict, Verdict::Depends);
    assert_eq!(crossover::dampfhoffer_2023(&with(1.4, 0.0, 8)).verdict, Verdict::DenseWins);
    assert_eq!(crossover::yan_2024(&with(0.0, 0.06, 8)).verdict, Verdict::SpikingWins);
    assert_eq!(crossover::yan_2024(&with(0.0, 0.06, 17)).verdict, Verdict::OutOfRange);
    assert_eq!(crossover::yan_2026(&with(0.0, 0.06, 5)).verdict, Verdict::DenseWins);
    // The figure that its source reports.
    let mean: f64 = (5..=10).map(|ticks| crossover::bit_matched(&with(0.0, 0.0, ticks)).low / 6.0).sum();
    assert!((mean - 0.0599).abs() < 0.0001, "{mean}");
    assert!(crossover::all(&activity).iter().all(|crossover| !crossover.source.is_empty()));
}

#[test]
fn a_report_reads_back_and_other_versions_do_not() {
    let run = run(&ledger());
    let text = serde_json::to_string(&run).unwrap();
    let parse = |text: &str| RunReport::parse(text, Path::new("run.json"));
    assert_eq!(parse(&text).unwrap(), run);
    let old = parse(&text.replace("\"version\":3", "\"version\":1")).unwrap_err();
    assert!(matches!(old, ReportError::Version { found: 1, .. }) && old.help().contains("nernst run --json"), "{old}");
    assert!(matches!(parse("{}"), Err(ReportError::Wrong { .. })));
    assert!(matches!(parse(&text[..200]), Err(ReportError::Wrong { .. })));
    let mut other = run.clone();
    other.classes.pop();
    assert!(matches!(parse(&serde_json::to_string(&other).unwrap()), Err(ReportError::Contradiction { .. })));
    other = run.clone();
    other.ledger.cores_total.insert("spikes".into(), 7);
    let error = parse(&serde_json::to_string(&other).unwrap()).unwrap_err();
    assert!(error.to_string().contains("spikes is 7 in total, and 200"), "{error}");
}

#[test]
fn a_counter_that_nobody_knows_is_listed() {
    let mut run = run(&ledger());
    run.ledger.array.insert("cosmic_rays".into(), 3);
    let bill = Bill::new(&run, &prices::find("loihi").unwrap()).unwrap();
    assert!(bill.unpriced.iter().any(|unpriced| unpriced.counter == "cosmic_rays" && unpriced.count == 3));
}
