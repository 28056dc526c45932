use super::meter::{Meter, MeterError};
use super::*;
use crate::energy::tests::run;
use nernst_spec::Ledger;
use nernst_spec::ledger::{ArrayCounter, CoreCounter};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

/// Watt of the idle board, and joule for each of [`DEFAULT_COUNTERS`].
const TRUE: [f64; 4] = [0.6, 20e-12, 150e-12, 400e-12];
/// Seconds of a workload, and of the pause after it.
const LENGTH: f64 = 10.0;
const PAUSE: f64 = 2.0;
/// Seconds between two readings.
const STEP: f64 = 0.1;

/// A number of the standard normal distribution (Box and Muller).
fn normal(random: &mut StdRng) -> f64 {
    let (u, v): (f64, f64) = (1.0 - random.random::<f64>(), random.random());
    (-2.0 * u.ln()).sqrt() * (std::f64::consts::TAU * v).cos()
}

/// Workloads with random counts, and a meter with noise of so many watt at every reading.
fn measured(seed: u64, workloads: usize, noise: f64) -> (Meter, Vec<Workload>) {
    let mut random = StdRng::seed_from_u64(seed);
    let mut power = vec![];
    let list: Vec<Workload> = (0..workloads)
        .map(|number| {
            let counts = [8_000_000_000u64, 800_000_000, 400_000_000].map(|most| random.random_range(0..most));
            let mut ledger = Ledger::new(2);
            ledger.count_core(0, CoreCounter::SynapticOperations, counts[0] / 3);
            ledger.count_core(1, CoreCounter::SynapticOperations, counts[0] - counts[0] / 3);
            ledger.count_core(1, CoreCounter::NeuronUpdates, counts[1]);
            ledger.count(ArrayCounter::BusTransfers, counts[2]);
            let dynamic: f64 = counts.iter().zip(&TRUE[1..]).map(|(&count, price)| count as f64 * price).sum();
            power.push(dynamic / LENGTH);
            let start = 1.0 + number as f64 * (LENGTH + PAUSE);
            Workload { run: run(&ledger), start, end: start + LENGTH }
        })
        .collect();
    let end = 1.0 + workloads as f64 * (LENGTH + PAUSE);
    let readings = (0..(end / STEP) as usize).map(|index| {
        let time = index as f64 * STEP;
        // A little longer than the workload, so that the trapezoids at its ends are its own.
        let of = list.iter().position(|w| (w.start - STEP..=w.end + STEP).contains(&time));
        (time, TRUE[0] + of.map_or(0.0, |number| power[number]) + noise * normal(&mut random))
    });
    (Meter::new(readings.collect()).unwrap(), list)
}

fn options(counters: &[&str]) -> Options {
    Options {
        name: "bench".into(),
        title: "a meter at a board".into(),
        counters: counters.iter().map(|counter| counter.to_string()).collect(),
        confidence: 0.95,
        weighted: false,
    }
}

#[test]
fn known_prices_are_recovered() {
    let (meter, workloads) = measured(1, 12, 0.0);
    let exact = calibrate(&meter, &workloads, &options(&DEFAULT_COUNTERS)).unwrap();
    for (term, truth) in exact.terms.iter().zip(TRUE) {
        assert!((term.value / truth - 1.0).abs() < 1e-6, "{term:?}");
    }
    assert!(exact.r_squared > 0.999_999 && exact.relative_residual < 1e-6);
    let (meter, workloads) = measured(2, 20, 0.002);
    for weighted in [false, true] {
        let noisy = calibrate(&meter, &workloads, &Options { weighted, ..options(&DEFAULT_COUNTERS) }).unwrap();
        assert_eq!((noisy.workloads, noisy.degrees_of_freedom), (20, 16));
        for (term, truth) in noisy.terms.iter().zip(TRUE) {
            assert!(term.low < truth && truth < term.high && (term.value / truth - 1.0).abs() < 0.1, "{term:?}");
        }
    }
}

#[test]
fn intervals_hold_the_truth_as_often_as_they_say() {
    const SEEDS: u64 = 1000;
    let mut held = [0; 4];
    for seed in 0..SEEDS {
        let (meter, workloads) = measured(seed, 12, 0.002);
        let calibration = calibrate(&meter, &workloads, &options(&DEFAULT_COUNTERS)).unwrap();
        for (count, (term, truth)) in held.iter_mut().zip(calibration.terms.iter().zip(TRUE)) {
            *count += (term.low..=term.high).contains(&truth) as u64;
        }
    }
    // Four standard deviations of a binomial distribution around 95 %.
    let width = 4.0 * (0.95 * 0.05 / SEEDS as f64).sqrt();
    for count in held {
        assert!((count as f64 / SEEDS as f64 - 0.95).abs() < width, "{held:?}");
    }
}

