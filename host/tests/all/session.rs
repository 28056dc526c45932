//! The host's side of the link against boards that are right, wrong, or none.

use crate::common::random_image;
use crate::common::scripted::Scripted;
use nernst::port::Direct;
use nernst::session::{Session, SessionError};
use nernst_sim::{Activity, Board, ReferenceBoard};
use nernst_spec::image::CoreImage;
use nernst_spec::link::{Deframer, Frame, Kind, Reply};
use nernst_spec::memory::Address;
use nernst_spec::{ArrayConfig, Contexts, Image};
use std::collections::VecDeque;

fn config() -> ArrayConfig {
    ArrayConfig::ready("tiny").unwrap()
}

fn board() -> Direct<ReferenceBoard> {
    Direct::new("test", ReferenceBoard::new(&config()))
}

fn error_of(script: impl FnMut(&mut VecDeque<u8>, &mut VecDeque<u8>) + Send + 'static) -> SessionError {
    match Session::open(Box::new(Direct::new("test", Scripted(script)))) {
        Ok(_) => panic!("a session with a board that is none"),
        Err(error) => {
            assert!(error.help().is_some(), "{error}");
            assert!(!error.to_string().contains('\n'));
            error
        }
    }
}

#[test]
fn boards_that_are_none_are_told_apart() {
    assert!(matches!(error_of(|_, _| {}), SessionError::NoAnswer { .. }));
    assert!(matches!(
        error_of(|input, output| output.extend(input.iter())),
        SessionError::Foreign { what: "an echo of what was sent", .. }
    ));
    assert!(matches!(
        error_of(|_, output| output.extend(b"login: \0")),
        SessionError::Foreign { what: "no intact frame", .. }
    ));
}

fn reply(reply: &Reply) -> Vec<u8> {
    Frame { kind: reply.kind(), sequence: 0, acknowledge: 0, auxiliary: 128, payload: reply.payload() }.encode()
}

#[test]
fn another_protocol_version_is_named() {
    let mut deframer = Deframer::new();
    let error = error_of(move |input, output| {
        for frame in input.drain(..).filter_map(|byte| deframer.push(byte)).flatten() {
            if frame.kind == Kind::Synchronise {
                let number = u32::from_le_bytes(frame.payload[1..5].try_into().unwrap());
                output.extend(reply(&Reply::Synchronised { version: 9, number }));
            }
        }
    });
    assert!(matches!(error, SessionError::Version { board: 9, .. }), "{error}");
}

#[test]
fn a_board_that_falls_silent_is_given_up() {
    let mut board = ReferenceBoard::new(&config());
    let mut bytes = 0;
    let script = move |input: &mut VecDeque<u8>, output: &mut VecDeque<u8>| {
        bytes += input.len();
        if bytes < 2000 {
            board.exchange(input, output).unwrap();
        }
    };
    let mut session = Session::open(Box::new(Direct::new("test", Scripted(script)))).unwrap();
    let error = session.load(&random_image(&config(), 1), |_, _| {}).unwrap_err();
    assert!(matches!(error, SessionError::Stopped { .. }), "{error}");
}

#[test]
fn what_the_array_does_not_have_is_refused_before_it_is_sent() {
    let mut session = Session::open(Box::new(board())).unwrap();
    assert!(matches!(session.run(&[vec![64]]), Err(SessionError::Input { line: 64, inputs: 64, .. })));
    assert!(matches!(session.read(Address::route(70), 3), Err(SessionError::Address { .. })));
    let other = Image::empty("other", &ArrayConfig::ready("25f").unwrap());
    let error = session.load(&other, |_, _| {}).unwrap_err();
    assert!(error.to_string().contains("`25f` (4 x 12 tiles INT4, 512 inputs)"), "{error}");
    // The session is as good as before.
    assert_eq!(session.run(&[vec![], vec![]]).unwrap().len(), 2);
}

#[test]
fn a_network_of_one_context_can_follow_one_of_several() {
    let config = ArrayConfig::ready("25f-contexts").unwrap();
    let mut several = Image::empty("several", &config);
    for (core, shape) in several.cores.iter_mut().zip(&config.cores) {
        *core = CoreImage::silent(shape, Contexts::from_log2(2));
    }
    let mut session = Session::open(Box::new(Direct::new("test", ReferenceBoard::new(&config)))).unwrap();
    for image in [several, random_image(&config, 1), Image::empty("nothing", &config)] {
        session.load(&image, |_, _| {}).unwrap();
        for (core, contexts) in image.contexts().into_iter().enumerate() {
            let word = session.read(Address::settings(core), 1).unwrap()[0];
            assert_eq!(word.low(), u32::from(contexts.log2()), "core {core} of {}", image.name);
        }
    }
}

#[test]
fn a_word_that_went_wrong_is_found_by_its_digest() {
    // The board loses one bit of one weight between the link and its memory.
    let mut inner = ReferenceBoard::new(&config());
    let mut deframer = Deframer::new();
    let script = move |input: &mut VecDeque<u8>, output: &mut VecDeque<u8>| {
        let mut changed: VecDeque<u8> = VecDeque::new();
        for frame in input.drain(..).filter_map(|byte| deframer.push(byte)).flatten() {
            let mut frame = frame;
            if frame.kind == Kind::Write && frame.payload[3] >> 4 == 0 {
                frame.payload[6] ^= 1;
            }
            changed.extend(frame.encode());
        }
        while inner.exchange(&mut changed, output).unwrap() == Activity::Busy {}
    };
    let mut session = Session::open(Box::new(Direct::new("test", Scripted(script)))).unwrap();
    let error = session.load(&random_image(&config(), 3), |_, _| {}).unwrap_err();
    assert!(matches!(error, SessionError::Verify { .. }), "{error}");
}
