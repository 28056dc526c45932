//! The reference board keeps the link's contract: numbering, acknowledgements, resending, room, refusals.

use crate::common::client::{Client, stream, ticks_of, told, too_many_ticks};
use crate::common::networks;
use crate::common::noise::Noisy;
use nernst_hdl::generate::soc_verilog;
use nernst_sim::{BoardPort, ReferenceArray, ReferenceBoard};
use nernst_spec::ledger::ArrayCounter;
use nernst_spec::link::frame::{DELIMITER, crc32, room_taken};
use nernst_spec::link::message::{MAX_WORDS, RESET_LEDGER, RESET_STATE, Refusal};
use nernst_spec::link::stream::{Event, Train, payloads};
use nernst_spec::link::{Command, FLAG_RESEND, Frame, Kind, RECEIVE_BUFFER, ROOM_UNIT, Reply};
use nernst_spec::memory::{Address, Word};
use nernst_spec::{ArrayConfig, Identity};
use std::io::Write;

type Tiny = Client<BoardPort<ReferenceBoard>>;

fn tiny() -> Tiny {
    Client::connect(BoardPort::new(ReferenceBoard::new(&ArrayConfig::ready("tiny").unwrap())))
}

fn refused(refusal: Refusal, kind: Kind, address: u32) -> Vec<Reply> {
    vec![Reply::Error { code: refusal as u8, kind: kind as u8, address }]
}

fn write(address: Address, words: &[u64]) -> Command {
    Command::Write { address, words: words.iter().map(|&bits| Word::new(bits)).collect() }
}

/// All frames that come until the board is quiet.
fn frames(client: &mut Tiny) -> Vec<Frame> {
    std::iter::from_fn(|| client.receive()).map(Result::unwrap).collect()
}

#[test]
fn commands_are_answered() {
    let mut client = tiny();
    let identity = Identity::new(&ArrayConfig::ready("tiny").unwrap());
    assert_eq!(client.call(&Command::Identify), [Reply::Identity(identity.to_bytes())]);
    let address = Address::weights(1, 2, 500);
    assert_eq!(client.call(&write(address, &[1, 2, 3 << 34])), []);
    let words = [1u64, 2, 3 << 34, 0].map(Word::new).to_vec();
    let bytes: Vec<u8> = words.iter().flat_map(|word| word.to_bytes()).collect();
    assert_eq!(client.call(&Command::Digest { address, count: 4 }), [Reply::Digest(crc32(&bytes))]);
    assert_eq!(client.call(&Command::Read { address, count: 4 }), [Reply::Words { address, words }]);
    assert_eq!(client.call(&Command::Snapshot), [Reply::Done { kind: 0x16 }]);
    assert_eq!(client.call(&Command::Reset { flags: RESET_STATE }), [Reply::Done { kind: 0x11 }]);
    let config = ArrayConfig::ready("tiny").unwrap();
    let spike = payloads(Train::to_board(&config), 0, [Event::Spike(3)]).concat();
    assert_eq!(client.call(&Command::Stream(spike)), [], "a spike, and no tick");
    let two = [vec![], vec![]];
    assert_eq!(client.call(&stream(&config, &two)), [told(&config, &two)]);
}

