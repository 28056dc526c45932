//! What frames say.
//!
//! | to the board | payload | replies |
//! |---|---|---|
//! | `Synchronise` 0x01, not numbered | version u8, number u32 | `Synchronised` |
//! | `Acknowledge` 0x02, not numbered | none; what else one may carry is ignored | what [`super::FLAG_RESEND`] asks for, else `Acknowledged` |
//! | `Identify` 0x10 | none | `Identity` |
//! | `Reset` 0x11 | flags u8: [`RESET_STATE`], [`RESET_LEDGER`], [`RESET_MEMORY`] | `Done` |
//! | `Write` 0x12 | address u32, then words of 5 bytes | none |
//! | `Read` 0x13 | address u32, count u8: 1 to [`MAX_WORDS`] | `Words` |
//! | `Digest` 0x14 | address u32, count u16 | `Digest` |
//! | `Stream` 0x15 | 1 byte or more of spikes and ticks: see [`super::stream`] | `Stream` frames for the ticks that it runs, cut anywhere |
//! | `Snapshot` 0x16 | none | `Done` |
//! | `Encode` 0x17 | values, and the ticks in which they become spikes: see [`super::values`] | as those of `Stream` |
//!
//! | to the host | payload |
//! |---|---|
//! | `Synchronised` 0x81, not numbered | version u8, number u32 |
//! | `Acknowledged` 0x82, not numbered | none |
//! | `Missing` 0x83, not numbered | none: what the host sent from the acknowledged number on has to come again |
//! | `Identity` 0x90 | see [`crate::identity`] |
//! | `Done` 0x91 | kind of the command u8 |
//! | `Words` 0x93 | address u32, then words of 5 bytes |
//! | `Digest` 0x94 | CRC-32 (u32) of the words as they would travel |
//! | `Stream` 0x95 | spikes and ticks |
//! | `Error` 0x9f | code u8, kind of the command u8, address u32 or 0 |
//!
//! Numbers are least significant byte first. Commands are executed in order, one at a time, so replies come in order.
//!
//! ## Refusals
//! A command that a board cannot execute is answered with one `Error`, and the next command is executed as if nothing had been:
//!
//! | code | when | what is done | address |
//! |---|---|---|---|
//! | [`Refusal::Kind`] | the kind is unknown | nothing | 0 |
//! | [`Refusal::Length`] | [`Command::parse`] fails: payload of the wrong length, `Read` of 0 or too many words | nothing | 0 |
//! | [`Refusal::Address`] | an address does not exist, or is written and read only | a `Write` has written the words before it; no `Words` or `Digest` is sent | the first such address |
//! | [`Refusal::Budget`] | a `Stream` or an `Encode` has a spike or a tick after the [budget](crate::budget) is used up | what stands before it was executed and its output sent; the rest is dropped | 0 |

use super::frame::MAX_PAYLOAD;
use super::values::Values;
use crate::memory::{Address, WORD_BYTES, Word};

/// Clears membranes, pending events and the tick count. The network stays.
pub const RESET_STATE: u8 = 1;
/// Sets all counters to 0.
pub const RESET_LEDGER: u8 = 2;
/// Sets weights, parameters, routes, input lines and settings to 0, and disarms the budget.
pub const RESET_MEMORY: u8 = 4;
/// Most words in one frame.
pub const MAX_WORDS: usize = (MAX_PAYLOAD - 4) / WORD_BYTES;

/// What a frame is. Bit 7: from the board. Bit 4: numbered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Kind {
    Synchronise = 0x01,
    Acknowledge = 0x02,
    Identify = 0x10,
    Reset = 0x11,
    Write = 0x12,
    Read = 0x13,
    Digest = 0x14,
    Stream = 0x15,
    Snapshot = 0x16,
    Encode = 0x17,
    Synchronised = 0x81,
    Acknowledged = 0x82,
    Missing = 0x83,
    Identity = 0x90,
    Done = 0x91,
    Words = 0x93,
    DigestValue = 0x94,
    StreamOut = 0x95,
    Error = 0x9f,
}

