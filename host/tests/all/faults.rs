//! What a user meets when the line is bad, the cable comes out, or the board is reset in the middle of a run.

use crate::common::command::{fails, nernst, succeeds};
use crate::common::files::Files;
use crate::common::{random_image, random_spikes};
use nernst::port::Direct;
use nernst::runner::{RunError, Runner};
use nernst::session::{Session, SessionError};
use nernst_sim::{Activity, Board, BoardError, ReferenceBoard};
use nernst_spec::link::{Command, Frame, PROTOCOL_VERSION};
use nernst_spec::{ArrayConfig, Image};
use serde_json::Value;
use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

fn config() -> ArrayConfig {
    ArrayConfig::ready("tiny").unwrap()
}

fn image(files: &Files) -> String {
    files.write("net.nim", random_image(&config(), 1).to_bytes())
}

/// Bytes of 200 samples of this image through the model, image included: to the board, and both ways.
fn bytes(image: &str) -> (u64, u64) {
    let run = ["run", "-i", image, "-p", "model", "-l", "200", "--json"];
    let report: Value = serde_json::from_str(&succeeds(&run)).unwrap();
    let link = &report["link"];
    let count = |name: &str| link[name].as_u64().unwrap();
    (count("bytes_out"), count("bytes_out") + count("bytes_in"))
}

#[test]
fn a_bad_cable_is_rehearsed_and_its_faults_are_told() {
    let files = Files::new();
    let (image, json) = (image(&files), files.name("run.json"));
    let run = ["run", "-i", &image, "-p", "model", "-l", "50", "--json", &json];
    let out = succeeds(&[&run[..], &["--faults", "drop=3e-4,flip=3e-4,tear=1e-3,delay=1e-4,seed=7"]].concat());
    assert!(out.contains("mismatches: 0 "), "{out}");
    let line = out.lines().find(|line| line.starts_with("faults ")).unwrap();
    assert!(line.contains(") injected; ") && line.contains(" drop") && line.contains(" flip"), "{line}");
    let report = files.json("run.json");
    let faults = &report["faults"];
    assert_eq!(faults["plan"], "drop=0.0003,flip=0.0003,delay=0.0001:20ms,tear=0.001,seed=7");
    assert!(faults["counts"]["drop"].as_u64() > Some(0) && faults["counts"]["stall"] == 0, "{faults}");
    assert_eq!(report["complete"], true);
    // A whole run through a bad line is a whole run.
    succeeds(&["ledger", &json]);
    // Without faults nothing is said of them.
    let out = succeeds(&run);
    assert!(!out.contains("faults ") && files.json("run.json").get("faults").is_none(), "{out}");
}

#[test]
fn a_wrong_plan_of_faults_is_wrong_usage() {
    let (code, _, error) = nernst(&["info", "-p", "model", "--faults", "dorp=1e-4"]);
    assert_eq!(code, 2, "{error}");
    assert!(
        error.contains("item `dorp=1e-4`: unknown kind `dorp`; allowed are") && error.contains("disconnect"),
        "{error}"
    );
}

#[test]
fn what_was_run_before_the_cable_came_out_is_kept_and_never_passes_for_all() {
    let files = Files::new();
    let (image, json) = (image(&files), files.name("run.json"));
    let faults = format!("disconnect@{}", bytes(&image).1 * 4 / 5);
    let run = ["run", "-i", &image, "-p", "model", "-l", "200", "--json", &json, "--faults", &faults];
    let (code, out, error) = nernst(&run);
    assert_eq!(code, 1, "{error}");
    let report = files.json("run.json");
    let samples = report["samples"].as_u64().unwrap();
    assert!(0 < samples && samples < 200, "{samples}");
    let ended = format!("error: the run ended after {samples} of 200 samples: port `model`: the device is gone\n");
    assert!(error.starts_with(&ended) && error.contains("help: check the cable"), "{error}");
    assert!(out.starts_with(&format!("INCOMPLETE  ended after {samples} of 200 samples")), "{out}");
    assert_eq!((&report["complete"], report.get("ledger"), report.get("accuracy")), (&Value::Bool(false), None, None));
    assert_eq!(report["decisions"].as_array().unwrap().len() as u64, samples);
    assert_eq!(report["classes"].as_array().unwrap().len() as u64, samples);
    assert_eq!(report["mismatches"]["spikes"], 0);
    // The decisions are those of a run that nothing interrupts.
    let whole: Value =
        serde_json::from_str(&succeeds(&["run", "-i", &image, "-p", "model", "-l", "200", "--json"])).unwrap();
    assert!(whole["decisions"].as_array().unwrap().starts_with(report["decisions"].as_array().unwrap()));
    let words = ["run.json", "incomplete", &format!("after {samples} samples")];
    fails(&["ledger", &json], &words, "run the network again");
    fails(&["report", &json, "--output", &files.name("report.html")], &words, "run the network again");
    fails(&["plot", &json, "--output", &files.name("plots")], &words, "run the network again");
    // To standard output it is JSON and nothing else.
    let (code, out, _) = nernst(&[&run[..7], &["--json", "--faults", &faults]].concat());
    assert_eq!((code, serde_json::from_str::<Value>(&out).unwrap()["complete"].clone()), (1, Value::Bool(false)));
}

