//! What a host sees of the link, with and without faults on the line.

use crate::bench::{Run, expected, heard, random_orders, stream, streams, ticks, values};
use crate::host::{Faults, Order, raw_frame};
use crate::stand_in::Deed;
use nernst_spec::encoding::Coding;
use nernst_spec::link::frame::{MAX_PAYLOAD, room_taken};
use nernst_spec::link::message::{Kind, MAX_WORDS, RESET_STATE};
use nernst_spec::link::stream::{CUT, Event::Spike, Event::Tick};
use nernst_spec::link::{Command, Frame, MAX_UNACKNOWLEDGED, RECEIVE_BUFFER, Reply};
use nernst_spec::memory::{Address, Word};
use rust_hdl_bsp_ecp5::cosim::Rng;

fn synchronised() -> Run {
    let mut run = Run::new(Faults::default(), 1);
    run.until("synchronisation", 2_000, |run| run.bench.host.synchronised);
    // No reply takes longer than one full of spikes.
    run.bench.host.patience = 15_000;
    run
}

/// Every order was executed once and in order, and every reply came once and in order.
fn assert_obeyed(run: &mut Run, orders: &[Order]) {
    let config = &run.bench.array.config;
    let (deeds, replies) = expected(orders, config, run.bench.array.budget);
    assert_eq!(run.bench.array.deeds, deeds);
    assert_eq!(heard(std::mem::take(&mut run.bench.host.replies), config), replies);
}

#[test]
fn a_host_finds_the_board_and_learns_its_room() {
    let mut run = synchronised();
    assert_eq!(run.bench.host.frames.len(), 1);
    assert_eq!(run.bench.host.room, RECEIVE_BUFFER);
    run.until("quiet", 100, |run| run.stepper.uut.quiet.val());
    assert_eq!(run.bench.array.bytes_out, room_taken(5) as u64 + 2);
    // The delimiter before the frame is a byte, too.
    assert_eq!(run.bench.array.bytes_in, room_taken(5) as u64 + 3);
    assert_eq!(run.bench.array.refused, 0);
}

#[test]
fn every_command_is_answered_as_the_contract_says() {
    let mut run = synchronised();
    let words: Vec<Word> = (0..MAX_WORDS as u64).map(|k| Word::new(k * 0x1_1111_1111)).collect();
    let row = |row| Address::weights(1, 2, row);
    let orders: Vec<Order> = vec![
        Command::Identify.into(),
        Command::Write { address: row(3), words: words.clone() }.into(),
        Command::Read { address: row(2), count: MAX_WORDS as u8 }.into(),
        Command::Digest { address: row(0), count: 100 }.into(),
        Command::Digest { address: row(0), count: 0 }.into(),
        // Half of these rows exist.
        Command::Write { address: row(512 - 24), words }.into(),
        Command::Read { address: row(511), count: 2 }.into(),
        Command::Digest { address: row(500), count: 13 }.into(),
        Command::Write { address: Address::membrane(0, 0), words: vec![Word::new(1)] }.into(),
        stream(&[Spike(1), Spike(2), Spike(3), Tick, Tick, Spike(63), Tick]),
        // The row goes on in the next payload.
        stream(&[Spike(5)]),
        ticks(1),
        stream(&[Spike(4), Tick, Tick, Tick, Spike(5), Spike(63)]),
        stream(&[Spike(0), Spike(0), Tick]),
        stream(&[Spike(40)]),
        // Membranes are reset, and the row begins again.
        Command::Reset { flags: 0xff }.into(),
        stream(&[Spike(20), Tick]),
        ticks(40),
        values(Coding::Rate, 8, &[0, 1, 2, 15, 16, 17, 8]),
        // As an open reply leaves it; those lines only, and for a row that began.
        stream(&[Tick, Spike(9)]),
        values(Coding::Latency, 8, &[16, 9, 2]),
        stream(&[Spike(3), Tick]),
        values(Coding::Latency, 0, &[5; 64]),
        values(Coding::Rate, 3, &[]),
        Order { kind: Kind::Encode as u8, payload: vec![4, 15, 2, 60, 0, 200, 0, 3, 0] },
        Order { kind: Kind::Encode as u8, payload: vec![0; 8] },
        Order { kind: 0x18, payload: vec![1, 2, 3] },
        Order { kind: 0x33, payload: vec![] },
        Order { kind: Kind::Read as u8, payload: vec![0; 4] },
        Order { kind: Kind::Write as u8, payload: vec![0; 4] },
        Order { kind: Kind::Write as u8, payload: vec![0; 8] },
        Order { kind: Kind::Stream as u8, payload: vec![] },
        Order { kind: Kind::Stream as u8, payload: vec![0; 3] },
        Order { kind: Kind::Identify as u8, payload: vec![0] },
        Command::Read { address: row(0), count: 0 }.into(),
        Command::Read { address: row(0), count: MAX_WORDS as u8 + 1 }.into(),
        Command::Snapshot.into(),
    ];
    // Values and their ticks are told together, at the end.
    run.bench.host.patience = 30_000;
    run.obey(&orders, 100_000);
    assert_obeyed(&mut run, &orders);
    assert_eq!((run.bench.array.refused, run.bench.array.resent), (0, 0));
}

