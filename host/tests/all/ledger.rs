//! `nernst ledger` and `nernst calibrate` as a user meets them: from outside the process.

use crate::common::command::{fails, nernst, succeeds};
use crate::common::files::Files;
use crate::common::random_image;
use nernst_spec::ArrayConfig;
use std::fmt::Write;
use std::path::Path;

/// The report of a run of a random network on the reference model.
fn run(files: &Files, name: &str, seed: u64, limit: &str) -> String {
    let image = files.write("net.nim", random_image(&ArrayConfig::ready("tiny").unwrap(), seed).to_bytes());
    let json = files.name(name);
    succeeds(&["run", "-i", &image, "-p", "model", "-l", limit, "--json", &json]);
    json
}

fn json(text: &str) -> serde_json::Value {
    serde_json::from_str(text).unwrap()
}

fn read(path: &str) -> serde_json::Value {
    json(&std::fs::read_to_string(Path::new(path)).unwrap())
}

#[test]
fn a_run_is_billed_with_grades_and_what_is_left_out() {
    let files = Files::new();
    let run = run(&files, "run.json", 1, "20");
    let out = succeeds(&["ledger", &run]);
    for words in [
        "no --prices given: ecp5",
        "joules are estimates",
        "communication : computation (cortex 35 : 1",
        "not priced: ",
    ] {
        assert!(out.contains(words), "`{words}` is not in {out}");
    }
    let out = succeeds(&["ledger", &run, "-p", "loihi", "-p", "horowitz-45nm", "-p", "cortex"]);
    for words in [
        "range over loihi, horowitz-45nm, cortex",
        "information about the class",
        "Miller and Madow",
        "kT ln 2 at 300 K",
        "Davidson and Furber",
        "(simulated, Loihi)",
    ] {
        assert!(out.contains(words), "`{words}` is not in {out}");
    }
    // No joule without the evidence for it.
    let grades = ["assumed", "derived", "simulated", "measured"];
    let joules = |line: &&str| line.split_whitespace().any(|word| ["J", "mJ", "uJ", "nJ", "pJ", "fJ"].contains(&word));
    let bill: Vec<&str> = out.lines().filter(|line| !line.contains("published") && line.starts_with("  ")).collect();
    let with_joules: Vec<&&str> = bill.iter().filter(|line| joules(line) && !line.starts_with("    ")).collect();
    assert!(with_joules.len() > 5, "{out}");
    for line in with_joules.iter().filter(|line| !line.contains(':')) {
        assert!(
            grades.iter().any(|grade| line.contains(&format!("({grade}, ")) || line.contains(&format!("({grade})"))),
            "{line}"
        );
    }
}

#[test]
fn joules_are_the_counts_of_the_report_times_the_price() {
    let files = Files::new();
    let run = run(&files, "run.json", 2, "10");
    let report = read(&run);
    let operations = report["ledger"]["cores_total"]["synaptic_operations"].as_u64().unwrap() as f64;
    // What the network has in each core is there, too.
    let image = random_image(&ArrayConfig::ready("tiny").unwrap(), 2);
    for (core, of) in report["cores"].as_array().unwrap().iter().zip(&image.cores) {
        let nonzero = |neuron: usize| of.rows.values().filter(move |row| row[neuron] != 0).count();
        let synapses: Vec<usize> = (0..36).map(nonzero).collect();
        assert_eq!(core["axons"], of.rows.len());
        assert_eq!(core["weights"], 36 * of.rows.len());
        assert_eq!(core["synapses"], synapses.iter().sum::<usize>());
        assert_eq!(core["neurons"], synapses.iter().filter(|count| **count > 0).count());
    }
    let (classes, decisions) = (report["classes"].as_array().unwrap(), report["decisions"].as_array().unwrap());
    let right = classes.iter().zip(decisions).filter(|(class, decision)| class == decision).count();
    assert_eq!((classes.len(), report["correct"].as_u64().unwrap() as usize), (10, right));
    let statement = json(&succeeds(&["ledger", &run, "--prices", "truenorth", "--json", "--grid-intensity", "100"]));
    let bill = &statement["bills"][0];
    let joules = bill["total"]["joules"].as_f64().unwrap();
    assert!((joules / (operations * 26e-12) - 1.0).abs() < 1e-12);
    assert_eq!((bill["scope"].as_str(), bill["total"]["grade"].as_str()), (Some("all-in"), Some("measured")));
    assert_eq!(statement["range"], serde_json::Value::Null);
    let grams = statement["figures"][0]["run"]["co2_grams"].as_f64().unwrap();
    assert!((grams / (joules / 3.6e6 * 100.0) - 1.0).abs() < 1e-12);
    assert_eq!(statement["crossovers"].as_array().unwrap().len(), 6);
    let both = json(&succeeds(&["ledger", &run, "-p", "loihi", "-p", "cortex", "--json", "-"]));
    assert!(both["range"]["total"]["low"].as_f64() < both["range"]["total"]["high"].as_f64());
    assert_eq!(both["range"]["total"]["grade"], "derived");
}

