//! Spikes into and out of the command, by files and in pipes.

use crate::common::command::{fails, nernst, succeeds};
use crate::common::files::Files;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};

const NETWORK: &str = "../networks/digits/mlp-32-rate-int4.json";
const DIGITS: &str = "../nir/tests/data/digits16_events.h5";

/// Arguments of a run of 32 hidden neurons on the reference model.
fn run<'a>(rest: &[&'a str]) -> Vec<&'a str> {
    [&["run", "--network", NETWORK, "--config", "tiny", "--port", "model"], rest].concat()
}

/// The same as a process of its own, with pipes.
fn process(rest: &[&str]) -> Child {
    let mut command = Command::new(env!("CARGO_BIN_EXE_nernst"));
    let command = command.args(run(rest)).env_remove("NERNST_PORT").env("RUST_BACKTRACE", "0");
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

/// Two digits as AER text, each to its end.
fn two_digits(files: &Files) -> [String; 2] {
    succeeds(&["convert", "digits", &files.name("two.csv"), "--code", "rate-16", "--limit", "2"]);
    let text = files.text("two.csv");
    let end = text.find("#end 16\n").unwrap() + "#end 16\n".len();
    [text[..end].into(), text[end..].into()]
}

#[test]
fn spikes_of_a_data_set_run_as_the_data_set_does() {
    let files = Files::new();
    let (expected, spikes, labels) = (files.name("data.json"), files.name("digits.h5"), files.name("labels.csv"));
    succeeds(&run(&["--json", &expected, "--limit", "60"]));
    let told = succeeds(&["convert", "digits", &spikes, "--code", "rate-16", "--limit", "60", "--labels", &labels]);
    assert!(told.contains("spikes on 64 lines in 960 ticks of 60 samples"), "{told}");
    for ending in ["npy", "csv"] {
        let again = files.name(&format!("digits.{ending}"));
        succeeds(&["convert", &spikes, &again]);
        let report = files.name("spikes.json");
        let told = succeeds(&run(&["--input", &again, "--labels", &labels, "--json", &report]));
        assert!(told.contains("code spikes, 17 ticks a sample") && told.contains("mismatches: 0 "), "{told}");
        let (data, spikes) = (files.json("data.json"), files.json("spikes.json"));
        for field in ["accuracy", "correct", "classes", "decisions", "ledger"] {
            assert_eq!(data[field], spikes[field], "{ending}: {field}");
        }
    }
}

#[test]
fn without_labels_there_is_no_accuracy_and_all_else() {
    let files = Files::new();
    let (report, trace, html) = (files.name("run.json"), files.name("trace.json"), files.name("report.html"));
    let digits = ["--input", DIGITS, "--dt", "1e-3"];
    let told = succeeds(&run(&[&digits[..], &["--json", &report, "--trace", &trace, "--trace-sample", "15"]].concat()));
    assert!(told.contains("accuracy    not known: 16 samples without labels"), "{told}");
    let json = files.json("run.json");
    assert_eq!((&json["accuracy"], &json["classes"]), (&serde_json::Value::Null, &serde_json::json!([])));
    assert_eq!(json["decisions"].as_array().unwrap().len(), 16);
    assert_eq!(files.json("trace.json")["label"], serde_json::Value::Null);
    // What reads reports and traces takes them.
    succeeds(&["plot", &report, &trace, "--output", &files.name("plots")]);
    assert!(!files.text("plots/comparison.svg").contains("accuracy"));
    assert!(files.text("plots/trace-raster.svg").contains("network says"));
    succeeds(&["report", &report, &report, "--trace", &trace, "--output", &html]);
    assert!(files.text("report.html").contains("not known"));
    succeeds(&["ledger", &report]);
}

#[test]
fn outputs_are_written_as_what_was_counted() {
    let files = Files::new();
    let report = files.name("run.json");
    for name in ["out.csv", "out.npy", "out.h5"] {
        let out = files.name(name);
        succeeds(&run(&["--limit", "5", "--output", &out, "--json", &report]));
        succeeds(&["convert", &out, &files.name("again.csv")]);
        let text = files.text("again.csv");
        assert!(text.starts_with("#lines 10\ntick,address\n"), "{text}");
        assert_eq!(text.matches("#end 17\n").count(), 5);
        let spikes = text.lines().filter(|line| !line.starts_with(['#', 't'])).count();
        assert_eq!(files.json("run.json")["ledger"]["array"]["host_spikes_out"], spikes);
        // The output with the most spikes is the decision, the first of equals.
        for (sample, decision) in text.split("#end 17\n").zip(files.json("run.json")["decisions"].as_array().unwrap()) {
            let output = |line: &str| line.split(',').nth(1)?.parse::<usize>().ok();
            let count = |class| sample.lines().filter(|line| output(line) == Some(class)).count();
            let counts: Vec<usize> = (0..10).map(count).collect();
            let most = (0..10).rev().max_by_key(|&class| counts[class]).unwrap();
            assert_eq!(decision, most, "{counts:?}");
        }
    }
}

#[test]
fn in_a_pipe_the_first_answer_comes_before_the_second_question() {
    let files = Files::new();
    let [first, second] = two_digits(&files);
    let (_, whole, _) = nernst(&run(&["--input", &files.name("two.csv"), "--output", "-"]));
    let mut child = process(&["--input", "-", "--output", "-"]);
    let (mut input, mut output) = (child.stdin.take().unwrap(), BufReader::new(child.stdout.take().unwrap()));
    let mut seen = String::new();
    for digit in [first, second] {
        input.write_all(digit.as_bytes()).unwrap();
        let mut line = String::new();
        // If the answer waited for more, so would this.
        while !line.starts_with("#end") {
            line.clear();
            assert!(output.read_line(&mut line).unwrap() > 0);
            seen.push_str(&line);
        }
    }
    drop(input);
    output.read_to_string(&mut seen).unwrap();
    assert_eq!(seen, whole);
    let rest = child.wait_with_output().unwrap();
    let text = String::from_utf8(rest.stderr).unwrap();
    assert!(
        rest.status.success() && text.contains("mismatches: 0 ") && text.contains("not known: 2 samples"),
        "{text}"
    );
}

#[test]
fn a_pipe_that_is_closed_ends_it_without_a_word() {
    let files = Files::new();
    let [first, _] = two_digits(&files);
    let mut child = process(&["--input", "-", "--output", "-"]);
    drop(child.stdout.take());
    let mut input = child.stdin.take().unwrap();
    // It may be gone before it has read all.
    while input.write_all(first.as_bytes()).is_ok() {}
    let mut text = String::new();
    child.stderr.take().unwrap().read_to_string(&mut text).unwrap();
    assert!(child.wait().unwrap().success());
    assert_eq!(text, "");
    let script =
        format!("{} convert digits - --code rate-16 | head -n 3", Path::new(env!("CARGO_BIN_EXE_nernst")).display());
    let output = Command::new("sh").args(["-c", &script]).output().unwrap();
    assert_eq!(String::from_utf8(output.stdout).unwrap().lines().next(), Some("#lines 64"));
    assert_eq!(String::from_utf8(output.stderr).unwrap(), "");
}

#[cfg(unix)]
#[test]
fn ctrl_c_ends_the_wait_for_spikes() {
    let files = Files::new();
    let [first, _] = two_digits(&files);
    let mut child = process(&["--input", "-", "--output", "-"]);
    let mut input = child.stdin.take().unwrap();
    input.write_all(first.as_bytes()).unwrap();
    let mut output = BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    while !line.starts_with("#end") {
        line.clear();
        assert!(output.read_line(&mut line).unwrap() > 0);
    }
    // Now it waits for a second sample that does not come.
    assert!(Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
    assert_eq!(child.wait().unwrap().code(), Some(130));
    drop(input);
}

#[test]
fn a_wrong_line_is_told_after_the_answers_before_it() {
    let files = Files::new();
    let [first, _] = two_digits(&files);
    let lines = first.lines().count() + 1;
    let input = files.write("wrong.csv", format!("{first}3,64\n#end 16\n"));
    let (code, out, error) = nernst(&run(&["--input", &input, "--output", "-"]));
    assert_eq!(code, 1);
    assert!(out.ends_with("#end 17\n"), "{out}");
    assert!(error.contains(&format!("wrong.csv line {lines}: address 64, expected one below 64")), "{error}");
    assert!(error.contains("help: docs/data.md") && error.lines().count() == 2, "{error}");
}

#[test]
fn limits_budgets_and_ticks_hold_for_spikes_too() {
    let files = Files::new();
    let [first, second] = two_digits(&files);
    let input = files.write("two.csv", [&first[..], &second].concat());
    let report = files.name("run.json");
    succeeds(&run(&["--input", &input, "--limit", "1", "--json", &report]));
    assert_eq!(files.json("run.json")["samples"], 1);
    // The output runs a tick behind the input.
    succeeds(&run(&["--input", &input, "--ticks", "40", "--json", &report]));
    assert_eq!(
        (&files.json("run.json")["samples"], &files.json("run.json")["ticks_per_sample"]),
        (&2.into(), &41.into())
    );
    // The second digit does not come to its end, and so not into the output.
    let out = files.name("out.csv");
    let told = succeeds(&run(&["--input", &input, "--budget", "30ticks", "--output", &out]));
    assert!(told.contains("not known: 1 sample "), "{told}");
    assert_eq!(files.text("out.csv").matches("#end").count(), 1);
    fails(&run(&["--input", &input, "--budget", "3ticks"]), &["no sample was completed"], "larger --budget");
    fails(
        &run(&["--input", &input, "--ticks", "10"]),
        &["two.csv line", "tick 10, expected one below 10"],
        "docs/data.md",
    );
    fails(
        &run(&["--input", &input, "--trace", &report, "--trace-sample", "2"]),
        &["sample 2 is not among the 2"],
        "0 to 1",
    );
}

#[test]
fn labels_must_be_as_many_as_samples() {
    let files = Files::new();
    two_digits(&files);
    let input = files.name("two.csv");
    let labelled = |labels: &str, rest: &[&'static str]| {
        let labels = files.write("labels.csv", labels);
        [run(&["--input", &input, "--labels"]).iter().map(ToString::to_string).collect(), vec![labels]]
            .concat()
            .into_iter()
            .chain(rest.iter().map(ToString::to_string))
            .collect::<Vec<String>>()
    };
    let refused = |labels: &str, words: &[&str], help: &str| {
        let arguments = labelled(labels, &[]);
        fails(&arguments.iter().map(String::as_str).collect::<Vec<_>>(), words, help);
    };
    refused("1\n", &["there are 1 labels", "more samples"], "--limit");
    refused("1\n2\n3\n", &["there are 3 labels", "2 in all samples"], "--limit");
    refused("1\n10\n", &["labels.csv line 2: label `10`, expected a class from 0 to 9"], "docs/data.md");
    let arguments = labelled("label\n5\n5\n5\n", &["--limit", "1"]);
    assert!(succeeds(&arguments.iter().map(String::as_str).collect::<Vec<_>>()).contains("of 1)"));
}

#[test]
fn options_that_say_nothing_are_refused() {
    let files = Files::new();
    two_digits(&files);
    let input = files.name("two.csv");
    fails(&run(&["--pool", "2"]), &["--pool is for reading sensors"], "leave --pool out");
    fails(&run(&["--input", &input, "--dt", "1e-3"]), &["--dt is for formats with times"], "leave --dt out");
    fails(&run(&["--input", &input, "--node", "a"]), &["--node is for NIR files"], "leave --node out");
    fails(&run(&["--output-format", "npy"]), &["--output-format is for spikes that are written"], "leave");
    fails(&run(&["--output", "-", "--json"]), &["cannot both go to standard output"], "--json FILE");
    fails(&run(&["--input", "spikes"]), &["spikes: its name does not end in that of a format"], "--format");
    fails(&run(&["--input", DIGITS]), &["digits16_events.h5", "no time step"], "--dt 1e-3");
    fails(&run(&["--output", &files.name("a.bin")]), &["a.bin: 10 lines, and a sensor of 34 x 34"], "docs/data.md");
    fails(&run(&["--input", &files.write("none.csv", "\n")]), &["no samples in", "none.csv"], "docs/data.md");
    fails(&["convert", "digits", &files.name("a.csv")], &["`digits` is a data set"], "--code rate-16");
    fails(&["convert", &input, &input], &["two.csv is both read and written"], "another file");
    assert!(files.text("two.csv").len() > 1000);
    fails(&["convert", &input, &files.name("a.csv"), "--all"], &["--all is for data sets"], "--all");
    fails(&["convert", "iris", &input, &files.name("a.csv"), "--code", "rate-4"], &["one data set"], "one by one");
    fails(&["convert", &input, &files.name("a.npy"), "--sample", "2"], &["no samples in"], "--sample");
    for wrong in [
        &["--input", "a.csv", "--data", "digits"][..],
        &["--input", "a.csv", "--all"],
        &["--labels", "a.csv"],
        &["--input", "a.csv", "--ticks", "0"],
        &["--input", "a.csv", "--format", "midi"],
        &["--input", "a.bin", "--dt", "0"],
        &["--input", "a.bin", "--shape", "34"],
        &["--input", "a.bin", "--pool", "0"],
    ] {
        assert_eq!(nernst(&run(wrong)).0, 2, "{wrong:?}");
    }
    assert_eq!(nernst(&["convert", "a.csv"]).0, 2);
}

#[test]
fn recordings_of_sensors_go_through_every_format() {
    let files = Files::new();
    let recording = "tests/data/spikes/nmnist.bin";
    let first = files.name("first.csv");
    let told = succeeds(&["convert", recording, &first, "--dt", "1e-3"]);
    assert!(told.contains("5 spikes on 2312 lines in 67 ticks of 1 sample\n"), "{told}");
    let mut last = first.clone();
    let sensor = ["--shape", "34x34", "--dt", "1e-3"];
    for (name, options) in [
        ("b.npy", &[][..]),
        ("c.h5", &sensor[2..]),
        ("d.aedat", &sensor),
        ("e.h5", &[&sensor[..], &["--output-format", "nir-events"]].concat()),
        ("f.bin", &sensor),
        ("g.csv", &sensor),
    ] {
        let next = files.name(name);
        succeeds(&[&["convert", &last, &next], options].concat());
        last = next;
    }
    assert_eq!(files.text("g.csv"), files.text("first.csv"));
    let twice = files.name("twice.csv");
    let pooled = ["--dt", "1e-3", "--pool", "2", "--length", "0.003"];
    succeeds(&[&["convert", recording, recording, &twice][..], &pooled].concat());
    assert_eq!(files.text("twice.csv").matches("#end 3\n").count(), 2);
    assert!(files.text("twice.csv").starts_with("#lines 578\n"));
}

/// The commands of docs/data.md with what stands below each.
fn examples() -> Vec<(String, String)> {
    let text = std::fs::read_to_string("../docs/data.md").unwrap();
    let blocks = text.split("```text\n").skip(1).map(|block| block.split("```").next().unwrap());
    let mut examples = vec![];
    for block in blocks.filter(|block| block.starts_with("$ ")) {
        for line in block.lines() {
            match line.strip_prefix("$ ") {
                Some(command) => examples.push((command.to_string(), String::new())),
                None => *examples.last_mut().map(|(_, printed)| printed).unwrap() += &format!("{line}\n"),
            }
        }
    }
    examples
}

#[cfg(unix)]
#[test]
fn what_the_documentation_shows_is_what_is_printed() {
    let files = Files::new();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    for folder in ["host", "networks", "nir"] {
        std::os::unix::fs::symlink(root.join(folder), files.path(folder)).unwrap();
    }
    let tool = Path::new(env!("CARGO_BIN_EXE_nernst")).parent().unwrap();
    let path = format!("{}:{}", tool.display(), std::env::var("PATH").unwrap());
    let examples = examples();
    assert!(examples.len() > 12);
    for (command, printed) in examples {
        let mut shell = Command::new("sh");
        let shell =
            shell.args(["-c", &command]).env("PATH", &path).env_remove("NERNST_PORT").current_dir(files.path(""));
        let output = shell.output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        assert_eq!((text(output.stdout), text(output.stderr)), (printed, String::new()), "{command}");
    }
}

#[test]
#[ignore = "needs a Python with nir 1.0.8: nir/tests/python/run.sh"]
fn python_reads_the_same_spikes_of_every_file() {
    let python =
        std::env::var_os("NIR_PYTHON").expect("NIR_PYTHON names a Python with nir 1.0.8: use nir/tests/python/run.sh");
    let files = Files::new();
    let [grid, events, array] = ["grid.h5", "events.h5", "array.npy"].map(|name| files.name(name));
    // In steps of 1e-4, 49 * dt / dt rounds down to 48.
    let code = ["--code", "rate-128", "--limit", "20"];
    succeeds(&[&["convert", "digits", &grid, "--dt", "1e-4"], &code[..]].concat());
    succeeds(&["convert", &grid, &events, "--output-format", "nir-events"]);
    succeeds(&["convert", &events, &array, "--dt", "1e-4"]);
    let check = ["tests/data/spikes/check.py", &grid, &events, &array, "1e-4"];
    let output = Command::new(python).args(check).output().unwrap();
    let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
    assert!(output.status.success(), "{}{}", text(&output.stdout), text(&output.stderr));
    print!("{}", text(&output.stdout));
}

#[test]
fn irises_are_trained_and_run() {
    let files = Files::new();
    let network = files.name("iris.json");
    let options = ["--hidden", "16", "--epochs", "40", "--batch", "8", "--quiet", "--output", &network];
    let told = succeeds(&[&["train", "--data", "iris"][..], &options].concat());
    assert!(told.contains("4-16-3, rate-16") && told.contains("scaled to 0..16 by the training part"), "{told}");
    let ran = succeeds(&["run", "-n", &network, "--data", "iris", "--config", "tiny", "--port", "virtual"]);
    assert!(ran.contains("of 30)") && ran.contains("mismatches: 0 "), "{ran}");
    let accuracy: f64 = ran.split("accuracy    ").nth(1).unwrap().split(' ').next().unwrap().parse().unwrap();
    assert!(accuracy > 80.0, "{ran}");
    fails(&["run", "-n", &network, "--config", "tiny", "--port", "model"], &["64 values", "4 inputs"], "trained for");
    // The same flowers by name, in other units and other words, are the same numbers.
    let text = std::fs::read_to_string("../networks/iris/iris.csv").unwrap();
    let renamed = text.lines().enumerate().map(|(number, line)| {
        let mut fields: Vec<String> = line.split(',').map(String::from).collect();
        if number > 0 {
            fields[0] = format!("{}", 10.0 * fields[0].parse::<f64>().unwrap());
            let class: usize = fields[4].parse().unwrap();
            fields[4] = ["setosa", "versicolor", "virginica"][class].into();
        }
        fields.join(";").replace(';', ",") + "\n"
    });
    let own = files.write("own.csv", renamed.collect::<String>());
    let spikes = |data: &str, name: &str| {
        succeeds(&["convert", data, &files.name(name), "--code", "rate-16", "--all"]);
        files.text(name)
    };
    assert_eq!(spikes(&own, "own-spikes.csv"), spikes("iris", "iris-spikes.csv"));
}
