//! The Python package reads what this crate wrote, and the other way round. Run by `tests/python/run.sh`.

mod common;

use common::{data, every_type, mixed, recording, repaired};
use nernst_nir::*;
use std::{path::Path, process::Command};

fn python(command: &str, folder: &Path) {
    let python =
        std::env::var_os("NIR_PYTHON").expect("NIR_PYTHON names a Python with nir 1.0.8: use tests/python/run.sh");
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/python/roundtrip.py");
    let output = Command::new(python).arg(script).arg(command).arg(folder).output().unwrap();
    let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
    assert!(output.status.success(), "{}{}", text(&output.stdout), text(&output.stderr));
    print!("{}", text(&output.stdout));
}

#[test]
#[ignore = "needs a Python with nir 1.0.8: tests/python/run.sh"]
fn the_python_package_reads_every_field_of_what_was_written() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    every_type().write(path("every_type.nir")).unwrap();
    mixed().write(path("mixed.nir")).unwrap();
    repaired().write(path("repaired.nir")).unwrap();
    Graph::read(data("snntorch_rec.nir")).unwrap().write(path("snntorch_rec.nir")).unwrap();
    recording().write(path("recording.h5")).unwrap();
    let mut trap = Recording::default();
    let diagonal: Vec<_> = (0..1000).map(|step| (step, step)).collect();
    trap.add("n", "spikes", Events::from_steps(1000, 1000, 1e-4, &[diagonal]).unwrap());
    trap.write(path("trap.h5")).unwrap();
    python("check", folder.path());
}

#[test]
#[ignore = "needs a Python with nir 1.0.8: tests/python/run.sh"]
fn what_the_python_package_writes_today_is_what_is_in_tests_data() {
    let folder = tempfile::tempdir().unwrap();
    python("generate", folder.path());
    assert_eq!(Graph::read(folder.path().join("every_type.nir")).unwrap(), every_type());
    assert_eq!(Graph::read(folder.path().join("sloppy.nir")).unwrap(), Graph::read(data("sloppy.nir")).unwrap());
    assert_eq!(Recording::read(folder.path().join("recording.h5")).unwrap(), recording());
}
