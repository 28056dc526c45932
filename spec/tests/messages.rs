//! Messages of every kind, their lengths, and how a code follows the gaps.

use nernst_spec::encoding::{Code, Coding};
use nernst_spec::link::frame::{MAX_PAYLOAD, crc32};
use nernst_spec::link::message::{MAX_WORDS, RESET_LEDGER};
use nernst_spec::link::stream::{self, Adaptation, CUT, Decoder, Encoder, Event, MAX_EXPONENT, Train};
use nernst_spec::link::{Command, Frame, FrameError, Kind, MessageError, Reply, Values};
use nernst_spec::memory::{Address, Word};
use nernst_spec::settings::{COUNT_BITS, DENSE_WORDS};

const PLACE: Address = Address(0x1234_5678);

#[test]
fn payloads_of_commands_are_as_long_as_they_say() {
    let words = vec![Word::new(0x3_0000_0001), Word::new(2)];
    let code = Code { coding: Coding::Latency, full: 16, least: 3 };
    let values = Values { code, width: 4, first: 5, count: 2, ticks: 0x0102, values: vec![9, 6] };
    assert_eq!(values.end(), 7);
    let commands = [
        (Command::Synchronise { version: 7, number: 0x0403_0201 }, vec![7, 1, 2, 3, 4]),
        (Command::Acknowledge, vec![]),
        (Command::Identify, vec![]),
        (Command::Reset { flags: RESET_LEDGER }, vec![2]),
        (Command::Write { address: PLACE, words }, vec![0x78, 0x56, 0x34, 0x12, 1, 0, 0, 0, 3, 2, 0, 0, 0, 0]),
        (Command::Read { address: PLACE, count: 3 }, vec![0x78, 0x56, 0x34, 0x12, 3]),
        (Command::Digest { address: PLACE, count: 0x0201 }, vec![0x78, 0x56, 0x34, 0x12, 1, 2]),
        (Command::Stream(vec![5, 6]), vec![5, 6]),
        (Command::Snapshot, vec![]),
        (Command::Encode(values), vec![8 | 3, 15, 3, 5, 0, 2, 0, 2, 1, 0x69]),
    ];
    for (command, payload) in commands {
        let kind = command.kind();
        assert_eq!(command.payload(), payload, "{kind:?}");
        assert_eq!(Reply::parse(kind, &payload), Err(MessageError::Direction(kind)));
        assert_eq!(Command::parse(kind, &payload), Ok(command));
        let wrong = match kind {
            Kind::Stream => vec![],
            // Values that are missing stay what they were.
            Kind::Encode => payload[..8].to_vec(),
            _ => [&payload[..], &[0]].concat(),
        };
        assert_eq!(Command::parse(kind, &wrong), Err(MessageError::Length { kind, length: wrong.len() }), "{kind:?}");
    }
    let read = |count: usize| Command::parse(Kind::Read, &[0, 0, 0, 0, count as u8]).is_ok();
    assert_eq!([0, 1, MAX_WORDS, MAX_WORDS + 1].map(read), [false, true, true, false]);
    assert!(Command::parse(Kind::Write, &[0; 4]).is_err(), "no word to write");
}

#[test]
fn payloads_of_replies_are_as_long_as_they_say() {
    let replies = [
        (Reply::Synchronised { version: 7, number: 0x0403_0201 }, vec![7, 1, 2, 3, 4]),
        (Reply::Acknowledged, vec![]),
        (Reply::Missing, vec![]),
        (Reply::Identity(vec![1, 2, 3]), vec![1, 2, 3]),
        (Reply::Done { kind: 0x11 }, vec![0x11]),
        (Reply::Words { address: PLACE, words: vec![Word::new(1)] }, vec![0x78, 0x56, 0x34, 0x12, 1, 0, 0, 0, 0]),
        (Reply::Digest(0x0403_0201), vec![1, 2, 3, 4]),
        (Reply::Stream(vec![8, 9]), vec![8, 9]),
        (Reply::Error { code: 3, kind: 0x12, address: 0x0403_0201 }, vec![3, 0x12, 1, 2, 3, 4]),
    ];
    for (reply, payload) in replies {
        let kind = reply.kind();
        assert_eq!(reply.payload(), payload, "{kind:?}");
        assert_eq!(Command::parse(kind, &payload), Err(MessageError::Direction(kind)));
        assert_eq!(Reply::parse(kind, &payload), Ok(reply));
        if !matches!(kind, Kind::Identity | Kind::StreamOut) {
            let long = [&payload[..], &[0]].concat();
            assert_eq!(Reply::parse(kind, &long), Err(MessageError::Length { kind, length: long.len() }), "{kind:?}");
        }
    }
}

#[test]
fn values_fit_their_width() {
    assert_eq!([&[][..], &[0], &[1], &[2, 3], &[255, 0]].map(Values::width_of), [1, 1, 1, 2, 8]);
    assert_eq!((Values::most(8, 9), Values::most(3, 12), Values::most(1, 20)), (0, 8, 88));
}