/// A board of which nothing is left after so many bytes.
#[cfg(unix)]
struct Unplugged {
    board: ReferenceBoard,
    bytes: usize,
}

#[cfg(unix)]
impl Board for Unplugged {
    fn exchange(&mut self, input: &mut VecDeque<u8>, output: &mut VecDeque<u8>) -> Result<Activity, BoardError> {
        self.bytes = self.bytes.saturating_sub(input.len());
        if self.bytes == 0 {
            // Its end of the pseudo-terminal is closed.
            return Err(BoardError::Failed("unplugged".into()));
        }
        self.board.exchange(input, output)
    }
}

#[test]
#[cfg(unix)]
fn a_serial_port_that_goes_away_ends_the_run_with_what_was_done() {
    let files = Files::new();
    let (image, json) = (image(&files), files.name("run.json"));
    let board = Unplugged { board: ReferenceBoard::new(&config()), bytes: bytes(&image).0 as usize * 4 / 5 };
    let pty = nernst_sim::PtyBoard::spawn(board, None).unwrap();
    let port = pty.path().to_str().unwrap();
    let (code, _, error) = nernst(&["run", "-i", &image, "-p", port, "-l", "200", "--json", &json]);
    assert_eq!(code, 1, "{error}");
    let report = files.json("run.json");
    let samples = report["samples"].as_u64().unwrap();
    assert!(0 < samples && samples < 200, "{report}");
    assert!(error.contains(&format!("after {samples} of 200 samples: port `{port}`")), "{error}");
    assert!(error.contains("help: check the cable"), "{error}");
    assert_eq!(report["complete"], false);
}

/// A board that is reset when so many bytes have come to it.
struct Reset {
    board: ReferenceBoard,
    until: usize,
    /// Another host begins a session with it at once.
    other_host: bool,
    /// Ends a host that would wait for ever.
    patience: u64,
    stop: Arc<AtomicBool>,
}

impl Board for Reset {
    fn exchange(&mut self, input: &mut VecDeque<u8>, output: &mut VecDeque<u8>) -> Result<Activity, BoardError> {
        self.patience = self.patience.saturating_sub(1);
        if self.patience == 0 {
            self.stop.store(true, Ordering::Relaxed);
        }
        if input.len() >= self.until && self.until > 0 {
            // What came before is lost with everything else, and what it was sending breaks off.
            input.drain(..self.until);
            output.truncate(output.len() / 2);
            (self.board, self.until) = (ReferenceBoard::new(&config()), 0);
            if self.other_host {
                let command = Command::Synchronise { version: PROTOCOL_VERSION, number: 1 };
                let payload = command.payload();
                let frame = Frame { kind: command.kind(), sequence: 0, acknowledge: 0, auxiliary: 0, payload };
                self.board.exchange(&mut frame.encode().into(), &mut VecDeque::new())?;
            }
        }
        self.until = self.until.saturating_sub(input.len());
        self.board.exchange(input, output)
    }
}

/// Runs samples on a board that is reset after so many bytes, if any. Returns the bytes to it, those of the image and all, and the mismatches.
fn run_with_reset(image: &Image, bytes: Option<usize>, other_host: bool) -> Result<(usize, usize, u64), RunError> {
    let stop = Arc::new(AtomicBool::new(false));
    let board = ReferenceBoard::new(&config());
    let board = Reset { board, until: bytes.unwrap_or(0), other_host, patience: 100_000, stop: stop.clone() };
    let mut session = Session::open_until(Box::new(Direct::new("test", board)), stop)?;
    session.load(image, |_, _| {})?;
    let loaded = session.statistics().bytes_out as usize;
    let mut runner = Runner::new(&mut session, image, false)?;
    runner.run((0..70).map(|seed| random_spikes(seed, 12, 64, 0.3)), |_, _| {})?;
    let mismatches = runner.finish()?.1.total();
    Ok((loaded, session.statistics().bytes_out as usize, mismatches))
}

#[test]
fn a_board_that_was_reset_ends_the_run_with_what_to_do() {
    let image = random_image(&config(), 1);
    let (loaded, all, mismatches) = run_with_reset(&image, None, false).unwrap();
    assert_eq!(mismatches, 0);
    // At every place in the samples, the last frames among them.
    for bytes in (loaded..all).step_by(31) {
        let error = run_with_reset(&image, Some(bytes), false).unwrap_err();
        let RunError::Session(error @ SessionError::Lost { .. }) = error else { panic!("{bytes}: {error}") };
        assert!(error.to_string().contains("was reset") && error.help().unwrap().contains("loads the network anew"));
    }
}

#[test]
fn a_board_that_another_host_took_is_never_silently_wrong() {
    let image = random_image(&config(), 1);
    let (loaded, all, _) = run_with_reset(&image, None, false).unwrap();
    for bytes in (loaded..all).step_by(61) {
        if let Ok((.., mismatches)) = run_with_reset(&image, Some(bytes), true) {
            assert!(mismatches > 0, "{bytes}: a board without a network that nobody noticed");
        }
    }
}