impl Kind {
    pub const ALL: &'static [Kind] = &[
        Kind::Synchronise,
        Kind::Acknowledge,
        Kind::Identify,
        Kind::Reset,
        Kind::Write,
        Kind::Read,
        Kind::Digest,
        Kind::Stream,
        Kind::Snapshot,
        Kind::Encode,
        Kind::Synchronised,
        Kind::Acknowledged,
        Kind::Missing,
        Kind::Identity,
        Kind::Done,
        Kind::Words,
        Kind::DigestValue,
        Kind::StreamOut,
        Kind::Error,
    ];

    pub const NUMBERED_BIT: u8 = 0x10;

    pub const fn is_numbered(self) -> bool {
        self as u8 & Self::NUMBERED_BIT != 0
    }
    pub const fn is_from_board(self) -> bool {
        self as u8 & 0x80 != 0
    }
}

impl TryFrom<u8> for Kind {
    type Error = u8;
    fn try_from(code: u8) -> Result<Kind, u8> {
        Kind::ALL.iter().copied().find(|&kind| kind as u8 == code).ok_or(code)
    }
}

/// Why a board did not execute a command.
#[derive(Clone, Copy, Debug, thiserror::Error, PartialEq, Eq)]
#[repr(u8)]
pub enum Refusal {
    #[error("unknown command")]
    Kind = 1,
    #[error("payload of the wrong length")]
    Length = 2,
    #[error("address that the array does not have, or that cannot be written")]
    Address = 3,
    #[error("budget used up")]
    Budget = 5,
}

impl Refusal {
    pub const ALL: [Refusal; 4] = [Refusal::Kind, Refusal::Length, Refusal::Address, Refusal::Budget];
}

/// A command to the board.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    Synchronise { version: u8, number: u32 },
    Acknowledge,
    Identify,
    Reset { flags: u8 },
    Write { address: Address, words: Vec<Word> },
    Read { address: Address, count: u8 },
    Digest { address: Address, count: u16 },
    Stream(Vec<u8>),
    Snapshot,
    Encode(Values),
}

/// A reply of the board.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reply {
    Synchronised { version: u8, number: u32 },
    Acknowledged,
    Missing,
    Identity(Vec<u8>),
    Done { kind: u8 },
    Words { address: Address, words: Vec<Word> },
    Digest(u32),
    Stream(Vec<u8>),
    Error { code: u8, kind: u8, address: u32 },
}

/// Why a payload does not say what its kind promises.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
pub enum MessageError {
    #[error("{kind:?} frame with a payload of {length} bytes")]
    Length { kind: Kind, length: usize },
    #[error("{0:?} frame from the wrong side")]
    Direction(Kind),
}

impl Command {
    pub fn kind(&self) -> Kind {
        match self {
            Command::Synchronise { .. } => Kind::Synchronise,
            Command::Acknowledge => Kind::Acknowledge,
            Command::Identify => Kind::Identify,
            Command::Reset { .. } => Kind::Reset,
            Command::Write { .. } => Kind::Write,
            Command::Read { .. } => Kind::Read,
            Command::Digest { .. } => Kind::Digest,
            Command::Stream(_) => Kind::Stream,
            Command::Snapshot => Kind::Snapshot,
            Command::Encode(_) => Kind::Encode,
        }
    }

    pub fn payload(&self) -> Vec<u8> {
        match self {
            Command::Synchronise { version, number } => with_version(*version, *number),
            Command::Acknowledge | Command::Identify | Command::Snapshot => vec![],
            Command::Reset { flags } => vec![*flags],
            Command::Write { address, words } => with_words(*address, words),
            Command::Read { address, count } => [&address.0.to_le_bytes()[..], &[*count]].concat(),
            Command::Digest { address, count } => [&address.0.to_le_bytes()[..], &count.to_le_bytes()].concat(),
            Command::Stream(payload) => payload.clone(),
            Command::Encode(values) => values.payload(),
        }
    }

