//! A board behind a pseudo-terminal, opened with the crate that hosts use for real ports.

use crate::common::client::{Client, stream, too_many_ticks};
use crate::common::networks;
use nernst_sim::{PtyBoard, ReferenceArray, ReferenceBoard, VirtualBoard};
use nernst_spec::ArrayConfig;
use nernst_spec::link::{Command, Reply};
use serialport::SerialPort;
use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command as Process, Stdio};
use std::time::{Duration, Instant};

/// No test waits this long: it is how long a broken board would hold one up.
const LIMIT: Duration = Duration::from_secs(20);
const DEVICE: &str = "NERNST_TEST_DEVICE";

/// Opens a device. Somebody's claim of exclusive use is given the time to end: that of a client that was just killed, or a
/// copy of one of this process's files in a child that is being started.
fn open(path: &Path) -> Box<dyn SerialPort> {
    let begin = Instant::now();
    loop {
        match serialport::new(path.to_str().unwrap(), 3_000_000).timeout(LIMIT).open() {
            Ok(port) => return port,
            Err(error) if begin.elapsed() > LIMIT => panic!("{}: {error}", path.display()),
            Err(_) => std::thread::yield_now(),
        }
    }
}

fn tiny(link: Option<&Path>) -> PtyBoard {
    PtyBoard::spawn(ReferenceBoard::new(&ArrayConfig::ready("tiny").unwrap()), link).unwrap()
}

fn identify(port: Box<dyn SerialPort>) {
    let reply = Client::connect(port).ask(&Command::Identify);
    assert!(matches!(reply, Some(Reply::Identity(_))), "{reply:?}");
}

#[test]
fn a_network_runs_behind_a_serial_port_as_on_the_model() {
    let config = networks::mixed();
    let image = networks::image(&config, 3);
    let ticks = networks::spikes(&config, 3, 30);
    let mut array = ReferenceArray::new(&config);
    array.load(&image).unwrap();
    let mut model = |lines: &Vec<u16>| {
        lines.iter().for_each(|&line| array.input(line).unwrap());
        array.tick()
    };
    let expected: Vec<Vec<u16>> = ticks.iter().map(&mut model).collect();
    let board = PtyBoard::spawn(ReferenceBoard::new(&config), None).unwrap();
    let mut client = Client::connect(open(board.path()));
    client.load(&image, true);
    let found: Vec<Vec<u16>> = ticks.iter().map(|lines| client.tick(lines)).collect();
    assert_eq!(found, expected);
    assert_eq!(client.ledger(&config).differences(&array.ledger()), []);
    drop(client);
    board.stop().unwrap();
}

#[test]
fn the_rtl_answers_behind_a_serial_port() {
    let board = VirtualBoard::new(&ArrayConfig::ready("tiny").unwrap(), &Default::default()).unwrap();
    let board = PtyBoard::spawn(board, None).unwrap();
    identify(open(board.path()));
    board.stop().unwrap();
}

#[test]
fn a_link_leads_to_the_device_and_goes_with_it() {
    let directory = tempfile::tempdir().unwrap();
    let link = directory.path().join("board");
    std::os::unix::fs::symlink("/nowhere", &link).unwrap();
    let board = tiny(Some(&link));
    assert_eq!(std::fs::read_link(&link).unwrap(), board.path());
    identify(open(&link));
    board.stop().unwrap();
    assert!(!link.is_symlink());
    std::fs::write(&link, "precious").unwrap();
    let error = PtyBoard::spawn(ReferenceBoard::new(&networks::mixed()), Some(&link)).unwrap_err();
    assert!(error.to_string().contains("is no symbolic link"), "{error}");
    assert_eq!(std::fs::read(&link).unwrap(), b"precious");
}

#[test]
fn a_client_that_leaves_in_a_transfer_does_not_disturb_the_next() {
    let board = tiny(None);
    let mut port = open(board.path());
    // Leaves in the middle of a frame, with answers unread.
    let mut client = Client::connect(port.try_clone().unwrap());
    client.send(&stream(&client.config.clone(), &vec![vec![]; 1000]));
    client.port.read_exact(&mut [0; 10]).unwrap();
    port.write_all(&[9, 9, 9]).unwrap();
    drop((client, port));
    for _ in 0..3 {
        identify(open(board.path()));
    }
    board.stop().unwrap();
}

/// Runs one of the roles below in a process of its own, as a user without privileges where this one has them.
fn role(name: &str, device: &Path) -> Child {
    let mut process = Process::new(std::env::current_exe().unwrap());
    process.args(["--exact", &format!("pty::{name}"), "--ignored", "--nocapture"]).env(DEVICE, device);
    if rustix::process::geteuid().is_root() {
        process.uid(65534);
    }
    process.current_dir("/").stdout(Stdio::piped()).spawn().unwrap()
}

fn role_port() -> Box<dyn SerialPort> {
    open(Path::new(&std::env::var(DEVICE).expect("started by the test of a killed client")))
}

#[test]
#[ignore = "a role that another test starts"]
fn role_that_is_killed_in_a_transfer() {
    let mut client = Client::connect(role_port());
    too_many_ticks(&client.config.clone()).iter().for_each(|command| client.send(command));
    client.port.read_exact(&mut [0; 100]).unwrap();
    println!("\nin transfer");
    client.port.write_all(&[1, 2, 3]).unwrap();
    // Until it is killed: the port stays open and unread.
    std::io::stdin().read_line(&mut String::new()).unwrap();
    std::thread::park();
}

#[test]
#[ignore = "a role that another test starts"]
fn role_that_identifies_the_board() {
    identify(role_port());
}

#[test]
fn a_client_that_is_killed_locks_nobody_out() {
    let board = tiny(None);
    std::fs::set_permissions(board.path(), std::fs::Permissions::from_mode(0o666)).unwrap();
    for _ in 0..2 {
        let mut child = role("role_that_is_killed_in_a_transfer", board.path());
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        assert!(lines.any(|line| line.unwrap() == "in transfer"));
        child.kill().unwrap();
        child.wait().unwrap();
        let output = role("role_that_identifies_the_board", board.path()).wait_with_output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
        assert!(String::from_utf8_lossy(&output.stdout).contains("1 passed"));
    }
    board.stop().unwrap();
}
