//! What can go wrong between a host and a board, and what to do about it.

use nernst_spec::identity::IdentityError;
use nernst_spec::link::{Kind, PROTOCOL_VERSION};
use nernst_spec::memory::Address;
use std::time::Duration;

/// Why a session ended or a call was refused.
#[derive(Debug, thiserror::Error)]
pub enum SessionError {
    #[error("port `{port}`: {source}")]
    Port { port: String, source: std::io::Error },
    #[error("no answer on `{port}` within {} s", seconds(*.waited))]
    NoAnswer { port: String, waited: Duration },
    #[error("`{port}` answers, but not as a Nernst board: {bytes} bytes in {} s, {what}", seconds(*.waited))]
    Foreign { port: String, waited: Duration, bytes: u64, what: &'static str },
    #[error("the board on `{port}` speaks protocol version {board}, this program version {PROTOCOL_VERSION}")]
    Version { port: String, board: u8 },
    #[error("the board on `{port}` stopped answering: nothing intact for {} s while it {doing}", seconds(*.silence))]
    Stopped { port: String, silence: Duration, doing: &'static str },
    #[error(
        "the board on `{port}` was reset, or another program took it over: it answers with numbers that are not of this session"
    )]
    Lost { port: String },
    #[error(
        "the board on `{port}` answers, but {attempts} attempts brought nothing forward while it {doing}: the line spoils nearly every frame, or the board was reset"
    )]
    Stuck { port: String, attempts: u32, doing: &'static str },
    #[error("the board on `{port}` refuses a command: {what}")]
    Refused { port: String, what: String },
    #[error("the board on `{port}` gave {found} where {expected} was due")]
    Unexpected { port: String, expected: &'static str, found: String },
    #[error("the board on `{port}` tells its identity wrongly: {source}")]
    Identity { port: String, source: IdentityError },
    #[error("image `{image}` is for an array of {expected}, the board on `{port}` has {found}")]
    Geometry { port: String, image: String, expected: String, found: String },
    #[error("image `{image}` is not in the board on `{port}`: digest of {words} words from {address} differs")]
    Verify { port: String, image: String, address: Address, words: usize },
    #[error("input line {line} does not exist: the board on `{port}` has {inputs}")]
    Input { port: String, line: u16, inputs: usize },
    #[error("{space} does not exist in the array on `{port}`")]
    Address { port: String, space: String },
    #[error("stopped")]
    Interrupted,
}

fn seconds(duration: Duration) -> f64 {
    (duration.as_secs_f64() * 10.0).round() / 10.0
}

impl SessionError {
    /// Whether the board or the way to it was lost, so that results before are right and there will be no more.
    pub fn is_loss(&self) -> bool {
        matches!(self, Self::Port { .. } | Self::Stopped { .. } | Self::Lost { .. } | Self::Stuck { .. })
    }

    /// What a user can do about it.
    pub fn help(&self) -> Option<String> {
        Some(match self {
            Self::Port { .. } => "check the cable and the board's power, then run the command again".into(),
            Self::NoAnswer { .. } => "check that the board is powered and flashed (`nernst flash`), that this is its port \
                 (`nernst ports`) and that --baud is that of its configuration"
                .into(),
            Self::Foreign { .. } => "check that this is the board's port (`nernst ports`), that --baud is that of its \
                 configuration, and that it is flashed (`nernst flash`)"
                .into(),
            Self::Version { board, .. } if *board > PROTOCOL_VERSION => {
                "use the version of nernst that the board was built with, or flash the board again (`nernst synth`, `nernst flash`)".into()
            }
            Self::Version { .. } => "flash the board again with this version (`nernst synth`, `nernst flash`)".into(),
            Self::Stopped { .. } => "check cable and power; if it happens again, power the board off and on".into(),
            Self::Lost { .. } => "run the command again, which loads the network anew: what a board held is gone after a reset; if it happens again, \
                 check its power supply, and that no other program uses the port"
                .into(),
            Self::Stuck { .. } => {
                "try a shorter cable or a lower --baud, and run the command again; `nernst doctor` tests the line".into()
            }
            Self::Geometry { found, .. } => format!("compile the network for {found}, or choose another port"),
            Self::Verify { .. } => "load again; if it happens again, the board is faulty or its clock is too fast".into(),
            Self::Refused { .. } | Self::Unexpected { .. } | Self::Identity { .. } => {
                "host and board disagree about the protocol: flash the board again with this version (`nernst synth`, `nernst flash`)".into()
            }
            Self::Input { inputs, .. } => format!("use lines 0 to {}", inputs - 1),
            Self::Address { .. } | Self::Interrupted => return None,
        })
    }
}

/// Name of a command for messages.
pub(super) fn command_name(kind: u8) -> String {
    Kind::try_from(kind).map_or_else(|code| format!("command {code:#04x}"), |kind| format!("{kind:?}"))
}
