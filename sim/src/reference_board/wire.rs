//! Frames as a board receives them: also those whose kind it does not know, for it answers them with a refusal.

use nernst_spec::link::frame::{DELIMITER, HEADER, MAX_CODES, MAX_FRAME, TRAILER, crc32};
use nernst_spec::link::{Command, FrameError, Kind, MessageError};

/// An intact frame of any kind.
#[derive(Clone, Debug)]
pub(super) struct RawFrame {
    pub kind: u8,
    pub sequence: u8,
    pub acknowledge: u8,
    pub auxiliary: u8,
    pub payload: Vec<u8>,
}

/// Why a frame is no command.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum NoCommand {
    Kind,
    Length,
}

impl RawFrame {
    fn decode(wire: &[u8]) -> Result<Self, FrameError> {
        let raw = cobs::decode_vec(wire).map_err(|_| FrameError::Cobs)?;
        if raw.len() > MAX_FRAME {
            return Err(FrameError::Long);
        }
        if raw.len() < HEADER + TRAILER {
            return Err(FrameError::Short(raw.len()));
        }
        let (content, crc) = raw.split_at(raw.len() - TRAILER);
        let found = u32::from_le_bytes([crc[0], crc[1], crc[2], crc[3]]);
        let expected = crc32(content);
        if found != expected {
            return Err(FrameError::Crc { found, expected });
        }
        Ok(Self {
            kind: content[0],
            sequence: content[1],
            acknowledge: content[2],
            auxiliary: content[3],
            payload: content[HEADER..].to_vec(),
        })
    }

    /// The command that the frame says.
    pub fn command(&self) -> Result<Command, NoCommand> {
        let kind = Kind::try_from(self.kind).map_err(|_| NoCommand::Kind)?;
        Command::parse(kind, &self.payload).map_err(|error| match error {
            MessageError::Direction(_) => NoCommand::Kind,
            MessageError::Length { .. } => NoCommand::Length,
        })
    }
}

/// Cuts a byte stream into frames.
#[derive(Clone, Debug, Default)]
pub(super) struct Wire {
    bytes: Vec<u8>,
    long: bool,
}

impl Wire {
    /// Takes one byte; returns a frame, or why there is none, when the byte is a delimiter that ends something.
    pub fn push(&mut self, byte: u8) -> Option<Result<RawFrame, FrameError>> {
        if byte != DELIMITER {
            self.long |= self.bytes.len() >= MAX_FRAME + MAX_CODES;
            if !self.long {
                self.bytes.push(byte);
            }
            return None;
        }
        let frame = match (std::mem::take(&mut self.long), self.bytes.is_empty()) {
            (true, _) => Some(Err(FrameError::Long)),
            (false, true) => None,
            (false, false) => Some(RawFrame::decode(&self.bytes)),
        };
        self.bytes.clear();
        frame
    }
}
