use super::*;
use std::collections::VecDeque;

/// A port on which everything comes back at once, and whose time passes only by waiting.
#[derive(Default)]
struct Loop {
    bytes: VecDeque<u8>,
    writes: Vec<Vec<u8>>,
    now: Duration,
}

impl Port for Loop {
    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.writes.push(bytes.to_vec());
        self.bytes.extend(bytes);
        Ok(())
    }
    fn read(&mut self, buffer: &mut [u8], timeout: Duration) -> io::Result<usize> {
        if self.bytes.is_empty() {
            self.now += timeout;
        }
        io::Read::read(&mut self.bytes, buffer)
    }
    fn now(&self) -> Duration {
        self.now
    }
    fn bytes_per_second(&self) -> Option<u32> {
        None
    }
    fn name(&self) -> &str {
        "loop"
    }
}

const MS: Duration = Duration::from_millis(1);

fn faulty(plan: &str) -> Faulty<Loop> {
    Faulty::with_plan(Loop::default(), plan.parse().unwrap())
}

fn read(port: &mut Faulty<Loop>, timeout: Duration) -> Vec<u8> {
    let mut buffer = [0; 100];
    let count = port.read(&mut buffer, timeout).unwrap();
    buffer[..count].to_vec()
}

#[test]
fn bytes_are_changed_where_the_schedule_says() {
    let through = |plan: &str| {
        let mut port = faulty(plan);
        port.write(&[1, 2, 3, 4]).unwrap();
        let came = read(&mut port, MS);
        assert_eq!(port.count(), 1, "{plan}");
        came
    };
    assert_eq!(through("drop@2"), [1, 2, 4]);
    assert_eq!(through("duplicate@to:0"), [1, 1, 2, 3, 4]);
    assert_eq!(through("duplicate@from:3"), [1, 2, 3, 4, 4]);
    let flipped = through("flip@to:1");
    assert_eq!((flipped[1] ^ 2).count_ones(), 1);
    let inserted = through("insert@to:1");
    assert_eq!((inserted[0], &inserted[2..]), (1, &[2, 3, 4][..]));
    // Bytes of both directions count, in the order in which they travel.
    assert_eq!(through("drop@5"), [1, 3, 4]);
}

#[test]
fn what_is_late_comes_in_order_and_not_before_its_time() {
    let mut port = faulty("delay@to:2:20ms");
    port.write(&[1, 2, 3, 4]).unwrap();
    assert_eq!(read(&mut port, MS), [1, 2]);
    assert_eq!(read(&mut port, 5 * MS), Vec::<u8>::new());
    port.write(&[5]).unwrap();
    assert_eq!(port.now(), 5 * MS);
    assert_eq!(read(&mut port, 100 * MS), [3, 4, 5]);
    assert_eq!(port.now(), 20 * MS);
    // Only what is late waits.
    port.write(&[6]).unwrap();
    assert_eq!(read(&mut port, MS), [6]);
}

#[test]
fn a_torn_transfer_comes_in_pieces() {
    let mut port = faulty("tear@to:1,tear@from:3");
    port.write(&[1, 2, 3, 4]).unwrap();
    assert_eq!(port.inner().writes, [[1]]);
    assert_eq!(read(&mut port, MS), [1, 2, 3]);
    assert_eq!(port.inner().writes, [vec![1], vec![2, 3, 4]]);
    assert_eq!(read(&mut port, MS), [4]);
    assert_eq!(port.counts().tear, 2);
}

#[test]
fn a_stall_holds_both_directions() {
    let mut port = faulty("stall@to:4:2s");
    port.write(&[1, 2]).unwrap();
    port.write(&[3, 4, 5]).unwrap();
    // What came back before is kept, too.
    assert_eq!(read(&mut port, 1999 * MS), Vec::<u8>::new());
    assert_eq!((read(&mut port, MS), port.now()), (vec![1, 2], 2000 * MS));
    assert_eq!(read(&mut port, MS), [3, 4, 5]);
}

#[test]
fn after_a_disconnection_nothing_works() {
    let mut port = faulty("disconnect@from:2");
    port.write(&[1, 2, 3]).unwrap();
    assert_eq!(read(&mut port, MS), [1, 2]);
    for _ in 0..2 {
        assert_eq!(port.read(&mut [0; 9], MS).unwrap_err().kind(), io::ErrorKind::BrokenPipe);
        assert_eq!(port.write(&[1]).unwrap_err().kind(), io::ErrorKind::BrokenPipe);
    }
    assert_eq!(port.counts(), FaultCounts { disconnect: 1, ..FaultCounts::default() });
    // Its first half is on its way when the plug comes out.
    let mut port = faulty("disconnect@to:2");
    assert!(port.write(&[1, 2, 3]).is_err());
    assert_eq!(port.inner().writes, [[1, 2]]);
}

#[test]
fn rates_are_kept_and_repeatable() {
    for fault in Fault::ALL.into_iter().filter(|fault| *fault != Fault::Disconnect) {
        let run = |seed| {
            let mut port = Faulty::new(Loop::default(), Faults::only(fault, 0.01), seed);
            let mut came = vec![];
            for _ in 0..500 {
                port.write(&[7; 20]).unwrap();
                came.extend(read(&mut port, Duration::from_secs(1)));
            }
            (came, port.counts())
        };
        let (first, counts) = run(3);
        assert_eq!((first, counts), run(3), "{fault}");
        // 20,000 bytes; a tear counts though it falls on the first byte of a transfer.
        assert!((140..260).contains(&counts.of(fault)) && counts.total() == counts.of(fault), "{fault}: {counts}");
    }
}