#[test]
fn hundreds_of_ticks_fill_frames_and_come_complete() {
    let mut run = synchronised();
    let orders = [ticks(400)];
    run.obey(&orders, 300_000);
    let lengths: Vec<usize> = (run.bench.host.replies.iter())
        .filter_map(|reply| if let Reply::Stream(payload) = reply { Some(payload.len()) } else { None })
        .collect();
    let (last, full) = lengths.split_last().unwrap();
    assert!(full.len() > 2 && full.iter().all(|length| (CUT..=MAX_PAYLOAD).contains(length)), "{lengths:?}");
    assert!((1..=MAX_PAYLOAD).contains(last));
    assert_obeyed(&mut run, &orders);
}

#[test]
fn numbers_go_round_while_commands_overlap() {
    let mut run = synchronised();
    let mut rng = Rng::new(3);
    let orders = random_orders(260, &mut rng);
    // A payload may run hundreds of ticks before anything is to be said.
    run.bench.host.patience = 200_000;
    run.obey(&orders, 1_000_000);
    assert_obeyed(&mut run, &orders);
    assert_eq!((run.bench.array.refused, run.bench.array.resent), (0, 0));
}

#[test]
fn a_used_up_budget_refuses_spikes_and_ticks_and_nothing_else() {
    let mut run = synchronised();
    run.bench.array.budget = 5;
    let orders: Vec<Order> = vec![
        stream(&[Spike(1), Tick, Tick, Tick]),
        // The fourth and the fifth are run, the sixth is not, and what follows in the frame is dropped.
        stream(&[Spike(2), Tick, Tick, Tick, Spike(3), Tick]),
        stream(&[Spike(4), Tick]),
        ticks(1),
        values(Coding::Rate, 2, &[16, 0]),
        values(Coding::Latency, 2, &[0, 0]),
        values(Coding::Rate, 0, &[16, 16]),
        // No event, and nothing that could be refused.
        Order { kind: Kind::Stream as u8, payload: vec![4] },
        Command::Snapshot.into(),
        Command::Read { address: Address::weights(0, 0, 3), count: 2 }.into(),
        Command::Reset { flags: RESET_STATE }.into(),
        stream(&[Spike(7), Tick, Tick]),
        // Refused within.
        values(Coding::Rate, 9, &[16, 3]),
    ];
    let orders = [orders, random_orders(200, &mut Rng::new(8))].concat();
    run.obey(&orders, 1_000_000);
    assert_obeyed(&mut run, &orders);
}

#[test]
fn whatever_the_line_does_every_command_is_executed_once_and_every_reply_comes_once() {
    for (seed, faults) in [
        (11, Faults { bytes: 700, frames: 0 }),
        (12, Faults { bytes: 0, frames: 6 }),
        (13, Faults { bytes: 700, frames: 20 }),
    ] {
        let mut run = Run::new(faults, seed);
        run.bench.slowness = 1;
        let orders = random_orders(30, &mut Rng::new(seed));
        run.obey(&orders, 1_500_000);
        assert_obeyed(&mut run, &orders);
        assert!(run.bench.array.refused > 0 && run.bench.array.resent > 0, "the line was too good");
    }
}

#[test]
fn a_frame_without_room_is_refused_whole_and_applied_once_when_it_comes_again() {
    let mut run = synchronised();
    // The spikes of the first command find no room while the host is silent; the commands behind it fill the ring.
    let words = |k: u64| (0..MAX_WORDS as u64).map(|i| Word::new(k * 1000 + i)).collect();
    let mut orders: Vec<Order> = vec![ticks(500)];
    orders.extend(
        (0..12)
            .map(|k| Order::from(Command::Write { address: Address::weights(0, k as usize % 4, 0), words: words(k) })),
    );
    run.bench.host.silent = true;
    for (sequence, order) in orders.iter().enumerate() {
        run.bench.host.line.extend(raw_frame(order.kind, sequence as u8, 0, 0, &order.payload));
    }
    run.until("all bytes sent", 100_000, |run| run.bench.host.line.is_empty());
    run.until("refusals", 1_000, |run| run.bench.array.refused >= 4);
    // The host now behaves and finds out what is missing.
    run.bench.host.silent = false;
    let sent = std::mem::take(&mut run.bench.host.frames).len();
    assert!(sent > 0);
    run.bench.host.adopt(&orders);
    run.obey(&[], 300_000);
    assert_obeyed(&mut run, &orders);
}

