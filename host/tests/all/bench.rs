//! `nernst bench` and `nernst timing` as a user meets them, and the committed files that they make.

use assert_cmd::Command;
use nernst::timing;
use std::path::Path;

fn nernst(arguments: &[&str]) -> (Option<i32>, String, String) {
    let output = Command::cargo_bin("nernst").unwrap().args(arguments).env("RUST_BACKTRACE", "0").output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code(), text(output.stdout), text(output.stderr))
}

#[test]
fn the_array_is_measured_beside_the_model() {
    let dir = tempfile::tempdir().unwrap();
    let path = |name: &str| dir.path().join(name).to_str().unwrap().to_string();
    let (json, svg) = (path("array.json"), path("plots/roofline.svg"));
    let (code, out, error) = nernst(&[
        "bench",
        "array",
        "-c",
        "tiny,tiny-int8",
        "-w",
        "random-64,digits,idle",
        "--images",
        "3",
        "--end-to-end",
        "1",
        "--json",
        &json,
        "--roofline",
        &svg,
    ]);
    assert_eq!((code, error.as_str()), (Some(0), ""), "{out}");
    for words in [
        "tiny: 2 cores, peak 72",
        "tiny-int8: 2 cores, peak 64",
        "digits: 3 images",
        "digits over the wire at 2.94 Mbaud: 1 images",
        "mismatches with the reference model: 0",
    ] {
        assert!(out.contains(words), "{words} is not in {out}");
    }
    let report: serde_json::Value = serde_json::from_slice(&std::fs::read(json).unwrap()).unwrap();
    let configurations = report["configurations"].as_array().unwrap();
    assert_eq!(configurations.len(), 2);
    for measured in configurations.iter().flat_map(|c| c["workloads"].as_array().unwrap()) {
        assert_eq!(measured["mismatches"], 0);
        let clocks = |name: &str| measured["split"][name].as_u64().unwrap();
        assert!(["integrate", "fire", "route", "wait"].map(clocks).iter().sum::<u64>() > 0);
    }
    let end_to_end = &configurations[0]["end_to_end"];
    assert_eq!((&end_to_end["samples"], &end_to_end["mismatches"]), (&1.into(), &0.into()));
    assert_eq!(configurations[0]["roofline"].as_array().unwrap().len(), 10);
    assert!(std::fs::read_to_string(svg).unwrap().contains("synaptic operations per clock"));
}

#[test]
fn growth_is_printed_with_its_fits() {
    let dir = tempfile::tempdir().unwrap();
    let svg = dir.path().join("growth.svg");
    let (code, out, error) = nernst(&["bench", "growth", "--quick", "--plot", svg.to_str().unwrap()]);
    assert_eq!((code, error.as_str()), (Some(0), ""), "{out}");
    assert_eq!(out.matches("at most linear").count(), 6, "{out}");
    assert!(std::fs::read_to_string(svg).unwrap().contains("active axons"));
}

#[test]
fn peers_stand_beside_the_committed_reports() {
    let reports = concat!(env!("CARGO_MANIFEST_DIR"), "/../reports");
    let (code, out, error) = nernst(&["bench", "peers", "--reports", reports]);
    assert_eq!((code, error.as_str()), (Some(0), ""), "{out}");
    for words in ["| Nernst 25f, every lane | peak |", "| SYNtzulu (iCE40UP5K) | peak |", "Comparable:"] {
        assert!(out.contains(words), "{words} is not in {out}");
    }
}

#[test]
fn what_is_unknown_is_answered_with_what_is_known() {
    for (arguments, words) in [
        (&["timing", "tock"][..], "diagrams: walk, turn, spike, write, read, context"),
        (&["bench", "array", "-c", "26f"], "tiny, tiny-int8, 25f"),
        (&["bench", "array", "--images", "0"], "at least one image"),
        (&["bench", "peers", "--reports", "none"], "none"),
    ] {
        let (code, _, error) = nernst(arguments);
        assert_eq!(code, Some(1), "{arguments:?}");
        assert!(error.contains(words), "{words} is not in {error}");
    }
    let (code, _, error) = nernst(&["bench", "array", "-w", "random-513"]);
    assert_eq!(code, Some(2));
    assert!(error.contains("random-K and contexts-K (K of 0 to 512)"), "{error}");
}

/// `make diagrams` makes them again.
#[test]
fn the_committed_timing_diagrams_are_those_of_the_rtl() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/timing");
    let read = |name: String| std::fs::read_to_string(folder.join(&name)).unwrap_or_else(|e| panic!("{name}: {e}"));
    for scenario in timing::scenarios().unwrap() {
        let diagram = timing::run(&scenario).unwrap();
        let name = scenario.name;
        assert_eq!(diagram.wave_json(), read(format!("{name}.json")), "{name}: `make diagrams` draws it again");
        assert_eq!(diagram.svg().unwrap(), read(format!("{name}.svg")), "{name}: `make diagrams` draws it again");
    }
}