#[test]
fn what_cannot_be_executed_is_refused_by_reason_and_place() {
    let mut client = tiny();
    let last = Address::weights(0, 0, 511);
    assert_eq!(client.call(&write(last, &[7, 8])), refused(Refusal::Address, Kind::Write, last.0 + 1));
    let read = Command::Read { address: last, count: 1 };
    assert_eq!(client.call(&read), [Reply::Words { address: last, words: vec![Word::new(7)] }], "those before it");
    let membrane = Address::membrane(0, 0);
    assert_eq!(client.call(&write(membrane, &[7])), refused(Refusal::Address, Kind::Write, membrane.0));
    let read = Command::Read { address: last, count: 2 };
    assert_eq!(client.call(&read), refused(Refusal::Address, Kind::Read, last.0 + 1));
    let digest = Command::Digest { address: Address::route(0), count: 100 };
    assert_eq!(client.call(&digest), refused(Refusal::Address, Kind::Digest, Address::route(72).0));
    // Payloads that say nothing, and kinds that nobody knows.
    for (kind, payload, refusal) in [
        (0x11, vec![], Refusal::Length),
        (0x12, vec![0; 4], Refusal::Length),
        (0x12, vec![0; 10], Refusal::Length),
        (0x13, vec![0, 0, 0, 0, 0], Refusal::Length),
        (0x13, vec![0, 0, 0, 0, MAX_WORDS as u8 + 1], Refusal::Length),
        (0x15, vec![], Refusal::Length),
        (0x17, vec![0; 8], Refusal::Length),
        (0x1f, vec![], Refusal::Kind),
    ] {
        let mut raw = vec![kind, client.next, client.expected, 0];
        raw.extend(payload);
        raw.extend(crc32(&raw).to_le_bytes());
        let mut wire = cobs::encode_vec(&raw);
        wire.push(DELIMITER);
        client.port.write_all(&wire).unwrap();
        client.next += 1;
        let replies: Vec<Reply> =
            frames(&mut client).iter().map(|frame| Reply::parse(frame.kind, &frame.payload).unwrap()).collect();
        assert_eq!(replies, [Reply::Error { code: refusal as u8, kind, address: 0 }]);
        client.expected += 1;
    }
}

#[test]
fn a_frame_is_applied_once_and_in_order() {
    let mut client = tiny();
    let config = ArrayConfig::ready("tiny").unwrap();
    let stream = stream(&config, &[vec![]]);
    assert_eq!(client.call(&stream), [told(&config, &[vec![]])]);
    // Again with the same number: only acknowledged. With one that is not due yet: the one before it is missing, which is said once.
    for (ahead, kind) in [(-1, Kind::Acknowledged), (1, Kind::Missing), (2, Kind::Acknowledged)] {
        client.send_frame(&stream, client.next.wrapping_add_signed(ahead), 0);
        let answer = frames(&mut client);
        assert_eq!(answer.len(), 1);
        assert_eq!((answer[0].kind, answer[0].acknowledge), (kind, client.next));
    }
    assert_eq!(client.call(&stream), [told(&config, &[vec![]])]);
    let ledger = client.ledger(&ArrayConfig::ready("tiny").unwrap());
    assert_eq!(ledger.array(ArrayCounter::Ticks), 2);
    assert_eq!(ledger.array(ArrayCounter::FramesRefused), 3);
}

#[test]
fn a_damaged_frame_is_dropped_and_counted() {
    let mut client = tiny();
    client.call(&Command::Reset { flags: RESET_LEDGER });
    let frame = Frame {
        kind: Kind::Identify,
        sequence: client.next,
        acknowledge: client.expected,
        auxiliary: 0,
        payload: vec![],
    };
    let mut wire = frame.encode();
    wire[3] ^= 0x40;
    client.port.write_all(&wire).unwrap();
    client.port.write_all(&[7; 600]).unwrap();
    client.port.write_all(&[DELIMITER, DELIMITER]).unwrap();
    // Both are one answer, for the board had no time between them.
    let answer = frames(&mut client);
    assert_eq!(answer.iter().map(|frame| frame.kind).collect::<Vec<_>>(), [Kind::Missing]);
    assert!(matches!(client.call(&Command::Identify)[..], [Reply::Identity(_)]));
    let array = client.port.board().array().ledger();
    assert_eq!(array.array(ArrayCounter::FramesRefused), 2);
}

#[test]
fn replies_are_sent_again_until_they_are_acknowledged() {
    let mut client = tiny();
    client.send(&Command::Identify);
    client.send(&Command::Snapshot);
    let said =
        |frames: Vec<Frame>| frames.into_iter().map(|frame| (frame.kind, frame.sequence, frame.payload)).collect();
    let first: Vec<(Kind, u8, Vec<u8>)> = said(frames(&mut client));
    assert_eq!(
        first.iter().map(|frame| (frame.0, frame.1)).collect::<Vec<_>>(),
        [(Kind::Identity, 0), (Kind::Done, 1)]
    );
    client.send_frame(&Command::Acknowledge, 0, FLAG_RESEND);
    assert_eq!(said(frames(&mut client)), first);
    client.expected = 1;
    client.send_frame(&Command::Acknowledge, 0, FLAG_RESEND);
    assert_eq!(said(frames(&mut client)), first[1..]);
    client.expected = 2;
    client.send_frame(&Command::Acknowledge, 0, FLAG_RESEND);
    let rest = frames(&mut client);
    assert_eq!((rest.len(), rest[0].kind), (1, Kind::Acknowledged));
    assert_eq!(client.port.board().array().ledger().array(ArrayCounter::FramesResent), 3);
}

