//! Bytes of a frame.
//!
//! ```text
//! offset  0     1         2            3         4 ..     last 4
//!         kind  sequence  acknowledge  room or   payload  CRC-32 of all before it,
//!                                      flags              least significant byte first
//! ```
//! The frame is encoded with COBS (consistent overhead byte stuffing: Cheshire and Baker 1999), which takes every zero
//! byte out of it at the cost of one byte, and ends with a zero byte. A receiver that lost its place finds it again at
//! the next zero. A frame of up to 253 bytes takes one byte of code, a longer one up to two.

use super::message::Kind;
use crc::{CRC_32_ISO_HDLC, Crc};

/// Bytes before the payload.
pub const HEADER: usize = 4;
/// Bytes of the CRC.
pub const TRAILER: usize = 4;
/// Most bytes of a frame before COBS: 2.9 % of the longest frame on the wire are not payload, and five fit into a buffer of the board. Longer ones
/// cost more where a line is bad, for what is lost is a frame.
pub const MAX_FRAME: usize = 381;
/// Most bytes of COBS code in a frame: one, and one more for 254 bytes without a zero.
pub const MAX_CODES: usize = 1 + MAX_FRAME / 254;
/// Most bytes of a payload.
pub const MAX_PAYLOAD: usize = MAX_FRAME - HEADER - TRAILER;
/// Ends each frame on the wire.
pub const DELIMITER: u8 = 0;
/// CRC-32 register after an intact frame and its CRC have gone through it, before the final inversion.
pub const CRC_RESIDUE: u32 = 0xdebb_20e3;
/// The polynomial of CRC-32 (ISO-HDLC) in the reflected form that takes bytes least significant bit first.
pub const CRC_POLYNOMIAL: u32 = 0xedb8_8320;

/// CRC-32 as in Ethernet, gzip and PNG.
pub fn crc32(bytes: &[u8]) -> u32 {
    const CRC: Crc<u32> = Crc::<u32>::new(&CRC_32_ISO_HDLC);
    CRC.checksum(bytes)
}

/// Bytes of the board's receive buffer that a frame with a payload of this length takes at most.
pub const fn room_taken(payload: usize) -> usize {
    HEADER + payload + TRAILER
}

/// One frame.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    pub kind: Kind,
    /// Number of this frame; 0 where the kind has none.
    pub sequence: u8,
    /// Number that the sender expects next from the other side.
    pub acknowledge: u8,
    /// From the board: its free room in units of [`super::ROOM_UNIT`]. From the host: flags.
    pub auxiliary: u8,
    /// At most [`MAX_PAYLOAD`] bytes.
    pub payload: Vec<u8>,
}

/// Why bytes between two delimiters are not a frame.
#[derive(Clone, Copy, Debug, thiserror::Error, PartialEq, Eq)]
pub enum FrameError {
    #[error("frame of {0} bytes: shorter than header and CRC")]
    Short(usize),
    #[error("frame longer than {MAX_FRAME} bytes")]
    Long,
    #[error("frame breaks off or its COBS code is wrong")]
    Cobs,
    #[error("frame damaged: CRC {found:#010x}, expected {expected:#010x}")]
    Crc { found: u32, expected: u32 },
    #[error("frame of unknown kind {0:#04x}")]
    Kind(u8),
}

impl Frame {
    /// The frame as it travels, delimiter included.
    ///
    /// # Panics
    /// When the payload is longer than [`MAX_PAYLOAD`]: the caller cuts payloads.
    pub fn encode(&self) -> Vec<u8> {
        assert!(self.payload.len() <= MAX_PAYLOAD, "payload of {} bytes", self.payload.len());
        let mut raw = vec![self.kind as u8, self.sequence, self.acknowledge, self.auxiliary];
        raw.extend(&self.payload);
        raw.extend(crc32(&raw).to_le_bytes());
        let mut wire = cobs::encode_vec(&raw);
        wire.push(DELIMITER);
        wire
    }

    /// A frame from the bytes between two delimiters.
    pub fn decode(wire: &[u8]) -> Result<Self, FrameError> {
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
            kind: Kind::try_from(content[0]).map_err(FrameError::Kind)?,
            sequence: content[1],
            acknowledge: content[2],
            auxiliary: content[3],
            payload: content[HEADER..].to_vec(),
        })
    }
}

/// Cuts a byte stream into frames.
#[derive(Clone, Debug, Default)]
pub struct Deframer {
    wire: Vec<u8>,
    long: bool,
}

