//! What keeps a board from working, and what to do about it.
//!
//! | module | what it looks at |
//! |---|---|
//! | [`find`] | which serial ports are boards, by their USB identity |
//! | [`device`] | the device node: permissions, other programs, the latency timer of its bridge |
//! | [`line`](mod@line) | the link to the board: round trip, loss, throughput |

pub mod device;
pub mod find;
pub mod line;

use serde::Serialize;
use std::fmt;

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    Fine,
    /// It works, and could work better.
    Advice,
    /// It keeps a board from working.
    Problem,
}

/// Something that was looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    pub level: Level,
    pub what: String,
    /// What to do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub help: Option<String>,
}

impl Finding {
    pub fn fine(what: impl Into<String>) -> Self {
        Self { level: Level::Fine, what: what.into(), help: None }
    }
    pub fn advice(what: impl Into<String>, help: impl Into<String>) -> Self {
        Self { level: Level::Advice, what: what.into(), help: Some(help.into()) }
    }
    pub fn problem(what: impl Into<String>, help: impl Into<String>) -> Self {
        Self { level: Level::Problem, what: what.into(), help: Some(help.into()) }
    }
}

/// `ok      ...`, and the help below.
impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let level = match self.level {
            Level::Fine => "ok",
            Level::Advice => "advice",
            Level::Problem => "PROBLEM",
        };
        write!(f, "{level:8}{}", self.what)?;
        match &self.help {
            Some(help) => write!(f, "\n{:8}{help}", ""),
            None => Ok(()),
        }
    }
}
