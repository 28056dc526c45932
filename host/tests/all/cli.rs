//! The command as a user meets it: a process, its output and its exit code.

use crate::common::files::Files;
use crate::common::random_image;
use assert_cmd::Command;
use nernst_spec::{ArrayConfig, Image};

fn nernst(arguments: &[&str]) -> Command {
    let mut command = Command::cargo_bin("nernst").unwrap();
    command.args(arguments).env_remove("NERNST_PORT").env_remove("NERNST_BAUD").env("RUST_BACKTRACE", "0");
    command
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// Standard output of a command that succeeds.
fn succeeds(arguments: &[&str]) -> String {
    let output = nernst(arguments).output().unwrap();
    assert!(output.status.success(), "{arguments:?}: {}", text(&output.stderr));
    assert_eq!(text(&output.stderr), "", "{arguments:?}");
    text(&output.stdout)
}

/// Asserts that a command fails with exit code 1, one line of error that has all of these words, and one line of help that has
/// the last.
fn fails(arguments: &[&str], words: &[&str], help: &str) {
    let output = nernst(arguments).output().unwrap();
    let error = text(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{arguments:?}: {error}");
    let lines: Vec<&str> = error.lines().collect();
    assert_eq!(lines.len(), if help.is_empty() { 1 } else { 2 }, "{arguments:?}: {error}");
    assert!(lines[0].starts_with("error: "), "{error}");
    for word in words {
        assert!(lines[0].contains(word), "`{word}` is not in: {error}");
    }
    if !help.is_empty() {
        assert!(lines[1].starts_with("help: ") && lines[1].contains(help), "`{help}` is not in: {error}");
    }
    assert!(!error.contains("panicked") && !error.contains("os error 0"), "{error}");
}

fn image(files: &Files, name: &str, config: &str) -> String {
    files.write(name, random_image(&ArrayConfig::ready(config).unwrap(), 1).to_bytes())
}

#[test]
fn a_run_agrees_with_the_model_and_says_so() {
    let files = Files::new();
    let image = image(&files, "net.nim", "tiny");
    let (json, trace) = (files.name("report.json"), files.name("trace.json"));
    for port in ["model", "model-pty"] {
        let arguments = ["run", "-i", &image, "-p", port, "-l", "7", "--membranes", "--json", &json, "--trace", &trace];
        let out = succeeds(&arguments);
        assert!(out.contains("mismatches: 0 (0 of spikes, 0 of counters, 0 of membranes)"), "{out}");
        for word in ["communication", "computation", "synaptic_operations", "accuracy", "samples/s"] {
            assert!(out.contains(word), "{word} is not in {out}");
        }
        let report: serde_json::Value = serde_json::from_slice(&std::fs::read(&json).unwrap()).unwrap();
        assert_eq!(report["samples"], 7);
        assert_eq!(report["ledger"]["array"]["ticks"], 7 * 16);
        assert_eq!(report["mismatches"]["spikes"], 0);
        assert_eq!(report["decisions"].as_array().unwrap().len(), 7);
        let trace: nernst::trace::Trace = serde_json::from_slice(&std::fs::read(&trace).unwrap()).unwrap();
        assert_eq!((trace.ticks.len(), trace.sample, trace.recorded.len()), (16, 0, 10));
        assert!(trace.ticks.iter().any(|tick| !tick.spikes.is_empty()));
    }
    let out = succeeds(&["run", "-i", &image, "-p", "model", "-l", "2", "--json"]);
    let report: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!(report["mismatches"]["membranes"], serde_json::Value::Null);
}

#[test]
fn info_and_load_tell_what_is_there() {
    let files = Files::new();
    let out = succeeds(&["info", "-p", "model:85f"]);
    assert!(out.contains("1728 neurons, 512 input lines") && out.contains("core 7"), "{out}");
    let out = succeeds(&["info", "-p", "model-pty:tiny", "--json"]);
    let info: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!(info["identity"]["config"]["name"], "tiny");
    assert_eq!(info["ledger"]["cores"].as_array().unwrap().len(), 2);
    let out = succeeds(&["load", "-i", &image(&files, "net.nim", "tiny"), "-p", "model"]);
    assert!(out.contains("4308 words") && out.contains("verified"), "{out}");
    assert!(succeeds(&["ports"]).contains("virtual"));
    assert!(succeeds(&["boards"]).contains("ulx3s-85f"));
    assert!(succeeds(&["completions", "bash"]).contains("nernst"));
    assert!(succeeds(&["--version"]).contains(env!("CARGO_PKG_VERSION")));
}

#[test]
fn images_that_are_none_are_refused_by_kind() {
    let files = Files::new();
    let whole = random_image(&ArrayConfig::ready("tiny").unwrap(), 1).to_bytes();
    let mut damaged = whole.clone();
    damaged[1000] ^= 4;
    let mut old = whole.clone();
    old[8] = 0;
    let cases: [(&str, Vec<u8>, &str); 5] = [
        ("cut.nim", whole[..whole.len() / 2].to_vec(), "cut short"),
        ("foreign.nim", b"PK\x03\x04 something else".to_vec(), "not a Nernst image"),
        ("damaged.nim", damaged, "damaged"),
        ("old.nim", old, "format version 0"),
        ("empty.nim", vec![], "not a Nernst image"),
    ];
    for (name, bytes, words) in cases {
        let path = files.write(name, bytes);
        fails(&["load", "-i", &path, "-p", "model"], &[name, words], "nernst compile");
        fails(&["run", "-i", &path, "-p", "model"], &[name, words], "nernst compile");
    }
    fails(&["run", "-i", &files.name("none.nim"), "-p", "model"], &["none.nim", "No such file"], "nernst compile");
}

#[test]
fn networks_that_cannot_be_are_refused_before_anything_is_written() {
    let files = Files::new();
    let shipped = concat!(env!("CARGO_MANIFEST_DIR"), "/../networks/digits/mlp-128-rate-int4.json");
    let whole = std::fs::read_to_string(shipped).unwrap();
    let mut network: serde_json::Value = serde_json::from_str(&whole).unwrap();
    network["projections"][0]["weights"][3][5] = serde_json::Value::Null;
    let empty = files.write("empty.json", network.to_string());
    let nan = files.write("nan.json", network.to_string().replace("null", "NaN"));
    let cut = files.write("cut.json", &whole[..whole.len() / 2]);
    let image = files.name("net.nim");
    let refused = |network: &str, config: &str, words: &[&str]| {
        fails(&["compile", network, "-c", config, "-o", &image], words, "");
        assert!(!files.path("net.nim").exists());
    };
    refused(&empty, "25f", &["empty.json", "projection 0", "`weights` row 3 column 5 is not a finite number"]);
    refused(&nan, "25f", &["nan.json", "projection 0", "`weights` row 3 column 5 is not a finite number"]);
    refused(&cut, "25f", &["cut.json", "line"]);
    refused(&files.name("none.json"), "25f", &["none.json", "No such file"]);
    refused(
        shipped,
        "tiny",
        &["needs 138 neurons of INT4", "tiny has 72", "that hold it: 25f, 25f-contexts, 25f-banked, 25f-chained, 85f"],
    );
}

#[test]
fn an_image_for_another_array_is_refused_with_both_shapes() {
    let files = Files::new();
    let image = image(&files, "net.nim", "tiny");
    let words = ["`tiny` (2 x 4 tiles INT4, 64 inputs)", "`25f` (4 x 12 tiles INT4, 512 inputs)"];
    fails(&["run", "-i", &image, "-p", "model:25f"], &words, "compile the network for `25f`");
    fails(&["load", "-i", &image, "-p", "model:25f"], &words, "compile the network for `25f`");
}

#[test]
fn data_that_does_not_fit_is_refused() {
    let files = Files::new();
    let image = image(&files, "net.nim", "tiny");
    let run = |extra: &[&str], words: &[&str], help: &str| {
        fails(&[&["run", "-i", &image, "-p", "model"], extra].concat(), words, help);
    };
    let wide = files.write("wide.csv", format!("{}0\n{}1\n", "1,".repeat(65), "2,".repeat(65)));
    run(&["-d", &wide], &["65 values", "64 inputs"], "trained for");
    run(&["-d", &files.name("none.csv")], &["none.csv"], "");
    run(&["--limit", "0"], &["no samples"], "--limit");
    run(&["--limit", "3", "--trace", "t.json", "--trace-sample", "3"], &["sample 3"], "0 to 2");
    run(&["--limit", "3", "--trace", "t.json", "--record", "72"], &["neuron 72"], "0 to 71");
    let foreign_code = {
        let mut image: Image = random_image(&ArrayConfig::ready("tiny").unwrap(), 1);
        image.coding = "phase-3".into();
        files.write("phase.nim", image.to_bytes())
    };
    fails(&["run", "-i", &foreign_code, "-p", "model"], &["unknown code `phase-3`"], "compile the network again");
}

#[test]
fn unknown_names_are_answered_with_the_known_ones() {
    let files = Files::new();
    fails(
        &["info", "-p", "model:26f"],
        &["unknown configuration `26f`"],
        "tiny, tiny-int8, 25f, 25f-int8, 25f-contexts, 25f-banked, 25f-chained, 85f",
    );
    let bitstream = files.write("top.bit", "");
    fails(&["flash", "-b", "ulx3s", &bitstream], &["unknown board `ulx3s`"], "ulx3s-12f, ulx3s-25f");
    fails(&["flash", "-b", "ulx3s-25f", &files.name("no.bit")], &["no.bit"], "nernst synth --board ulx3s-25f");
}

#[test]
fn the_rtl_in_simulation_agrees_with_the_model_through_either_port() {
    let files = Files::new();
    let image = image(&files, "net.nim", "tiny");
    let decisions = |port: &str| {
        let out = succeeds(&["run", "-i", &image, "-p", port, "-l", "5", "--membranes", "--json"]);
        let report: serde_json::Value = serde_json::from_str(&out).unwrap();
        assert_eq!(report["mismatches"]["membranes"], 0);
        let counters = &report["ledger"];
        let [ticking, clocks] = ["tick_clocks", "clocks"].map(|name| counters["array"][name].as_u64().unwrap());
        // The RTL has a clock, its ticks take some of it, and a core is busy in ticks only.
        assert!(ticking <= clocks, "{ticking} clocks of ticks in {clocks}");
        for core in 0..2 {
            let busy = counters["cores"][core]["busy_clocks"].as_u64().unwrap();
            assert!(0 < busy && busy <= ticking, "core {core}: {busy} busy clocks in {ticking} of ticks");
        }
        report["decisions"].clone()
    };
    let expected = {
        let out = succeeds(&["run", "-i", &image, "-p", "model", "-l", "5", "--json"]);
        serde_json::from_str::<serde_json::Value>(&out).unwrap()["decisions"].clone()
    };
    assert_eq!(decisions("virtual"), expected);
    assert_eq!(decisions("virtual-direct:tiny"), expected);
}

#[test]
fn rtl_is_written_with_its_pins() {
    let files = Files::new();
    let out = succeeds(&["rtl", "-b", "ulx3s-25f", "-c", "tiny", "-o", &files.name("rtl")]);
    assert!(out.contains("top.v") && out.contains("top.lpf"), "{out}");
    let verilog = std::fs::read_to_string(files.path("rtl/top.v")).unwrap();
    // One block RAM for each tile of weights, and the PLL.
    assert!(verilog.contains("module top(") && verilog.contains("PDPW16KD") && verilog.contains("EHXPLLL"));
    let lpf = std::fs::read_to_string(files.path("rtl/top.lpf")).unwrap();
    assert!(lpf.contains("LOCATE COMP \"uart_rx\"") && lpf.contains("FREQUENCY PORT \"clock\" 25 MHZ"), "{lpf}");
    fails(&["rtl", "-b", "ulx3s", "-c", "tiny", "-o", "x"], &["unknown board `ulx3s`"], "ulx3s-12f, ulx3s-25f");
    fails(&["rtl", "-b", "ecp5-evn", "-c", "tiny", "-o", "x"], &["cannot make 50 MHz from 12 MHz"], "--freq 48");
    fails(&["rtl", "-b", "ulx3s-25f", "-c", "giant", "-o", "x"], &["unknown configuration `giant`"], "tiny, tiny-int8");
}

#[test]
fn synthesis_names_what_it_lacks() {
    let files = Files::new();
    fails(&["synth", "-b", "ulx3s", "-c", "tiny"], &["unknown board `ulx3s`"], "ulx3s-12f, ulx3s-25f");
    fails(&["synth", "-b", "ulx3s-25f", "-c", "giant"], &["unknown configuration `giant`"], "tiny, tiny-int8");
    fails(&["synth", "-b", "ulx3s-25f", "-c", "tiny", "-f", "1"], &["3000000 baud at a clock of 1000000 Hz"], "--freq");
    let tools = files.name("");
    fails(&["synth", "-b", "ulx3s-25f", "-c", "tiny", "--tools", &tools], &["yosys was not found", "pip install"], "");
}

#[test]
fn a_missing_loader_is_told_with_how_to_get_it() {
    let files = Files::new();
    let bitstream = files.write("top.bit", "");
    let output = nernst(&["flash", "-b", "ulx3s-25f", &bitstream]).env("PATH", files.path("")).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let error = text(&output.stderr);
    assert!(
        error.contains("openFPGALoader is not installed") && error.contains("apt install openfpgaloader"),
        "{error}"
    );
}

#[test]
fn a_wrong_configuration_file_is_named_with_its_line() {
    let files = Files::new();
    let toml = files.write("wrong.toml", "name = \"mine\"\nclock_hz = 50_000_000\nbaud = \"fast\"\n");
    fails(&["info", "-p", &format!("model:{toml}")], &["wrong.toml", "line 3"], "");
    let binary = files.write("binary.toml", [0xff, 0xfe, 0x00]);
    fails(&["info", "-p", &format!("model:{binary}")], &["binary.toml"], "check the path");
    fails(&["info", "-p", "model:none/such.toml"], &["none/such.toml"], "check the path");
}

#[test]
fn wrong_usage_has_its_own_exit_code() {
    for arguments in [&["run"][..], &["run", "-i", "a", "-n", "b"], &["fly"], &["info", "--baud", "fast"], &[]] {
        let output = nernst(arguments).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
    }
}

#[test]
fn a_nir_file_is_shown_as_neurons_that_take_steps() {
    let (rec, mlp) = ("../nir/tests/data/snntorch_rec.nir", "../nir/tests/data/snntorch_mlp_fp32.nir");
    let digits = "tests/data/digits-sklearn-test.csv.gz";
    let shown = succeeds(&["inspect", rec, "--data", digits, "--all", "--code", "rate-16"]);
    for words in [
        "the time step is 1e-4 = tau/R, as node `lif1.lif` has it",
        "64 inputs, 74 neurons, 8832 synapses",
        "lif1.lif    lif1.lif        4096  -0.3306 to 0.3821     1",
        "floating point: 96.94 % of 360 samples",
    ] {
        assert!(shown.contains(words), "`{words}` is not in: {shown}");
    }
    let json: serde_json::Value =
        serde_json::from_str(&succeeds(&["inspect", mlp, "--json", "--data", digits, "--all", "--code", "rate-16"]))
            .unwrap();
    assert_eq!((&json["neurons"], &json["accuracy"]), (&138.into(), &(348.0 / 360.0).into()));
    let files = Files::new();
    let other = files.write("other.csv", "1,2,0\n");
    fails(
        &["inspect", mlp, "--data", &other, "--code", "rate-16"],
        &["2 values and 1 classes", "64 inputs"],
        "trained for",
    );
    let every = "../nir/tests/data/every_type.nir";
    fails(&["inspect", every], &["every_type.nir: node `cuba_li` (CubaLI): no neuron"], "export it again");
    let sloppy = "../nir/tests/data/sloppy.nir";
    fails(&["inspect", sloppy], &["node `cuba` (CubaLIF) has time constants without a step"], "--dt");
    fails(&["inspect", &other], &["other.csv cannot be read as HDF5"], "");
}

#[test]
fn a_convolutional_network_of_snntorch_runs_on_the_array() {
    let (conv, rec) = ("../nir/tests/data/snntorch_conv.nir", "../nir/tests/data/snntorch_rec.nir");
    let digits = ["--data", "tests/data/digits-sklearn-test.csv.gz", "--all"];
    let files = Files::new();
    let network = files.name("conv.json");
    let import = |file, bits| {
        [&["import", file, "--code", "rate-16", "--bits", bits, "--output", &network], &digits[..]].concat()
    };
    let told = succeeds(&import(conv, "8"));
    assert!(told.contains("floating point: 95.00 % of 360") && told.contains("INT8 integers: 95.28 %"), "{told}");
    let told = succeeds(&import(conv, "4"));
    assert!(told.contains("INT4 integers: 95.28 %") && told.contains("`3` in INT4: weights off by"), "{told}");
    let ran =
        succeeds(&[&["run", "--network", &network, "--config", "25f", "--port", "virtual"], &digits[..]].concat());
    assert!(ran.contains("95.28 % (343 of 360)") && ran.contains("mismatches: 0 "), "{ran}");
    for (bits, integers) in [("8", "INT8 integers: 96.67 %"), ("4", "INT4 integers: 96.94 %")] {
        let told = succeeds(&import("../nir/tests/data/snntorch_mlp_fp32.nir", bits));
        assert!(told.contains("floating point: 96.67 % of 360") && told.contains(integers), "{told}");
    }
    // Recurrence with biases, as an image at once.
    let image = files.name("rec.nim");
    let told = succeeds(&[&import(rec, "8")[..], &["--image", &image, "--config", "25f-int8"]].concat());
    assert!(told.contains("INT8 integers: 97.50 %") && told.contains("1 of them spike in every step"), "{told}");
    let ran = succeeds(&[&["run", "--image", &image, "--limit", "20", "--port", "virtual"], &digits[..]].concat());
    assert!(ran.contains("mismatches: 0 "), "{ran}");
    // What does not fit leaves no file.
    let (network, image) = (files.name("no.json"), files.name("no.nim"));
    let import = ["import", conv, "--code", "rate-16", "--output", &network, "--image", &image, "--config", "tiny"];
    fails(&import, &["does not fit configuration tiny"], "");
    assert!(!files.path("no.json").exists() && !files.path("no.nim").exists());
}

#[test]
fn a_configuration_is_made_for_a_network_and_holds_it() {
    let files = Files::new();
    let (config, network, conv) =
        (files.name("convolutions-for-the-45f.toml"), files.name("conv.json"), "../nir/tests/data/snntorch_conv.nir");
    let told = succeeds(&["fit", conv, "--board", "ulx3s-45f", "--output", &config]);
    assert!(told.contains("block RAMs") && told.contains("not placed and routed"), "{told}");
    succeeds(&["import", conv, "--code", "rate-16", "--output", &network]);
    let told = succeeds(&["compile", &network, "--config", &config, "--output", &files.name("conv.nim")]);
    // A board has room for 16 characters of the name.
    assert!(told.contains("on convolutions-for: 18 ticks a sample"), "{told}");
    fails(
        &["fit", "../networks/digits/mlp-128-rate-int4.json", "--board", "none"],
        &["unknown board `none`"],
        "boards:",
    );
}

#[test]
fn a_network_goes_to_nir_and_comes_back() {
    let files = Files::new();
    let (nir, again) = (files.name("rnn.nir"), files.name("again.json"));
    let network = "../networks/digits/rnn-128-rate-int4.json";
    assert!(succeeds(&["export", network, "--output", &nir]).contains("rate-16 in time steps of 1e-4 s"));
    let told = succeeds(&["import", &nir, "--code", "rate-16", "--bits", "4", "--data", "digits", "--output", &again]);
    // What was trained in integers is that in floating point, too, but for the rounding of membranes.
    assert!(told.contains("of 360 samples") && told.contains("INT4 integers: 98.06 %"), "{told}");
    fails(&["export", &nir, "--output", &again], &["rnn.nir", "stream did not contain valid UTF-8"], "");
}

#[test]
fn a_monitor_needs_a_terminal() {
    let files = Files::new();
    let image = image(&files, "net.nim", "tiny");
    fails(&["monitor", "-i", &image, "-p", "model"], &["no terminal"], "nernst run");
}
