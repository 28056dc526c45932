//! Budgets that the array keeps, dense runs and traces of cores that count, as a user meets them: from outside the process, on the RTL in simulation and on the model.

use crate::common::command::nernst;
use serde_json::Value;

const NETWORK: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../networks/digits/mlp-32-rate-int4.json");

fn run(arguments: &[&str]) -> (i32, String, String) {
    nernst(&[&["run", "-n", NETWORK, "-c", "tiny"], arguments].concat())
}

/// The report of a run of six samples.
fn report(arguments: &[&str]) -> Value {
    let (code, out, error) = run(&[&["-l", "6", "--json"], arguments].concat());
    assert_eq!((code, error.as_str()), (0, ""), "{arguments:?}");
    serde_json::from_str(&out).unwrap()
}

fn total(report: &Value, counter: &str) -> u64 {
    report["ledger"]["cores_total"][counter].as_u64().unwrap()
}

#[test]
fn a_budget_of_operations_stops_model_and_rtl_at_the_same_tick() {
    let [model, rtl] = ["model", "virtual"].map(|port| report(&["-p", port, "--budget", "40000operations"]));
    for run in [&model, &rtl] {
        let budget = &run["budget"];
        let (spent, ticks) = (budget["spent"].as_f64().unwrap(), budget["stopped_after_ticks"].as_u64().unwrap());
        assert_eq!(spent, total(run, "synaptic_operations") as f64);
        // The tick that used it up is the last one: one tick before there was something left.
        assert!(spent > 40_000.0 && spent < 40_000.0 + 64.0 * 72.0, "{spent}");
        let samples = run["samples"].as_u64().unwrap();
        assert_eq!(run["ledger"]["array"]["ticks"].as_u64().unwrap(), 17 * samples + ticks);
        assert_eq!(run["decisions"].as_array().unwrap().len() as u64, samples);
        assert_eq!(run["mismatches"]["spikes"], 0);
    }
    assert_eq!(model["budget"], rtl["budget"]);
    assert_eq!(model["decisions"], rtl["decisions"]);
    let whole = report(&["-p", "model"]);
    assert!(total(&whole, "synaptic_operations") > 40_320 && whole["budget"].is_null());
}

#[test]
fn joules_and_bytes_are_kept_by_the_rtl_too() {
    let joules = report(&["-p", "virtual", "--budget", "1uJ", "--prices", "loihi"]);
    let (spent, limit) =
        (joules["budget"]["spent"].as_f64().unwrap(), joules["budget"]["limit_value"].as_f64().unwrap());
    assert!((limit - 1e-6).abs() < 1e-9 && spent > limit && spent < 1.05 * limit, "{spent} of {limit}");
    assert_eq!(joules["budget"]["prices"], serde_json::json!(["loihi", "simulated"]));
    // Bytes depend on how the host cuts its frames: the model follows the board, and still nothing differs.
    let bytes = report(&["-p", "virtual", "--budget", "800B"]);
    assert!(bytes["budget"]["stopped_after_ticks"].is_u64());
    assert_eq!(bytes["mismatches"]["counters"], 0);
    let enough = report(&["-p", "virtual", "--budget", "1GB"]);
    assert!(enough["budget"]["stopped_after_ticks"].is_null() && enough["samples"] == 6);
}

#[test]
fn a_budget_that_cannot_be_is_refused_with_what_can() {
    for (arguments, words, help) in [
        (&["--budget", "5 parsecs"][..], "unknown unit `parsecs`", "synaptic_operations"),
        (&["--budget", "mJ"], "does not begin with a number", "5mJ"),
        (&["--budget", "1aJ"], "unknown unit `aJ`", "5mJ"),
        (&["--budget", "1fJ", "--prices", "loihi"], "the dearest event alone takes", "larger"),
        (&["--budget", "5mJ", "--prices", "nowhere"], "unknown price table `nowhere`", "loihi"),
        (&["--budget", "10events"], "no sample was completed", "larger --budget"),
    ] {
        let (code, out, error) = run(&[&["-p", "model"], arguments].concat());
        assert_eq!((code, out.as_str()), (1, ""), "{arguments:?}");
        let lines: Vec<&str> = error.lines().collect();
        assert!(lines.len() == 2 && lines[0].contains(words) && lines[1].contains(help), "{error}");
    }
}

#[test]
fn a_dense_run_does_the_same_and_fetches_more() {
    for port in ["model", "virtual"] {
        let [sparse, dense] = [&[][..], &["--dense"]].map(|option| report(&[&["-p", port], option].concat()));
        assert_eq!((&sparse["dense"], &dense["dense"]), (&Value::Bool(false), &Value::Bool(true)));
        for same in ["decisions", "accuracy"] {
            assert_eq!(sparse[same], dense[same]);
        }
        for counter in ["events", "spikes", "nonzero_operations"] {
            assert_eq!(total(&sparse, counter), total(&dense, counter), "{counter}");
        }
        // 64 pixels on four tiles and 32 hidden neurons in two words of axons on as many, in each of 17 ticks of six samples.
        assert_eq!(total(&dense, "rows_fetched"), (64 + 32) * 4 * 17 * 6);
        assert!(total(&dense, "rows_fetched") > 2 * total(&sparse, "rows_fetched"));
    }
}

#[test]
fn a_trace_has_what_counting_cores_counted_in_each_tick() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("trace.json");
    let run = report(&["-p", "model", "--trace", path.to_str().unwrap()]);
    let trace: Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
    let nonzero = |tick: &Value| tick["ledger"]["cores_total"]["nonzero_operations"].as_u64().unwrap();
    let counted: u64 = trace["ticks"].as_array().unwrap().iter().map(nonzero).sum();
    assert!(counted > 1000 && counted < total(&run, "nonzero_operations"), "{counted} in one of six samples");
}
