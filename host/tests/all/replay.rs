//! A random system that is written as files runs by the command that is printed with it.

#[path = "../../../sim/tests/all/common/systems/files.rs"]
mod files;
#[allow(dead_code, reason = "a test needs a part of it")]
#[path = "../../../sim/tests/all/common/systems/plan.rs"]
mod plan;
#[path = "../../../sim/tests/all/common/systems/system.rs"]
mod system;

use assert_cmd::Command;
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::TestRunner;
use system::System;

#[test]
fn random_systems_are_run_again_from_their_files() {
    let folder = tempfile::tempdir().unwrap();
    let mut runner = TestRunner::deterministic();
    let mut spikes = 0;
    for number in 0..3 {
        let plan = plan::plan().new_tree(&mut runner).unwrap().current();
        let system = plan.on(&plan.config());
        let again = files::save(&system, &folder.path().join(number.to_string())).unwrap();
        let (program, arguments) = again.split_once(' ').unwrap();
        assert_eq!(program, "nernst");
        let mut command = Command::cargo_bin("nernst").unwrap();
        let output = command.args(arguments.split(' ')).args(["--json"]).assert().success().get_output().stdout.clone();
        let report: serde_json::Value = serde_json::from_slice(&output).unwrap();
        let lines: usize = system.samples.iter().flatten().map(Vec::len).sum();
        assert_eq!(report["ledger"]["array"]["host_spikes_in"], lines, "{report:#}");
        assert_eq!(report["samples"], system.samples.len(), "{report:#}");
        spikes += report["ledger"]["array"]["host_spikes_out"].as_u64().unwrap();
    }
    assert!(spikes > 0, "systems that do nothing test nothing");
}
