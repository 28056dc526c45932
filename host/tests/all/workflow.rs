//! The Snakemake workflow, as far as it can be checked without running a tool.

use rust_hdl_bsp_ecp5::cosim::not_run;
use std::path::{Path, PathBuf};
use std::process::Command;

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");

/// Snakemake of `make setup`, or that on `PATH`.
fn snakemake() -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::iter::once(Path::new(ROOT).join(".tools/snakemake/bin")).chain(std::env::split_paths(&path));
    folders.map(|folder| folder.join("snakemake")).find(|program| program.is_file())
}

/// Exit code and output of a dry run of `workflow/config.yaml` with one line of it replaced.
fn dry_run(program: &Path, line: &str, replacement: &str) -> (Option<i32>, String) {
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("config.yaml");
    let config = std::fs::read_to_string(Path::new(ROOT).join("workflow/config.yaml")).unwrap();
    assert!(config.contains(line), "no `{line}` in workflow/config.yaml");
    let output = format!("output: {}", home.path().join("out").display());
    std::fs::write(&file, config.replace("output: build/sweep", &output).replace(line, replacement)).unwrap();
    let output = Command::new(program)
        .args(["--snakefile", "workflow/Snakefile", "--dry-run", "--printshellcmds", "--cores", "1", "--nolock"])
        .arg("--configfile")
        .arg(file)
        .current_dir(ROOT)
        .env("HOME", home.path())
        .env("XDG_CACHE_HOME", home.path())
        .output()
        .unwrap();
    (output.status.code(), String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned())
}

#[test]
fn every_run_is_a_job_and_equal_options_of_yosys_share_a_netlist() {
    let Some(program) = snakemake() else { return not_run("workflow", "snakemake was not found: `make setup`") };
    let (code, text) = dry_run(&program, "  plain: {}", "  plain: {}\n  abc9: {yosys: [-abc9], free_ebr: true}");
    assert_eq!(code, Some(0), "{text}");
    // three sets of options, two of them with Yosys' own, and two seeds
    for (rule, jobs) in [("yosys", 2), ("place_and_route", 6), ("gather", 1)] {
        let jobs = jobs.to_string();
        let found = text.lines().any(|line| line.split_whitespace().eq([rule, jobs.as_str()]));
        assert!(found, "not {jobs} of {rule}: {text}");
    }
    for words in [
        "--yosys-arg=-abc9",
        "--free-ebr --seed 2",
        "--nextpnr-arg=--placer-heap-timingweight=30 --seed 1",
        "--stop-after yosys",
    ] {
        assert!(text.contains(words), "`{words}` is not in: {text}");
    }
    let (code, text) = dry_run(&program, "  plain: {}", "  quick: {nextpn: [--tmg-ripup]}");
    assert_ne!(code, Some(0));
    assert!(text.contains("`nextpn` under `options: quick`: expected yosys, nextpnr or free_ebr"), "{text}");
}