#[test]
fn a_host_that_does_not_acknowledge_stops_the_array_and_loses_nothing() {
    let mut run = synchronised();
    let orders = [streams(6, &[Tick; 800]), vec![Command::Identify.into()]].concat();
    run.bench.host.orders.extend(orders.iter().cloned());
    run.until("first output", 20_000, |run| !run.bench.host.replies.is_empty());
    run.bench.host.silent = true;
    let mut last = usize::MAX;
    for _ in 0..20 {
        (0..5_000).for_each(|_| run.clock());
        let now = run.bench.array.deeds.len();
        if now == last {
            break;
        }
        last = now;
    }
    assert_eq!(run.bench.array.deeds.len(), last, "the array runs on without room for its spikes");
    assert!(last < 800);
    run.bench.host.silent = false;
    run.obey(&[], 3_000_000);
    assert_obeyed(&mut run, &orders);
}

#[test]
fn a_board_keeps_no_more_replies_than_it_may() {
    let mut run = synchronised();
    run.bench.host.silent = true;
    // Short frames, so that their number is the limit and not the ring.
    for sequence in 0..100u8 {
        run.bench.host.line.extend(raw_frame(Kind::Snapshot as u8, sequence, 0, 0, &[]));
    }
    (0..60_000).for_each(|_| run.clock());
    let executed = run.bench.array.deeds.len();
    assert!((MAX_UNACKNOWLEDGED - 1..=MAX_UNACKNOWLEDGED).contains(&executed), "{executed}");
    let numbered = run.bench.host.frames.iter().filter(|frame| frame.kind.is_numbered()).count();
    assert_eq!(numbered, executed);
}

#[test]
fn a_synchronisation_ends_whatever_an_earlier_host_left_behind() {
    let orders = random_orders(60, &mut Rng::new(5));
    for clocks in (0..8).map(|k| 150 + 1_838 * k) {
        let mut run = Run::new(Faults::default(), clocks);
        run.until("synchronisation", 2_000, |run| run.bench.host.synchronised);
        run.bench.host.orders.extend(orders.iter().cloned());
        run.bench.host.orders.push_front(match clocks % 4 {
            2 => stream(&[&[Spike(1)], &[Tick; 500][..], &[Spike(2)]].concat()),
            _ => values(Coding::Rate, 500, &[3, 9, 0, 16]),
        });
        (0..clocks).for_each(|_| run.clock());
        run.bench.host.begin_anew();
        run.until("synchronisation", 60_000, |run| run.bench.host.synchronised);
        assert!(run.bench.host.replies.is_empty(), "a reply to the host before");
        run.until("no tick runs", 2_000, |run| run.stepper.uut.quiet.val());
        run.bench.array.deeds.clear();
        run.bench.array.memory.clear();
        // Values stay.
        let mut mine: Vec<Order> = vec![Command::Reset { flags: 7 }.into(), values(Coding::Rate, 0, &[0; 64])];
        mine.extend(orders.iter().take(12).cloned());
        run.obey(&mine, 300_000);
        assert_obeyed(&mut run, &mine);
    }
}

#[test]
fn any_bytes_leave_the_board_able_to_receive_the_next_frame() {
    let mut run = synchronised();
    let mut rng = Rng::new(9);
    for round in 0..40 {
        let mut noise: Vec<u8> = match round % 4 {
            0 => (0..rng.below(700)).map(|_| rng.next_u64() as u8).collect(),
            1 => (0..rng.below(700)).map(|_| 1 + rng.below(255) as u8).collect(),
            2 => vec![0xff; rng.below(600) as usize],
            _ => {
                let mut torn = raw_frame(Kind::Write as u8, round, 0, 0, &[7; MAX_PAYLOAD]);
                torn.truncate(rng.below(torn.len() as u64) as usize);
                torn
            }
        };
        noise.push(0);
        run.bench.host.line.extend(noise);
        run.until("noise is over", 20_000, |run| run.bench.host.line.is_empty());
        run.bench.array.deeds.clear();
        run.bench.host.replies.clear();
        run.bench.array.resent = 0;
        run.obey(&[], 20_000);
        assert_eq!(run.bench.array.deeds, [Deed::Snapshot], "round {round}");
        assert_eq!(run.bench.array.resent, 0, "round {round}: a frame after a zero byte was lost");
    }
}

#[test]
fn frames_of_a_board_are_not_answered_and_damaged_ones_are_missed() {
    let mut run = synchronised();
    run.bench.host.silent = true;
    run.until("quiet", 100, |run| run.stepper.uut.quiet.val());
    run.bench.host.frames.clear();
    let mut damaged = raw_frame(Kind::Acknowledge as u8, 0, 0, 0, &[]);
    damaged[3] ^= 0x40;
    let long = raw_frame(Kind::Stream as u8, 0, 0, 0, &[1; MAX_PAYLOAD + 1]);
    for frame in [raw_frame(Kind::Acknowledged as u8, 0, 0, 0, &[]), raw_frame(0x90, 0, 0, 0, &[1]), damaged, long] {
        run.bench.host.line.extend(frame);
    }
    (0..4_000).for_each(|_| run.clock());
    let missing = Frame { kind: Kind::Missing, sequence: 0, acknowledge: 0, auxiliary: 0x80, payload: vec![] };
    assert_eq!(run.bench.host.frames, [missing.clone(), missing]);
    assert_eq!(run.bench.array.refused, 4);
    assert!(run.stepper.uut.quiet.val());
}
