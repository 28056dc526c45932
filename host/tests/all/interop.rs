//! Files that current frameworks export: each is understood and answers as the framework itself did, or is refused for the reason that
//! was expected. `tests/interop` at the root of the repository has them, with the scripts that make them; `make interop` makes them anew and runs this
//! with them (`INTEROP_FILES` names their folder).

use assert_cmd::Command;
use serde::Deserialize;
use std::path::{Path, PathBuf};

/// What `tests/interop/fixtures.py` writes beside each NIR file, as far as it is used here.
#[derive(Deserialize)]
struct Expected {
    arguments: Vec<String>,
    spikes: serde_json::Value,
    answers: Option<Vec<Vec<f64>>>,
    refused: Option<String>,
}

#[derive(Deserialize)]
struct Report {
    answers: Vec<Vec<f64>>,
}

/// Membranes of a framework are single precision, and here double.
const TOLERANCE: f64 = 1e-4;

fn check(nir: &Path) {
    let name = nir.display();
    let text = std::fs::read_to_string(nir.with_extension("json")).unwrap();
    let expected: Expected = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
    let folder = tempfile::tempdir().unwrap();
    let spikes = folder.path().join("spikes.json");
    std::fs::write(&spikes, expected.spikes.to_string()).unwrap();
    let mut command = Command::cargo_bin("nernst").unwrap();
    command.arg("inspect").arg(nir).args(&expected.arguments).arg("--json").arg("--spikes").arg(&spikes);
    let output = command.output().unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    if let Some(refused) = &expected.refused {
        assert!(!output.status.success() && stderr.contains(refused.as_str()), "{name}: {stderr}");
        return;
    }
    assert!(output.status.success(), "{name}: {stderr}");
    let report: Report = serde_json::from_slice(&output.stdout).unwrap();
    let expected = expected.answers.unwrap();
    let near = |(ours, theirs): (&f64, &f64)| (ours - theirs).abs() <= TOLERANCE * theirs.abs().max(1.0);
    let equal = report.answers.len() == expected.len()
        && report.answers.iter().zip(&expected).all(|(a, b)| a.len() == b.len() && a.iter().zip(b).all(near));
    assert!(equal, "{name} answers {:?}, and there {expected:?}", report.answers);
}

#[test]
fn networks_of_the_frameworks_answer_as_they_did_there() {
    let folder = std::env::var_os("INTEROP_FILES")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/interop/data"), PathBuf::from);
    let files = std::fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut files: Vec<PathBuf> = files.map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "nir"));
    files.sort();
    for framework in ["snntorch", "norse", "sinabs", "rockpool", "spikingjelly"] {
        let of = |path: &&PathBuf| path.file_name().unwrap().to_string_lossy().starts_with(framework);
        assert!(files.iter().filter(of).count() >= 5, "{} has too few files of {framework}", folder.display());
    }
    files.iter().for_each(|path| check(path));
}

#[test]
fn spikes_on_lines_that_there_are_not_are_refused_by_their_place() {
    let folder = tempfile::tempdir().unwrap();
    let spikes = folder.path().join("spikes.json");
    let refusal = |text: &str| {
        std::fs::write(&spikes, text).unwrap();
        let mut command = Command::cargo_bin("nernst").unwrap();
        command.args(["inspect", "../tests/interop/data/snntorch_mlp_zero.nir", "--spikes"]).arg(&spikes);
        let output = command.output().unwrap();
        assert!(!output.status.success());
        String::from_utf8(output.stderr).unwrap()
    };
    let line = refusal("[[[], [7]], [[0, 8]]]");
    assert!(line.contains("line 8 fires in step 0 of sample 1") && line.contains("there are 8 input lines"), "{line}");
    let other = refusal("{}");
    assert!(other.contains("spikes.json is no list of samples, each a list of steps, each a list of lines"), "{other}");
}