    pub fn parse(kind: Kind, payload: &[u8]) -> Result<Self, MessageError> {
        let length = MessageError::Length { kind, length: payload.len() };
        Ok(match (kind, payload) {
            (Kind::Synchronise, &[version, a, b, c, d]) => {
                Command::Synchronise { version, number: u32::from_le_bytes([a, b, c, d]) }
            }
            (Kind::Acknowledge, []) => Command::Acknowledge,
            (Kind::Identify, []) => Command::Identify,
            (Kind::Reset, &[flags]) => Command::Reset { flags },
            (Kind::Write, payload) => {
                let (address, words) = words_of(payload).filter(|(_, words)| !words.is_empty()).ok_or(length)?;
                Command::Write { address, words }
            }
            (Kind::Read, &[a, b, c, d, count]) if (1..=MAX_WORDS).contains(&(count as usize)) => {
                Command::Read { address: Address(u32::from_le_bytes([a, b, c, d])), count }
            }
            (Kind::Digest, &[a, b, c, d, e, f]) => Command::Digest {
                address: Address(u32::from_le_bytes([a, b, c, d])),
                count: u16::from_le_bytes([e, f]),
            },
            (Kind::Stream, payload) if !payload.is_empty() => Command::Stream(payload.to_vec()),
            (Kind::Snapshot, []) => Command::Snapshot,
            (Kind::Encode, payload) => Command::Encode(Values::from_payload(payload).ok_or(length)?),
            (kind, _) if kind.is_from_board() => return Err(MessageError::Direction(kind)),
            _ => return Err(length),
        })
    }
}

impl Reply {
    pub fn kind(&self) -> Kind {
        match self {
            Reply::Synchronised { .. } => Kind::Synchronised,
            Reply::Acknowledged => Kind::Acknowledged,
            Reply::Missing => Kind::Missing,
            Reply::Identity(_) => Kind::Identity,
            Reply::Done { .. } => Kind::Done,
            Reply::Words { .. } => Kind::Words,
            Reply::Digest(_) => Kind::DigestValue,
            Reply::Stream(_) => Kind::StreamOut,
            Reply::Error { .. } => Kind::Error,
        }
    }

    pub fn payload(&self) -> Vec<u8> {
        match self {
            Reply::Synchronised { version, number } => with_version(*version, *number),
            Reply::Acknowledged | Reply::Missing => vec![],
            Reply::Identity(bytes) => bytes.clone(),
            Reply::Done { kind } => vec![*kind],
            Reply::Words { address, words } => with_words(*address, words),
            Reply::Digest(crc) => crc.to_le_bytes().to_vec(),
            Reply::Stream(payload) => payload.clone(),
            Reply::Error { code, kind, address } => [&[*code, *kind][..], &address.to_le_bytes()].concat(),
        }
    }

    pub fn parse(kind: Kind, payload: &[u8]) -> Result<Self, MessageError> {
        let length = MessageError::Length { kind, length: payload.len() };
        Ok(match (kind, payload) {
            (Kind::Synchronised, &[version, a, b, c, d]) => {
                Reply::Synchronised { version, number: u32::from_le_bytes([a, b, c, d]) }
            }
            (Kind::Acknowledged, []) => Reply::Acknowledged,
            (Kind::Missing, []) => Reply::Missing,
            (Kind::Identity, bytes) => Reply::Identity(bytes.to_vec()),
            (Kind::Done, &[kind]) => Reply::Done { kind },
            (Kind::Words, payload) => {
                let (address, words) = words_of(payload).ok_or(length)?;
                Reply::Words { address, words }
            }
            (Kind::DigestValue, &[a, b, c, d]) => Reply::Digest(u32::from_le_bytes([a, b, c, d])),
            (Kind::StreamOut, payload) => Reply::Stream(payload.to_vec()),
            (Kind::Error, &[code, kind, a, b, c, d]) => {
                Reply::Error { code, kind, address: u32::from_le_bytes([a, b, c, d]) }
            }
            (kind, _) if !kind.is_from_board() => return Err(MessageError::Direction(kind)),
            _ => return Err(length),
        })
    }
}

fn with_version(version: u8, number: u32) -> Vec<u8> {
    [&[version][..], &number.to_le_bytes()].concat()
}