impl Deframer {
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes one byte; returns a frame, or why there is none, when the byte is a delimiter that ends something. Empty
    /// space between delimiters is nothing, so a sender may put a delimiter before a frame to end whatever came before.
    pub fn push(&mut self, byte: u8) -> Option<Result<Frame, FrameError>> {
        if byte != DELIMITER {
            self.long |= self.wire.len() >= MAX_FRAME + MAX_CODES;
            if !self.long {
                self.wire.push(byte);
            }
            return None;
        }
        let long = std::mem::take(&mut self.long);
        let wire = std::mem::take(&mut self.wire);
        match (long, wire.is_empty()) {
            (true, _) => Some(Err(FrameError::Long)),
            (false, true) => None,
            (false, false) => Some(Frame::decode(&wire)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn any_frame() -> impl Strategy<Value = Frame> {
        let kind = proptest::sample::select(Kind::ALL);
        (kind, any::<u8>(), any::<u8>(), any::<u8>(), proptest::collection::vec(0u8..4, 0..=MAX_PAYLOAD)).prop_map(
            |(kind, sequence, acknowledge, auxiliary, payload)| Frame {
                kind,
                sequence,
                acknowledge,
                auxiliary,
                payload,
            },
        )
    }

    proptest! {
        #[test]
        fn frames_survive_the_wire_one_after_the_other(frames in proptest::collection::vec(any_frame(), 1..4)) {
            let mut deframer = Deframer::new();
            let wire: Vec<u8> = frames.iter().flat_map(Frame::encode).collect();
            let received: Vec<_> = wire.iter().filter_map(|&byte| deframer.push(byte)).collect();
            prop_assert_eq!(received, frames.into_iter().map(Ok).collect::<Vec<_>>());
        }

        #[test]
        fn a_frame_has_few_bytes_of_code_and_one_delimiter(frame in any_frame(), zeros: bool) {
            let payload = frame.payload.iter().map(|byte| byte + !zeros as u8).collect();
            let wire = Frame { payload, ..frame }.encode();
            let codes = wire.len() - room_taken(frame.payload.len()) - 1;
            prop_assert!(codes == 1 || codes == MAX_CODES && wire.len() > 255);
            prop_assert_eq!(wire.iter().position(|&byte| byte == DELIMITER), Some(wire.len() - 1));
        }

        #[test]
        fn any_single_damaged_byte_is_noticed(frame in any_frame(), at in any::<prop::sample::Index>(), xor in 1u8..=255) {
            let mut wire = frame.encode();
            let at = at.index(wire.len() - 1);
            wire[at] ^= xor;
            let mut deframer = Deframer::new();
            let received: Vec<_> = wire.iter().filter_map(|&byte| deframer.push(byte)).collect();
            prop_assert!(received.iter().all(Result::is_err), "{:?}", received);
        }

        #[test]
        fn any_bytes_are_taken(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
            let mut deframer = Deframer::new();
            for byte in bytes { let _ = deframer.push(byte); }
            let frame = Frame { kind: Kind::Snapshot, sequence: 1, acknowledge: 2, auxiliary: 3, payload: vec![] };
            // A delimiter first: whatever came before ends there.
            deframer.push(DELIMITER);
            let received: Vec<_> = frame.encode().into_iter().filter_map(|byte| deframer.push(byte)).collect();
            prop_assert_eq!(received, vec![Ok(frame)]);
        }
    }

    #[test]
    fn the_residue_is_that_of_an_intact_frame() {
        let register = |bytes: &[u8]| {
            bytes.iter().fold(u32::MAX, |register, &byte| {
                (0..8).fold(register ^ byte as u32, |r, _| (r >> 1) ^ if r & 1 == 1 { CRC_POLYNOMIAL } else { 0 })
            })
        };
        let mut bytes = b"an intact frame".to_vec();
        bytes.extend(crc32(&bytes).to_le_bytes());
        assert_eq!(register(&bytes), CRC_RESIDUE);
    }

    #[test]
    fn a_synchronise_frame_byte_by_byte() {
        let frame = Frame {
            kind: Kind::Synchronise,
            sequence: 0,
            acknowledge: 0,
            auxiliary: 0,
            payload: vec![1, 0x78, 0x56, 0x34, 0x12],
        };
        let crc = crc32(&[0x01, 0, 0, 0, 1, 0x78, 0x56, 0x34, 0x12]).to_le_bytes();
        let mut wire = vec![2, 0x01, 1, 1, 10, 1, 0x78, 0x56, 0x34, 0x12];
        wire.extend(crc);
        wire.push(0);
        assert_eq!(frame.encode(), wire);
    }
}
