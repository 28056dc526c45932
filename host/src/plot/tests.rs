use super::*;
use crate::energy::tests::run;
use crate::report::LedgerReport;
use crate::trace::{Trace, TraceTick, VERSION};
use nernst_spec::ledger::{ArrayCounter, CoreCounter};
use nernst_spec::{ArrayConfig, Ledger};

fn trace() -> Trace {
    let tick = |number: u16| {
        let mut ledger = Ledger::new(2);
        ledger.count(ArrayCounter::BusTransfers, 3);
        ledger.count_core(1, CoreCounter::SynapticOperations, 1000 * number as u64);
        TraceTick {
            input_spikes: vec![number % 4],
            spikes: vec![number, 40, 41],
            output_spikes: vec![40],
            membranes: vec![10 * number as i32, -7],
            ledger: LedgerReport::from(&ledger),
        }
    };
    Trace {
        version: VERSION,
        network: "net <1> & more".into(),
        config: "tiny".into(),
        sample: 12,
        label: Some(1),
        decision: 0,
        clock_hz: 50_000_000,
        cores: ArrayConfig::ready("tiny").unwrap().cores,
        inputs: 4,
        outputs: vec![40, 41],
        recorded: vec![40, 41],
        thresholds: vec![30, 31],
        ticks: (0..5).map(tick).collect(),
    }
}

/// How often an element is in a picture.
fn elements(svg: &str, name: &str) -> usize {
    svg.matches(&format!("<{name} ")).count()
}

#[test]
fn a_raster_has_a_mark_for_every_spike() {
    let svg = raster(&trace()).unwrap();
    // 5 inputs, 5 of hidden neurons and 10 of outputs, and the page itself.
    assert_eq!(elements(&svg, "rect"), 20 + 1);
    assert!(svg.contains("net &lt;1&gt; &amp; more"), "names are escaped");
    assert!(svg.contains("hidden neurons that fired (5), 5 spikes") && svg.contains("network says 0 (wrong)"));
}

#[test]
fn membranes_have_a_point_for_every_tick() {
    let svg = membranes(&trace()).unwrap();
    assert_eq!(elements(&svg, "circle"), 10);
    assert_eq!(elements(&svg, "polygon"), 10 + 1, "a triangle for each spike and one in the key");
    assert!(svg.contains("class 1: 5 spikes"));
}

#[test]
fn a_ledger_names_the_totals() {
    let svg = ledger(&trace()).unwrap();
    assert!(svg.contains("10,000 synaptic operations") && svg.contains("15 bus transfers"), "{svg}");
    assert!(!svg.contains("link bytes"), "bytes of the link are no activity");
}

#[test]
fn a_comparison_reads_the_report_of_a_run() {
    let mut report = run(&Ledger::new(2));
    (report.samples, report.accuracy, report.busy_clocks_per_sample) = (4, Some(0.75), 1234.5);
    report.ledger.array.insert("host_spikes_in".into(), 1248);
    report.ledger.cores_total.insert("synaptic_operations".into(), 80_000);
    let run = Run::from(&report);
    let svg = comparison(&[run.clone(), Run { network: "b".into(), ..run }]).unwrap();
    for text in ["75.00 %", "312", "20,000", "1,234"] {
        assert_eq!(svg.matches(&format!("\n{text}\n")).count(), 2, "{text}: {svg}");
    }
}

#[test]
fn what_cannot_be_drawn_is_refused() {
    let empty = Trace { ticks: vec![], ..trace() };
    assert!(raster(&empty).is_err() && ledger(&empty).is_err() && membranes(&empty).is_err());
    let torn = Trace { thresholds: vec![1], ..trace() };
    assert!(membranes(&torn).unwrap_err().to_string().contains("2 neurons"));
    let line = Trace { inputs: 2, ..trace() };
    assert!(raster(&line).unwrap_err().to_string().contains("line 2 of 2"));
    assert!(comparison(&[]).is_err());
}