#[test]
fn the_start_of_a_code_follows_the_gaps() {
    let train = |places| Train { places, unordered: false };
    let limit = |places| Adaptation::limit(&train(places));
    assert_eq!([0, 1, 2, 255, 256, 4096].map(limit), [0, 0, 1, 7, 8, MAX_EXPONENT.min(12)]);
    let mut code = Adaptation::new(&train(256), 3);
    let zeros = |code: &mut Adaptation, count| (0..count).for_each(|_| code.zero());
    assert_eq!((code.starts_with(), code.exponent(), code.step(), code.within_code()), (3, 3, 8, false));
    code.zero();
    assert!(code.within_code());
    code.end();
    assert!(!code.within_code() && code.starts_with() == 3);
    // From the middle of an exponent: half of it, in eighths, is four codes without a zero, and the fifth is below.
    (0..4).for_each(|_| code.end());
    assert_eq!(code.starts_with(), 3);
    code.end();
    assert_eq!((code.starts_with(), code.step()), (2, 4));
    // One zero is right, more of them raise it by as many less one, at most three eighths.
    for (count, raised) in [(1, 2), (2, 3)] {
        zeros(&mut code, count);
        code.end();
        assert_eq!(code.starts_with(), raised, "{count} zeros");
    }
    code.begin_payload(2);
    zeros(&mut code, 7);
    code.end();
    assert_eq!(code.starts_with(), 2, "four eighths and three are seven");
    zeros(&mut code, 2);
    code.end();
    assert_eq!(code.starts_with(), 3);
    // The largest is not left upwards, and after it the smallest eighth counts again.
    let mut code = Adaptation::new(&train(256), 200);
    assert_eq!((code.starts_with(), code.step()), (8, 256));
    for _ in 0..3 {
        zeros(&mut code, 3);
        code.end();
    }
    (0..5).for_each(|_| code.end());
    assert_eq!(code.starts_with(), 7);
    // At 0 it stays.
    let mut code = Adaptation::new(&train(256), 0);
    (0..6).for_each(|_| code.end());
    assert_eq!(code.starts_with(), 0);
    (0..7).for_each(|_| {
        zeros(&mut code, 2);
        code.end();
    });
    assert_eq!(code.starts_with(), 0);
    zeros(&mut code, 2);
    code.end();
    assert_eq!(code.starts_with(), 1);
}

#[test]
fn a_place_that_there_is_not_counts_as_the_last() {
    for train in [Train { places: 12, unordered: false }, Train { places: 12, unordered: true }] {
        let said = |place| stream::encode(train, &[vec![3, place], vec![0]]);
        assert_ne!(said(10), said(11));
        assert_eq!([12, 13, u16::MAX].map(said), [11; 3].map(said));
    }
}

#[test]
fn an_ordered_train_is_put_in_order_and_another_keeps_its_own() {
    let events = |unordered, spikes: &[u16]| -> Vec<Event> {
        let said = stream::encode(Train { places: 40, unordered }, &[spikes]);
        said.into_iter().flat_map(|(_, events)| events).collect()
    };
    let spikes = |places: &[u16]| places.iter().map(|&place| Event::Spike(place)).chain([Event::Tick]).collect();
    let expected: [Vec<Event>; 2] = [spikes(&[3, 7]), spikes(&[7, 3, 7])];
    assert_eq!([false, true].map(|unordered| events(unordered, &[7, 3, 7])), expected);
}

#[test]
fn payloads_are_taken_as_they_are_full() {
    let mut encoder = Encoder::new(Train { places: 4096, unordered: false }, 0);
    let mut taken = vec![];
    for _ in 0..40 {
        (0..4096).step_by(64).for_each(|place| encoder.spike(place));
        encoder.tick();
        taken.extend(encoder.take_whole());
    }
    let mut decoder = Decoder::new(Train { places: 4096, unordered: false });
    assert!(taken.len() > 2 && taken.iter().all(|payload| (CUT..=MAX_PAYLOAD).contains(&payload.len())));
    taken.extend(encoder.finish());
    let events = taken.iter().flat_map(|payload| decoder.read(payload));
    assert_eq!(events.filter(|event| matches!(event, Event::Spike(_))).count(), 40 * 64);
}

#[test]
fn settings_have_a_bit_for_each_word_of_axons() {
    assert_eq!((DENSE_WORDS, COUNT_BITS), (32, 8));
}

#[test]
fn what_is_too_short_for_a_frame_says_how_long_it_is() {
    let with_crc = |content: &[u8]| [content, &crc32(content).to_le_bytes()].concat();
    let frames = (0..4).map(|length| with_crc(&vec![Kind::Identify as u8; length]));
    for raw in (1..4).map(|length| vec![7; length]).chain(frames) {
        assert_eq!(Frame::decode(&cobs::encode_vec(&raw)), Err(FrameError::Short(raw.len())));
    }
}
