//! Samples that go to the board as values, beside the same as spikes, as a user meets them.

use crate::common::command::nernst;
use nernst::coding::Coding;
use nernst::port::Direct;
use nernst::session::{RESET_LEDGER, RESET_STATE, Session};
use nernst_sim::ReferenceBoard;
use nernst_spec::ArrayConfig;
use serde_json::Value;

fn network(name: &str) -> String {
    format!("{}/../networks/digits/{name}.json", env!("CARGO_MANIFEST_DIR"))
}

/// The report of a run.
fn report(network: &str, arguments: &[&str]) -> Value {
    let (code, out, error) = nernst(&[&["run", "-n", network, "--membranes", "--json"], arguments].concat());
    assert_eq!((code, error.as_str()), (0, ""), "{arguments:?}");
    serde_json::from_str(&out).unwrap()
}

/// Counters that are a function of network and samples alone.
fn activity(report: &Value) -> Value {
    let keep = ["ticks", "bus_transfers", "bus_destinations", "host_spikes_in", "host_spikes_out"];
    let array: Vec<&Value> = keep.iter().map(|name| &report["ledger"]["array"][name]).collect();
    serde_json::json!([array, report["ledger"]["cores_total"]["synaptic_operations"], report["decisions"]])
}

fn assert_equal(name: &str, config: &str, port: &str, samples: &str) -> [Value; 2] {
    let network = network(name);
    let [spikes, values] =
        ["spikes", "values"].map(|send| report(&network, &["-c", config, "-p", port, "-l", samples, "--send", send]));
    assert_eq!(values["mismatches"], spikes["mismatches"], "{name} on {port}");
    assert_eq!(values["mismatches"]["first"], serde_json::json!([]));
    assert_eq!(activity(&values), activity(&spikes), "{name} on {port}");
    [spikes, values]
}

#[test]
fn values_give_what_their_spikes_give_and_say_what_they_saved() {
    for (name, config) in [
        ("mlp-128-rate-int4", "25f"),
        ("mlp-128-latency-int4", "25f"),
        ("mlp-128-rate-int8", "25f-int8"),
        ("conv-8-16-rate-int4", "25f-contexts"),
    ] {
        let [spikes, values] = assert_equal(name, config, "model", "40");
        assert!(spikes["values_in"].is_null());
        let said = &values["values_in"];
        let of = |name: &str| said[name].as_u64().unwrap();
        assert_eq!(of("samples"), 40);
        assert!(of("values") >= 40 * 64);
        assert_eq!(of("spikes"), values["ledger"]["array"]["host_spikes_in"].as_u64().unwrap(), "{name}");
        // What it says of spikes is what a run with spikes put on the line: payloads, and ten bytes of frame a command.
        let payload = spikes["spikes_in"]["payload_bytes"].as_u64().unwrap();
        assert!(of("bytes_as_spikes") >= payload + 40 * 10 && of("bytes_as_spikes") <= payload + 40 * 20, "{name}");
        let (as_values, as_spikes) = (of("bytes"), of("bytes_as_spikes"));
        assert!(as_values >= 40 * (19 + 40), "{name}: {as_values} bytes");
        assert!(
            !name.contains("rate") || as_spikes > 2 * as_values,
            "{name}: {as_values} bytes, {as_spikes} as spikes"
        );
    }
}

#[test]
fn the_rtl_makes_the_spikes_of_the_model() {
    for (name, config) in [("mlp-32-rate-int4", "tiny"), ("mlp-128-latency-int4", "25f")] {
        assert_equal(name, config, "virtual", "6");
    }
}

#[test]
fn a_budget_ends_values_at_the_tick_at_which_it_ends_spikes() {
    let network = network("mlp-32-rate-int4");
    for port in ["model", "virtual"] {
        let [spikes, values] = ["spikes", "values"].map(|send| {
            report(&network, &["-c", "tiny", "-p", port, "-l", "6", "--budget", "40000operations", "--send", send])
        });
        assert_eq!(values["budget"], spikes["budget"]);
        assert!(values["budget"]["stopped_after_ticks"].is_u64());
        assert_eq!(activity(&values), activity(&spikes));
    }
}

#[test]
fn a_summary_and_a_bill_say_what_values_took() {
    let network = network("mlp-128-rate-int4");
    let directory = tempfile::tempdir().unwrap();
    let json = directory.path().join("run.json");
    let json = json.to_str().unwrap();
    let arguments = ["run", "-n", &network, "-p", "model", "-l", "9", "--send", "values", "--json", json];
    let (code, out, error) = nernst(&arguments);
    assert_eq!((code, error.as_str()), (0, ""));
    let line = out.lines().find(|line| line.starts_with("values in")).expect("what values took");
    assert!(line.contains("bits on the wire") && line.contains("times as many"), "{line}");
    assert!(!out.contains("code in"), "{out}");
    let (code, out, _) = nernst(&["ledger", json]);
    assert_eq!(code, 0);
    assert!(out.contains(line.trim_start_matches("values in").trim()), "{out}");
    let (_, out, _) = nernst(&["ledger", json, "--json"]);
    let statement: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(statement["values_in"]["samples"], 9);
}

#[test]
fn what_cannot_be_sent_as_values_is_refused() {
    let network = network("mlp-128-rate-int4");
    let directory = tempfile::tempdir().unwrap();
    let spikes = directory.path().join("spikes.aer");
    std::fs::write(&spikes, "#lines 64\n0,1\n#end 16\n").unwrap();
    let input = spikes.to_str().unwrap();
    let (code, _, error) = nernst(&["run", "-n", &network, "-p", "model", "--input", input, "--send", "values"]);
    assert!(code == 1 && error.contains("no values that the board could encode"), "{error}");
}

#[test]
fn more_values_than_a_frame_holds_go_in_several() {
    let config = ArrayConfig::ready("25f").unwrap();
    let board = || Session::open(Box::new(Direct::new("test", ReferenceBoard::new(&config)))).unwrap();
    let (mut session, mut other) = (board(), board());
    for largest in [1u8, 16] {
        let values: Vec<u8> = (0..512u32).map(|line| (line * 7 % 17) as u8 % (largest + 1)).collect();
        for coding in [Coding::Rate, Coding::Latency] {
            for session in [&mut session, &mut other] {
                session.reset(RESET_STATE | RESET_LEDGER).unwrap();
            }
            session.post_values(coding.code(), &values, 8, 3).unwrap();
            let mut spikes = coding.encode(&values, 8);
            spikes.resize(11, vec![]);
            assert_eq!(session.take_run(11).unwrap(), other.run(&spikes).unwrap());
            let (ledger, expected) = (session.ledger().unwrap(), other.ledger().unwrap());
            assert_eq!(ledger.differences(&expected), []);
        }
    }
    assert!(session.post_values(Coding::Rate.code(), &[0; 513], 1, 0).is_err());
}
