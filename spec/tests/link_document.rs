//! The examples in docs/link.md are what the encoder makes and the decoder understands.

use nernst_spec::link::frame::{DELIMITER, HEADER, MAX_CODES, MAX_FRAME, MAX_PAYLOAD, TRAILER, crc32};
use nernst_spec::link::message::MAX_WORDS;
use nernst_spec::link::stream::{Decoder, Event, Train, payloads};
use nernst_spec::link::{
    Command, Deframer, Frame, Kind, MAX_UNACKNOWLEDGED, PROTOCOL_VERSION, RECEIVE_BUFFER, REPLY_BUFFER, Reply,
};
use std::str::FromStr;

const DOCUMENT: &str = include_str!("../../docs/link.md");

/// An example as the document has it.
struct Example<'a> {
    title: &'a str,
    frame: Frame,
    says: &'a str,
    crc: Vec<u8>,
    wire: Vec<u8>,
}

fn bytes(text: &str) -> Vec<u8> {
    let byte = |text| u8::from_str_radix(text, 16).unwrap_or_else(|_| panic!("`{text}` is no byte in hexadecimal"));
    text.split_whitespace().filter(|text| *text != "-").map(byte).collect()
}

/// What follows a word at the beginning of a line.
fn field<'a>(line: Option<&'a str>, name: &str) -> &'a str {
    let line = line.unwrap_or_else(|| panic!("no line `{name}`"));
    line.trim().strip_prefix(name).unwrap_or_else(|| panic!("`{name}` is not at the beginning of `{line}`")).trim()
}

fn examples() -> Vec<Example<'static>> {
    let mut examples = vec![];
    let mut lines = DOCUMENT.lines().peekable();
    while let Some(title) = lines.next() {
        if !lines.peek().is_some_and(|next| next.starts_with("  kind ")) {
            continue;
        }
        let header: Vec<&str> = field(lines.next(), "kind").split_whitespace().collect();
        let [kind, "sequence", sequence, "acknowledge", acknowledge, "auxiliary", auxiliary] = header[..] else {
            panic!("header of `{title}`: {header:?}");
        };
        let [kind, sequence, acknowledge, auxiliary] =
            [kind, sequence, acknowledge, auxiliary].map(|text| bytes(text)[0]);
        let payload = bytes(field(lines.next(), "payload"));
        let kind = Kind::try_from(kind).unwrap_or_else(|kind| panic!("kind {kind:#04x} of `{title}`"));
        let frame = Frame { kind, sequence, acknowledge, auxiliary, payload };
        let says = field(lines.next(), "says");
        let (crc, wire) = (bytes(field(lines.next(), "CRC")), bytes(field(lines.next(), "wire")));
        examples.push(Example { title, frame, says, crc, wire });
    }
    examples
}

#[test]
fn examples_are_what_is_encoded_and_decoded() {
    let examples = examples();
    assert!(examples.len() >= 10, "only {} examples", examples.len());
    for Example { title, frame, says, crc, wire } in &examples {
        assert_eq!(&frame.encode(), wire, "{title}");
        let mut deframer = Deframer::new();
        let decoded: Vec<_> = wire.iter().filter_map(|&byte| deframer.push(byte)).collect();
        assert_eq!(decoded, [Ok(frame.clone())], "{title}");
        let content =
            [&[frame.kind as u8, frame.sequence, frame.acknowledge, frame.auxiliary], &frame.payload[..]].concat();
        assert_eq!(&crc32(&content).to_le_bytes()[..], crc, "{title}");
        let parsed = match frame.kind.is_from_board() {
            true => format!("{:?}", Reply::parse(frame.kind, &frame.payload).unwrap()),
            false => format!("{:?}", Command::parse(frame.kind, &frame.payload).unwrap()),
        };
        assert_eq!(&parsed, says, "{title}");
        assert_eq!(title.starts_with("board:"), frame.kind.is_from_board(), "{title}");
        if let (Kind::Synchronise | Kind::Synchronised, [version, ..]) = (frame.kind, &frame.payload[..]) {
            assert_eq!(*version, PROTOCOL_VERSION, "{title}: the document is of another version");
        }
    }
}

#[test]
fn trains_are_what_is_encoded_and_decoded() {
    let mut lines = DOCUMENT.lines();
    let mut trains = 0;
    while let Some(line) = lines.next() {
        let Some(train) = line.strip_prefix("train: ") else { continue };
        let (direction, rest) = train.split_once(", exponent ").expect("an exponent");
        let (exponent, said) = rest.split_once(": ").expect("what is said");
        let train = Train { places: 64, unordered: direction == "from the board" };
        let event = |word| match word {
            "tick" => Event::Tick,
            "late" => Event::Late,
            place => Event::Spike(u16::from_str(place).unwrap()),
        };
        let events: Vec<Event> = said.split_whitespace().map(event).collect();
        let payload = bytes(field(lines.next(), "payload"));
        let written = payloads(train, exponent.parse().unwrap(), events.iter().copied());
        assert_eq!(written, std::slice::from_ref(&payload), "{line}: {:02x?}", written[0]);
        assert_eq!(Decoder::new(train).read(&payload), events, "{line}");
        trains += 1;
    }
    assert!(trains >= 3, "only {trains} trains");
}

#[test]
fn numbers_in_the_document_are_the_constants() {
    for words in [
        format!("payload: 0 to {MAX_PAYLOAD} bytes, so that a frame has at most {MAX_FRAME}"),
        format!("is {} to {MAX_FRAME} bytes long", HEADER + TRAILER),
        format!("1 to {MAX_WORDS} words of 5 bytes"),
        format!("more than {MAX_UNACKNOWLEDGED} numbered frames under way"),
        format!(
            "payload of `n` bytes is `n + {}` or `n + {}` bytes on the wire",
            HEADER + TRAILER + 2,
            HEADER + TRAILER + MAX_CODES + 1
        ),
        format!("the longest frame, {} bytes on the wire", MAX_FRAME + MAX_CODES + 1),
        format!("all room of the board, {} of the longest frames", RECEIVE_BUFFER / MAX_FRAME),
    ] {
        assert!(DOCUMENT.contains(&words), "`{words}` is not in docs/link.md");
    }
    assert_eq!((RECEIVE_BUFFER, REPLY_BUFFER, DELIMITER), (2048, 2048, 0));
    for &kind in Kind::ALL {
        let name = match kind {
            Kind::DigestValue => "Digest".into(),
            Kind::StreamOut => "Stream".into(),
            kind => format!("{kind:?}"),
        };
        let words = format!("| `{name}` {:02x}", kind as u8);
        assert!(DOCUMENT.contains(&words), "`{words}` is not in docs/link.md");
    }
}