#[test]
fn a_full_buffer_of_replies_stops_execution_and_loses_nothing() {
    let mut client = tiny();
    let config = ArrayConfig::ready("tiny").unwrap();
    too_many_ticks(&config).iter().for_each(|command| client.send(command));
    let mut payloads: Vec<Vec<u8>> = vec![];
    while let Some(frame) = client.receive() {
        let frame = frame.unwrap();
        if frame.kind != Kind::StreamOut {
            continue;
        }
        assert_eq!(frame.sequence, client.expected);
        client.expected = client.expected.wrapping_add(1);
        let Ok(Reply::Stream(payload)) = Reply::parse(frame.kind, &frame.payload) else { panic!("{frame:?}") };
        payloads.push(payload);
        if client.port.bytes_to_read() == 0 {
            let ran = client.port.board().array().tick_number() as usize;
            let heard = ticks_of(&config, &payloads).len();
            assert!(ran < 12_000 || heard > 4000, "{ran} ticks ran, {heard} were told");
            client.send_frame(&Command::Acknowledge, 0, 0);
        }
    }
    assert_eq!(ticks_of(&config, &payloads), vec![Vec::<u16>::new(); 12_000]);
}

#[test]
fn frames_without_room_are_refused_and_can_be_sent_again() {
    let mut client = tiny();
    // More ticks than the buffer of replies can tell of: the executor stops and commands pile up.
    too_many_ticks(&ArrayConfig::ready("tiny").unwrap()).iter().for_each(|command| client.send(command));
    let command = write(Address::weights(0, 0, 0), &[5; MAX_WORDS]);
    let taken = room_taken(command.payload().len());
    frames(&mut client);
    let mut room = RECEIVE_BUFFER;
    for _ in 0..RECEIVE_BUFFER / taken + 2 {
        client.send_frame(&command, client.next, 0);
        let answer = frames(&mut client).pop().unwrap();
        room = answer.auxiliary as usize * ROOM_UNIT;
        if answer.acknowledge == client.next {
            assert!(room < taken, "refused with room of {room}");
            break;
        }
        client.next += 1;
    }
    assert!(room < taken);
    assert_eq!(client.port.board().array().ledger().array(ArrayCounter::FramesRefused), 1);
    // Synchronising ends all of it.
    let mut client = Client::connect(client.port);
    let Some(Reply::Identity(_)) = client.ask(&Command::Identify) else { panic!("no identity") };
}

#[test]
fn a_network_behind_the_link_does_what_the_model_does() {
    let config = networks::mixed();
    for seed in 0..8 {
        let image = networks::image(&config, seed);
        let ticks = networks::spikes(&config, seed, 30);
        let mut array = ReferenceArray::new(&config);
        array.load(&image).unwrap();
        let mut client = Client::connect(BoardPort::new(ReferenceBoard::new(&config)));
        client.load(&image, true);
        let mut expected = |lines: &Vec<u16>| {
            lines.iter().for_each(|&line| array.input(line).unwrap());
            array.tick()
        };
        let expected: Vec<Vec<u16>> = ticks.iter().map(&mut expected).collect();
        let found: Vec<Vec<u16>> = ticks.iter().map(|lines| client.tick(lines)).collect();
        assert_eq!(found, expected);
        let membranes: Vec<Vec<i32>> = (0..3).map(|core| array.membranes(core).to_vec()).collect();
        assert_eq!(client.membranes(&config), membranes);
        assert_eq!(client.ledger(&config).differences(&array.ledger()), []);
    }
}

#[test]
fn noise_is_refused_by_the_rtl_as_by_the_model_and_a_session_behind_it_goes_well() {
    let config = ArrayConfig::ready("tiny").unwrap();
    let mut noisy = Noisy::new(&config, &soc_verilog(&config).unwrap(), 1);
    while noisy.bytes < 100_000 {
        noisy = noisy.round().unwrap_or_else(|difference| panic!("{difference}"));
    }
    assert!(noisy.frames_refused > 300, "{}", noisy.frames_refused);
}
