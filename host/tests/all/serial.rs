//! The command against serial ports: pseudo-terminals that behave as boards, and as what is none.
#![cfg(unix)]

use crate::common::random_image;
use crate::common::scripted::Scripted;
use nernst_sim::{Board, PtyBoard, ReferenceBoard};
use nernst_spec::ArrayConfig;
use nernst_spec::link::{Deframer, Frame, Kind, PROTOCOL_VERSION, Reply};
use std::collections::VecDeque;
use std::io::{BufRead, BufReader};
use std::process::{Child, ChildStdout, Command, Output, Stdio};
use tempfile::TempDir;

fn nernst() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_nernst"));
    command.env_remove("NERNST_PORT").env_remove("NERNST_BAUD").env("RUST_BACKTRACE", "0");
    command
}

/// Asserts that `nernst info` fails on a port with one line of error and one of help that have these words.
fn info_fails(port: &str, error: &str, help: &str) {
    let output = nernst().args(["info", "-p", port]).output().unwrap();
    let text = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{text}");
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.len(), 2, "{text}");
    assert!(lines[0].starts_with("error: ") && lines[0].contains(error), "`{error}` is not in: {text}");
    assert!(lines[0].contains(port), "{text}");
    assert!(lines[1].starts_with("help: ") && lines[1].contains(help), "`{help}` is not in: {text}");
}

fn serve(script: impl FnMut(&mut VecDeque<u8>, &mut VecDeque<u8>) + Send + 'static) -> (PtyBoard, String) {
    let board = PtyBoard::spawn(Scripted(script), None).unwrap();
    let path = board.path().to_str().unwrap().to_string();
    (board, path)
}

#[test]
fn ports_that_are_none() {
    info_fails("/dev/no-such-port", "does not exist", "--port virtual");
    let file = tempfile::NamedTempFile::new().unwrap();
    info_fails(file.path().to_str().unwrap(), "not a serial port", "--port virtual");
}

#[test]
fn a_port_that_is_taken() {
    let (_board, path) = serve(|_, _| {});
    let taken = serialport::new(&path, 115_200).open().unwrap();
    info_fails(&path, "in use by another program", "end the program");
    drop(taken);
    info_fails(&path, "no answer", "powered and flashed");
}

#[test]
fn devices_that_are_no_boards() {
    let (_board, path) = serve(|_, output| output.extend(b"U-Boot 2024.01\r\n\0"));
    info_fails(&path, "not as a Nernst board", "--baud");
    let (_board, path) = serve(|input, output| output.extend(input.iter()));
    info_fails(&path, "an echo", "--baud");
}

#[test]
fn a_board_of_another_protocol_version() {
    let mut deframer = Deframer::new();
    let (_board, path) = serve(move |input, output| {
        for frame in input.drain(..).filter_map(|byte| deframer.push(byte)).flatten() {
            if frame.kind == Kind::Synchronise {
                let number = u32::from_le_bytes(frame.payload[1..5].try_into().unwrap());
                let reply = Reply::Synchronised { version: PROTOCOL_VERSION + 1, number };
                let payload = reply.payload();
                output
                    .extend(Frame { kind: reply.kind(), sequence: 0, acknowledge: 0, auxiliary: 9, payload }.encode());
            }
        }
    });
    info_fails(
        &path,
        &format!("speaks protocol version {}, this program version {PROTOCOL_VERSION}", PROTOCOL_VERSION + 1),
        "the version of nernst that the board was built with",
    );
}

#[test]
fn a_board_that_dies_in_the_middle_of_a_load() {
    let config = ArrayConfig::ready("tiny").unwrap();
    let mut board = ReferenceBoard::new(&config);
    let mut bytes = 0;
    let (_board, path) = serve(move |input, output| {
        bytes += input.len();
        if bytes < 3000 {
            board.exchange(input, output).unwrap();
        }
    });
    let dir = tempfile::tempdir().unwrap();
    let image = image(&dir);
    let output = nernst().args(["load", "-i", &image, "-p", &path]).output().unwrap();
    let text = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(text.contains("stopped answering") && text.contains("help: check cable and power"), "{text}");
}

fn image(dir: &TempDir) -> String {
    let path = dir.path().join("net.nim");
    std::fs::write(&path, random_image(&ArrayConfig::ready("tiny").unwrap(), 1).to_bytes()).unwrap();
    path.to_str().unwrap().into()
}

const MODEL: &[&str] = &["--engine", "model"];

/// A child process that is killed when a test ends before it.
struct Process(Child);

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// `nernst vboard`, ready, and the port it answers on.
fn vboard(dir: &TempDir, engine: &[&str]) -> (Process, BufReader<ChildStdout>, String) {
    let link = dir.path().join("board");
    let mut child = nernst()
        .args(["vboard", "--config", "tiny"])
        .args(engine)
        .arg("--link")
        .arg(&link)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut out = BufReader::new(child.stdout.take().unwrap());
    let process = Process(child);
    let mut line = String::new();
    out.read_line(&mut line).unwrap();
    assert_eq!(line, format!("ready {}\n", link.display()));
    (process, out, link.to_str().unwrap().into())
}

fn run(image: &str, port: &str) -> Output {
    nernst().args(["run", "-i", image, "-p", port, "--limit", "50", "--membranes"]).output().unwrap()
}

fn assert_right(output: &Output) {
    let (out, error) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success() && out.contains("mismatches: 0 "), "{out}{error}");
}

fn signal(process: &Process, name: &str) {
    let status = Command::new("kill").args([name, &process.0.id().to_string()]).status().unwrap();
    assert!(status.success());
}