#[test]
fn bills_leave_as_csv_and_in_other_units() {
    let files = Files::new();
    let run = run(&files, "run.json", 3, "5");
    let text = succeeds(&["ledger", &run, "--csv", "--prices", "loihi"]);
    let mut rows = csv::Reader::from_reader(text.as_bytes());
    assert_eq!(
        rows.headers().unwrap(),
        ["prices", "device", "group", "counter", "place", "count", "joules", "grade", "source"].as_slice()
    );
    let rows: Vec<csv::StringRecord> = rows.records().map(Result::unwrap).collect();
    let operations = |row: &&csv::StringRecord| &row[3] == "synaptic_operations";
    let counts: u64 = rows.iter().filter(operations).map(|row| row[5].parse::<u64>().unwrap()).sum();
    assert_eq!(rows.iter().filter(operations).count(), 2, "a row for each core");
    assert_eq!(Some(counts), read(&run)["ledger"]["cores_total"]["synaptic_operations"].as_u64());
    assert!(rows.iter().any(|row| &row[3] == "rows_fetched" && row[6].is_empty() && row[7].is_empty()), "unpriced");
    let units = "joule,atp,landauer,co2";
    let (file, json) = (files.name("bill.csv"), files.name("bill.json"));
    let out = succeeds(&["ledger", &run, "--units", units, "--grid-intensity", "400", "--csv", &file, "--json", &json]);
    assert!(out.contains(" ATP = ") && out.contains(" kT ln 2 = ") && out.contains("g CO2 ("), "{out}");
    assert!(std::fs::read_to_string(&file).unwrap().starts_with("prices,") && read(&json)["version"] == 1);
}

#[test]
fn every_counter_is_explained_in_a_sentence() {
    let out = succeeds(&["ledger", "--explain"]);
    for counter in nernst::energy::counters::all() {
        assert!(out.contains(counter.definition.name) && out.contains(counter.definition.sentence), "{counter:?}");
    }
    assert!(out.contains("truenorth") && out.contains("all-in"), "{out}");
}

#[test]
fn what_cannot_be_billed_is_refused_with_what_to_do() {
    let files = Files::new();
    let run = run(&files, "run.json", 4, "2");
    fails(&["ledger", &files.name("none.json")], &["cannot read", "none.json"], "nernst run --json");
    let current = format!("version {}", nernst::report::VERSION);
    let mut old: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(&run).unwrap()).unwrap();
    old["version"] = 1.into();
    fails(&["ledger", &files.write("old.json", old.to_string())], &["version 1", &current], "run the network again");
    fails(&["ledger", &files.write("x.json", "[]")], &["x.json is no run report"], "nernst run --json");
    fails(&["ledger", &run, "-p", "bitcoin"], &["unknown price table `bitcoin`"], "truenorth");
    fails(&["ledger", &run, "-p", &files.name("no.toml")], &["cannot read price table"], "loihi");
    fails(&["ledger", &run, "-p", "truenorth", "-p", "loihi"], &["truenorth", "all-in", "loihi"], "twice");
    fails(&["ledger", &run, "--units", "co2"], &["grid"], "--grid-intensity");
    let price = "name = 'x'\ntitle = 'x'\n[[price]]\ncounter = 'synops'\nvalue = 1\nunit = 'pJ'\nsource = 's'\n\
                 grade = 'assumed'\nscope = 'all-in'\n";
    fails(
        &["ledger", &run, "-p", &files.write("p.toml", price)],
        &["p.toml", "price 1", "synops"],
        "synaptic_operations",
    );
    assert_eq!(nernst(&["ledger"]).0, 2, "without a run");
    assert_eq!(nernst(&["ledger", &run, "--temperature", "0"]).0, 2);
}

