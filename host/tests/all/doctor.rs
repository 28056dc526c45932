//! `nernst doctor` and the benches of the link, from outside the process.

use crate::common::command::{fails, nernst, succeeds};
use serde_json::Value;

#[test]
fn a_board_that_works_is_told_so() {
    let out = succeeds(&["doctor", "--port", "model"]);
    for words in ["looking at model", "round trip", "nothing lost", "built for one rate, 3000000 baud"] {
        assert!(out.contains(words), "`{words}` is not in: {out}");
    }
    let report: Value = serde_json::from_str(&succeeds(&["doctor", "--port", "model", "--json"])).unwrap();
    assert_eq!((&report["port"], &report["line"]["rate"]["mismatches"]), (&"model".into(), &0.into()));
    assert!(report["findings"].as_array().unwrap().iter().all(|finding| finding["level"] == "fine"), "{report}");
}

#[test]
fn a_port_that_is_not_there_is_a_problem() {
    fails(&["doctor", "--port", "/dev/no-such-port"], &["/dev/no-such-port", "does not exist"], "nernst ports");
    let (code, out, _) = nernst(&["doctor", "--port", "/dev/no-such-port", "--json"]);
    let report: Value = serde_json::from_str(&out).unwrap();
    assert_eq!((code, &report["findings"][0]["level"]), (1, &"problem".into()));
}

#[test]
fn a_line_that_goes_away_or_loses_bytes_is_told() {
    let (code, out, error) = nernst(&["doctor", "--port", "model", "--faults", "disconnect@3000"]);
    assert_eq!(code, 1, "{out}");
    assert!(
        out.contains("PROBLEM port `model`: the device is gone") && error.contains("help: check the cable"),
        "{out}{error}"
    );
    let out = succeeds(&["doctor", "--port", "model", "--faults", "all=1e-3"]);
    assert!(out.contains("advice  the line loses"), "{out}");
}

#[test]
#[cfg(unix)]
fn a_serial_port_is_looked_at_and_tried() {
    use nernst_sim::{PtyBoard, ReferenceBoard};
    let config = nernst_spec::ArrayConfig::ready("tiny").unwrap();
    let board = PtyBoard::spawn(ReferenceBoard::new(&config), None).unwrap();
    let path = board.path().to_str().unwrap();
    let out = succeeds(&["doctor", "--port", path]);
    assert!(out.contains("round trip") && out.contains("back at once"), "{out}");
    if cfg!(target_os = "linux") {
        assert!(out.contains("this user may open it"), "{out}");
    }
}

#[test]
fn the_rtl_carries_spikes_in_both_directions_at_the_speed_of_its_uart() {
    let folder = tempfile::tempdir().unwrap();
    let json = folder.path().join("link.json");
    let out = succeeds(&["bench", "link", "--config", "25f", "--ticks", "1000", "--json", json.to_str().unwrap()]);
    assert!(
        out.contains("RTL with its UART") && out.contains("spikes that did not come back as they went: 0"),
        "{out}"
    );
    let rates: Value = serde_json::from_str(&std::fs::read_to_string(&json).unwrap()).unwrap();
    for way in ["to_board", "from_board"] {
        let share = rates[0][way]["of_capacity"].as_f64().unwrap();
        // In the time of the simulation, which is the same on every machine.
        assert!(0.95 < share && share < 1.0, "{way}: {share}");
    }
    assert_eq!(rates[0]["link"]["frames_resent"], 0);
}

#[test]
fn faults_are_tried_one_kind_after_the_other() {
    let folder = tempfile::tempdir().unwrap();
    let table = folder.path().join("table.md");
    let arguments = ["bench", "faults", "--rtl", "--config", "tiny", "--images", "4", "--rates", "1e-4,1e-3"];
    let out = succeeds(&[&arguments[..], &["--table", table.to_str().unwrap()]].concat());
    assert!(out.contains("disconnect") && out.contains("stall"), "{out}");
    let table = std::fs::read_to_string(table).unwrap();
    assert!(table.contains("in all of them together: 0.") && table.contains("| drop |"), "{table}");
    fails(&["bench", "faults", "--rates", "2"], &["2 is no probability"], "0 to 1");
}