/// A run of very many samples that has sent at least this many bytes.
#[cfg(target_os = "linux")]
fn run_in_the_middle(dir: &TempDir, image: &str, port: &str, bytes: u64) -> Process {
    let data = dir.path().join("many.csv");
    let row = |n: usize| format!("{}{}\n", "7,0,16,3,".repeat(16), n % 10);
    std::fs::write(&data, (0..100_000).map(row).collect::<String>()).unwrap();
    let arguments = ["run", "-i", image, "-p", port, "-d", data.to_str().unwrap()];
    let child = nernst().args(arguments).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let mut process = Process(child);
    let io = format!("/proc/{}/io", process.0.id());
    loop {
        assert!(process.0.try_wait().unwrap().is_none(), "the run ended by itself");
        let counters = std::fs::read_to_string(&io).unwrap_or_default();
        let written = counters.lines().find_map(|line| line.strip_prefix("wchar: ")?.parse::<u64>().ok());
        if written.unwrap_or(0) > bytes {
            return process;
        }
        std::thread::yield_now();
    }
}

#[test]
#[cfg(target_os = "linux")]
fn a_host_that_is_killed_leaves_a_board_that_works() {
    let dir = tempfile::tempdir().unwrap();
    let image = image(&dir);
    let (_board, _out, port) = vboard(&dir, MODEL);
    // While it loads, and deeper and deeper in the run.
    for bytes in [3_000, 60_000, 200_000, 500_000] {
        let mut host = run_in_the_middle(&dir, &image, &port, bytes);
        host.0.kill().unwrap();
        host.0.wait().unwrap();
        assert_right(&run(&image, &port));
    }
}

#[test]
#[cfg(target_os = "linux")]
fn a_second_host_is_told_which_program_has_the_board() {
    let dir = tempfile::tempdir().unwrap();
    let image = image(&dir);
    let (_board, _out, port) = vboard(&dir, MODEL);
    let host = run_in_the_middle(&dir, &image, &port, 60_000);
    // Through the symbolic link as well as by the name of the device.
    let device = std::fs::read_link(&port).unwrap();
    for port in [&port, device.to_str().unwrap()] {
        info_fails(port, &format!("in use by nernst (process {})", host.0.id()), "end nernst (`kill ");
    }
    drop(host);
    assert_right(&run(&image, &port));
}

#[test]
#[cfg(target_os = "linux")]
fn ctrl_c_ends_a_run_tidily() {
    let dir = tempfile::tempdir().unwrap();
    let image = image(&dir);
    let (_board, _out, port) = vboard(&dir, MODEL);
    let mut host = run_in_the_middle(&dir, &image, &port, 60_000);
    signal(&host, "-INT");
    assert_eq!(host.0.wait().unwrap().code(), Some(130));
    let mut error = String::new();
    std::io::Read::read_to_string(&mut host.0.stderr.take().unwrap(), &mut error).unwrap();
    assert_eq!(error, "error: stopped\n");
    assert_right(&run(&image, &port));
}

#[test]
fn a_virtual_board_ends_with_ctrl_c_and_takes_its_link_away() {
    let dir = tempfile::tempdir().unwrap();
    let (mut board, _out, port) = vboard(&dir, MODEL);
    assert!(std::fs::symlink_metadata(&port).is_ok());
    signal(&board, "-INT");
    assert!(board.0.wait().unwrap().success());
    assert!(std::fs::symlink_metadata(&port).is_err());
}

#[test]
fn a_link_does_not_replace_a_file() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let output = nernst().args(["vboard", "--config", "tiny", "--link"]).arg(file.path()).output().unwrap();
    let error = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(error.contains("is no symbolic link") && error.lines().count() == 1, "{error}");
    assert!(file.path().is_file());
}

#[test]
fn the_rtl_answers_bit_by_bit_through_its_uart() {
    let dir = tempfile::tempdir().unwrap();
    let image = image(&dir);
    let (_board, _out, port) = vboard(&dir, &["--uart-bits", "4"]);
    assert_right(&nernst().args(["run", "-i", &image, "-p", &port, "-l", "2", "--membranes"]).output().unwrap());
}

#[test]
fn waveforms_are_whole_when_the_board_ends() {
    let dir = tempfile::tempdir().unwrap();
    let vcd = dir.path().join("board.vcd");
    let (mut board, _out, port) = vboard(&dir, &["--vcd", vcd.to_str().unwrap()]);
    assert!(nernst().args(["info", "-p", &port]).output().unwrap().status.success());
    signal(&board, "-INT");
    assert!(board.0.wait().unwrap().success());
    let text = std::fs::read_to_string(&vcd).unwrap();
    assert!(text.contains("$enddefinitions") && text.ends_with('\n'), "{} bytes", text.len());
    assert!(text.lines().filter(|line| line.starts_with('#')).count() > 100);
}

#[test]
fn options_of_the_virtual_board_that_cannot_be_are_refused() {
    for (arguments, error) in [
        (&["--engine", "model", "--uart-bits", "4"][..], "neither bits nor waveforms"),
        (&["--uart-bits", "3"], "at least 4 clocks a bit"),
        (&["--vcd", "/no/such/folder/x.vcd"], "/no/such/folder/x.vcd"),
    ] {
        let output = nernst().args(["vboard", "--config", "tiny"]).args(arguments).output().unwrap();
        let text = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1), "{text}");
        assert!(text.starts_with("error: ") && text.contains(error), "{text}");
    }
}
