//! The host's decoder, from bytes to messages.

use nernst_spec::Identity;
use nernst_spec::link::{Command, Deframer, Frame, FrameError, MessageError, Reply};

/// All that the decoder can do with bytes from a line. `count` hears what they were; an error is a fault of the decoder.
pub fn decode(bytes: &[u8], mut count: impl FnMut(&str)) -> Result<(), String> {
    let mut deframer = Deframer::new();
    for result in bytes.iter().filter_map(|&byte| deframer.push(byte)) {
        let frame = match result {
            Ok(frame) => frame,
            Err(error) => {
                let what = match error {
                    FrameError::Short(_) => "frame: short",
                    FrameError::Long => "frame: long",
                    FrameError::Cobs => "frame: COBS",
                    FrameError::Crc { .. } => "frame: CRC",
                    FrameError::Kind(_) => "frame: kind",
                };
                count(what);
                continue;
            }
        };
        let wire = frame.encode();
        if Frame::decode(&wire[..wire.len() - 1]) != Ok(frame.clone()) {
            return Err("a frame that is another when it is encoded".into());
        }
        let wrong = |error| match error {
            MessageError::Length { .. } => "message: length",
            MessageError::Direction(_) => "message: direction",
        };
        if let Ok(command) = Command::parse(frame.kind, &frame.payload)
            && Command::parse(command.kind(), &command.payload()).as_ref() != Ok(&command)
        {
            return Err("a command that is another when it is encoded".into());
        }
        match Reply::parse(frame.kind, &frame.payload) {
            Ok(Reply::Identity(bytes)) => {
                let what = if Identity::from_bytes(&bytes).is_ok() { "identity" } else { "identity: wrong" };
                count(what);
            }
            Ok(reply) => {
                if Reply::parse(reply.kind(), &reply.payload()).as_ref() != Ok(&reply) {
                    return Err("a reply that is another when it is encoded".into());
                }
                count("message");
            }
            Err(error) => count(wrong(error)),
        }
    }
    Ok(())
}