/// Runs of random networks, and files of a meter that saw 0.5 W and 1 uJ for each synaptic operation.
fn measure(files: &Files, workloads: usize) -> (String, String) {
    const SECONDS: usize = 10;
    let mut list = String::from("run,start,end\n");
    let mut readings = String::from("time,watts\n");
    for number in 0..workloads {
        let report = run(files, &format!("run-{number}.json"), number as u64, &(1 + number * 3 % 11).to_string());
        let operations = read(&report)["ledger"]["cores_total"]["synaptic_operations"].as_u64().unwrap() as f64;
        let start = number * (SECONDS + 2);
        writeln!(list, "run-{number}.json,{},{}", start + 1, start + 1 + SECONDS).unwrap();
        for tenth in 0..10 * (SECONDS + 2) {
            // A ripple with mean 0 stands for a meter's noise.
            let ripple = 0.001 * ((tenth + number) as f64 * 2.4).sin();
            let watts = 0.5 + ripple + operations * 1e-6 / SECONDS as f64;
            writeln!(readings, "{:.1},{watts:.6}", start as f64 + tenth as f64 / 10.0).unwrap();
        }
    }
    (files.write("meter.csv", readings), files.write("workloads.csv", list))
}

#[test]
fn a_calibration_prices_the_next_run() {
    let files = Files::new();
    let (meter, workloads) = measure(&files, 8);
    let table = files.name("bench.toml");
    let arguments = ["calibrate", "-m", &meter, "-w", &workloads, "-t", "a bench", "-o", &table];
    let out = succeeds(&[&arguments[..], &["-c", "synaptic_operations"]].concat());
    assert!(out.contains("8 workloads, 6 degrees of freedom") && out.contains("95 % confidence interval"), "{out}");
    let run = files.name("run-3.json");
    let statement = json(&succeeds(&["ledger", &run, "--prices", &table, "--json"]));
    let operations = read(&run)["ledger"]["cores_total"]["synaptic_operations"].as_u64().unwrap() as f64;
    let lines = statement["bills"][0]["lines"].as_array().unwrap();
    let line = lines.iter().find(|line| line["counter"] == "synaptic_operations").unwrap();
    let (joules, error) = (line["joules"].as_f64().unwrap(), line["standard_error"].as_f64().unwrap());
    assert!((joules / (operations * 1e-6) - 1.0).abs() < 0.01 && error > 0.0, "{joules} {operations}");
    assert_eq!(line["grade"], "measured");
    let text = succeeds(&["ledger", &run, "--prices", &table]);
    assert!(text.contains("fit: workloads = 8") && text.contains("a bench, by `nernst calibrate`"), "{text}");

    assert!(text.contains("depends on when the host's bytes arrived: here at port model"), "{text}");

    let both = [&arguments[..], &["-c", "synaptic_operations,rows_fetched"]].concat();
    fails(&both, &["synaptic_operations, rows_fetched cannot be told apart"], "--counters");
    let many = [&arguments[..], &["-c", "synaptic_operations,neuron_updates,bus_transfers,spikes,events"]].concat();
    fails(&many, &["8 workloads are too few for 6 prices"], "more workloads");
    let bad = files.write("bad.csv", "time,watts\n1,0.5\n2,high\n");
    fails(&["calibrate", "-m", &bad, "-w", &workloads, "-t", "t", "-o", &table], &["bad.csv, line 3"], "time,watts");
    let back = files.write("back.csv", "time,watts\n1,0.5\n0.5,0.5\n");
    fails(
        &["calibrate", "-m", &back, "-w", &workloads, "-t", "t", "-o", &table],
        &["line 3", "0.5 s comes after 1 s"],
        "ascending",
    );
    // Without times of its own a workload has those of its report, long after this meter's.
    let timeless = files.write("timeless.csv", "run\nrun-1.json\n");
    let arguments = ["calibrate", "-m", &meter, "-w", &timeless, "-t", "t", "-o", &table];
    fails(&arguments, &["readings go from 0 s to 95.9 s"], "one clock for both");
    let gone = files.write("gone.csv", "run,start,end\nnone.json,1,5\n");
    fails(
        &["calibrate", "-m", &meter, "-w", &gone, "-t", "t", "-o", &table],
        &["line 2", "none.json"],
        "nernst run --json",
    );
}
