//! Ticks at the pace of the board's clock, as a user meets them.

use crate::common::command::nernst;
use serde_json::{Value, json};

const NETWORK: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../networks/digits/mlp-32-rate-int4.json");

fn run(port: &str, arguments: &[&str]) -> (i32, String, String) {
    nernst(&[&["run", "-n", NETWORK, "-c", "tiny", "-p", port, "-l", "4"], arguments].concat())
}

fn report(port: &str, arguments: &[&str]) -> Value {
    let (code, out, error) = run(port, &[arguments, &["--json"]].concat());
    assert_eq!((code, error.as_str()), (0, ""), "{arguments:?}");
    serde_json::from_str(&out).unwrap()
}

#[test]
fn a_pace_changes_nothing_but_time_and_every_late_tick_is_named() {
    let free = report("virtual", &[]);
    assert!(free["pace"].is_null());
    let slow = report("virtual", &["--tick-period", "100us"]);
    assert_eq!(slow["pace"], json!({ "period_clocks": 5_000, "period": 1e-4, "late": [] }));
    let hurried = report("virtual", &["--tick-period", "1us"]);
    for paced in [&slow, &hurried] {
        assert_eq!(paced["decisions"], free["decisions"]);
        assert_eq!(paced["mismatches"]["first"], json!([]));
    }
    // A tick takes longer than that, so that only the first is in time.
    let ticks = hurried["ledger"]["array"]["ticks"].as_u64().unwrap();
    let late = hurried["pace"]["late"].as_array().unwrap();
    assert_eq!(late.len() as u64, ticks - 1);
    assert_eq!(late[0], json!({ "sample": 0, "tick": 1 }));
    assert_eq!(late.last().unwrap(), &json!({ "sample": 3, "tick": ticks / 4 - 1 }));
}

#[test]
fn a_summary_says_how_many_ticks_were_late() {
    let (code, out, _) = run("virtual", &["--tick-period", "1us"]);
    assert_eq!(code, 0);
    assert!(out.contains("pace        a tick every 1.000 us (50 clocks): "), "{out}");
    assert!(out.contains(" were late, the first of them tick 1 of sample 0"), "{out}");
    // What has no clock is never late.
    let (_, out, _) = run("model", &["--tick-period", "1ms"]);
    assert!(out.contains("a tick every 1000.000 us (50000 clocks): none of "), "{out}");
}

#[test]
fn a_period_that_the_board_cannot_keep_is_refused() {
    for (period, says) in [("100ns", "0.32 us to 85.9 s"), ("5min", "0.32 us to 85.9 s"), ("soon", "--tick-period")] {
        let (code, _, error) = run("model", &["--tick-period", period]);
        assert!(code != 0 && error.contains(says), "{period}: {error}");
    }
}