#[test]
fn a_calibration_is_a_price_table_of_grade_measured() {
    let (meter, workloads) = measured(3, 15, 0.002);
    let table = calibrate(&meter, &workloads, &options(&DEFAULT_COUNTERS)).unwrap().table;
    let read = PriceTable::parse(&table.to_toml(), "bench.toml").unwrap();
    assert_eq!(read, table);
    assert_eq!(read.grade(), Grade::Measured);
    let hz = workloads[0].run.clock_hz as f64;
    let idle = read.price("clocks").unwrap();
    assert!((idle.joules * hz / TRUE[0] - 1.0).abs() < 0.05 && idle.standard_error.unwrap() > 0.0);
    let fit = read.fit.unwrap();
    assert_eq!(fit["workloads"].as_integer(), Some(15));
    assert!(fit["relative_residual"].as_float().unwrap() < 0.01);
}

#[test]
fn what_cannot_be_fitted_is_refused_by_name() {
    let (meter, mut workloads) = measured(4, 10, 0.002);
    let fails = |workloads: &[Workload], counters: &[&str], words: &[&str]| {
        let error = calibrate(&meter, workloads, &options(counters)).unwrap_err();
        let text = format!("{error}; {}", error.help());
        words.iter().for_each(|word| assert!(text.contains(word), "`{word}` is not in: {text}"));
    };
    fails(&workloads[..6], &DEFAULT_COUNTERS, &["6 workloads", "4 prices", "at least 7"]);
    fails(&workloads, &["spikes"], &["no workload has any spikes"]);
    fails(&workloads, &["synops"], &["synops", "synaptic_operations"]);
    fails(&workloads, &["clocks"], &["clocks", "leave it out"]);
    fails(&workloads, &["spikes", "spikes"], &["spikes", "twice"]);
    // Every row has nine weights: the two counters are one.
    for workload in &mut workloads {
        for core in &mut workload.run.ledger.cores {
            core.insert("rows_fetched".into(), core["synaptic_operations"] / 9);
        }
        let rows = workload.run.ledger.cores.iter().map(|core| core["rows_fetched"]).sum();
        workload.run.ledger.cores_total.insert("rows_fetched".into(), rows);
    }
    let counters = ["rows_fetched", "synaptic_operations", "bus_transfers"];
    fails(&workloads, &counters, &["rows_fetched, synaptic_operations cannot be told apart"]);
    let error = calibrate(&meter, &workloads, &options(&counters)).unwrap_err();
    assert!(!error.to_string().contains("bus_transfers") && !error.to_string().contains("idle"), "{error}");
    workloads[3].run.clock_hz += 1;
    fails(&workloads, &DEFAULT_COUNTERS, &["workload 4", "Hz"]);
    workloads[0].run.ledger.array.remove("bus_transfers");
    fails(&workloads[..3], &["bus_transfers"], &["workload 1", "bus_transfers"]);
}

#[test]
fn a_price_below_nothing_is_refused() {
    let (_, workloads) = measured(5, 10, 0.0);
    // A meter that sees less power the more there is to do.
    let end = workloads.last().unwrap().end + 1.0;
    let readings = (0..(end / STEP) as usize).map(|index| {
        let time = index as f64 * STEP;
        let busy = workloads.iter().find(|w| (w.start - STEP..=w.end + STEP).contains(&time));
        let less = busy.map_or(0.0, |w| 1e-11 * w.run.ledger.total("synaptic_operations").unwrap() as f64 / LENGTH);
        (time, 0.5 - less)
    });
    let meter = Meter::new(readings.collect()).unwrap();
    let error = calibrate(&meter, &workloads, &options(&["synaptic_operations"])).unwrap_err();
    assert!(matches!(&error, CalibrateError::Negative { counter, .. } if counter == "synaptic_operations"), "{error}");
}

#[test]
fn energy_is_the_integral_of_power() {
    let meter = Meter::new((0..=100).map(|t| (t as f64, 2.0 + t as f64)).collect()).unwrap();
    // A straight line from 12.5 W to 22.5 W.
    assert!((meter.energy(10.5, 20.5).unwrap() - 175.0).abs() < 1e-9);
    assert!(matches!(meter.energy(95.0, 101.0), Err(MeterError::Outside { .. })));
    assert!(matches!(meter.energy(10.0, 12.0), Err(MeterError::Sparse { found: 3, .. })));
    assert_eq!(Meter::new(vec![(0.0, 1.0), (0.0, 1.0)]), None);
}