fn with_words(address: Address, words: &[Word]) -> Vec<u8> {
    let mut payload = address.0.to_le_bytes().to_vec();
    payload.extend(words.iter().flat_map(|word| word.to_bytes()));
    payload
}

/// Address and words; `None` when bytes are missing or left over.
fn words_of(payload: &[u8]) -> Option<(Address, Vec<Word>)> {
    let (address, rest) = payload.split_first_chunk::<4>()?;
    let (words, rest) = rest.as_chunks::<WORD_BYTES>();
    let words = words.iter().map(|&bytes| Word::from_bytes(bytes)).collect();
    rest.is_empty().then_some((Address(u32::from_le_bytes(*address)), words))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::encoding::{Code, Coding, MAX_FULL};
    use proptest::prelude::*;

    fn any_words() -> impl Strategy<Value = (Address, Vec<Word>)> {
        let words = proptest::collection::vec(any::<u64>().prop_map(Word::new), 1..=MAX_WORDS);
        (any::<u32>().prop_map(Address), words)
    }
    fn any_command() -> impl Strategy<Value = Command> {
        prop_oneof![
            (any::<u8>(), any::<u32>()).prop_map(|(version, number)| Command::Synchronise { version, number }),
            Just(Command::Acknowledge),
            Just(Command::Identify),
            any::<u8>().prop_map(|flags| Command::Reset { flags }),
            any_words().prop_map(|(address, words)| Command::Write { address, words }),
            (any::<u32>(), 1..=MAX_WORDS as u8)
                .prop_map(|(address, count)| Command::Read { address: Address(address), count }),
            (any::<u32>(), any::<u16>())
                .prop_map(|(address, count)| Command::Digest { address: Address(address), count }),
            proptest::collection::vec(any::<u8>(), 1..=MAX_PAYLOAD).prop_map(Command::Stream),
            Just(Command::Snapshot),
            any_values().prop_map(Command::Encode),
        ]
    }
    fn any_values() -> impl Strategy<Value = Values> {
        let code = (any::<bool>(), 1..=MAX_FULL, any::<u8>()).prop_map(|(latency, full, least)| {
            let coding = if latency { Coding::Latency } else { Coding::Rate };
            Code { coding, full, least }
        });
        let values = (1..=8u8).prop_flat_map(|width| {
            let value = 0..=u8::MAX >> (8 - width);
            (Just(width), proptest::collection::vec(value, 0..=Values::most(width, MAX_PAYLOAD)))
        });
        (code, values, 0..1u16 << 12, any::<u16>()).prop_map(|(code, (width, values), first, ticks)| Values {
            code,
            width,
            first,
            count: values.len() as u16,
            ticks,
            values,
        })
    }

    proptest! {
        #[test]
        fn commands_survive_their_payload(command in any_command()) {
            let payload = command.payload();
            prop_assert!(payload.len() <= MAX_PAYLOAD);
            prop_assert_eq!(Command::parse(command.kind(), &payload), Ok(command));
        }

        #[test]
        fn any_payload_is_parsed_or_refused(kind in proptest::sample::select(Kind::ALL), payload in proptest::collection::vec(any::<u8>(), 0..=MAX_PAYLOAD)) {
            let command = Command::parse(kind, &payload);
            let reply = Reply::parse(kind, &payload);
            prop_assert!(command.is_err() || reply.is_err());
            if let Ok(command) = command { prop_assert_eq!(command.kind(), kind); }
            if let Ok(reply) = reply { prop_assert_eq!(reply.kind(), kind); prop_assert_eq!(reply.payload().len(), payload.len()); }
        }
    }

    #[test]
    fn a_kind_tells_its_side_and_whether_it_is_numbered() {
        for &kind in Kind::ALL {
            assert_eq!(Kind::try_from(kind as u8), Ok(kind));
            let handshake = matches!(
                kind,
                Kind::Synchronise | Kind::Synchronised | Kind::Acknowledge | Kind::Acknowledged | Kind::Missing
            );
            assert_eq!(kind.is_numbered(), !handshake, "{kind:?}");
        }
        assert_eq!(Kind::try_from(0x55), Err(0x55));
    }
}
