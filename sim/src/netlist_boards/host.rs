//! A host that says what a script tells it, one command after the other, and waits for each answer.

use nernst_spec::ArrayConfig;
use nernst_spec::link::frame::DELIMITER;
use nernst_spec::link::stream::{Decoder, Event, Train};
use nernst_spec::link::{Command, Deframer, Frame, Kind, Reply};
use std::collections::VecDeque;

/// Numbered frames of the board after which the host acknowledges them with a frame of its own, well before the board's
/// buffer is full.
const ACKNOWLEDGE_AFTER: u32 = 4;

/// One thing that a host does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// Sends a command and waits for all its answers.
    Command(Command),
    /// The same, and takes the time and the toggles when the last bit of the command has left.
    Cut(Command),
    /// Sends a frame without a command and waits for the answer.
    Ping,
    /// Says nothing for so many clocks.
    Idle(u64),
}

/// What the host waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wait {
    Nothing,
    /// Any frame.
    Frame,
    Acknowledgement,
    /// A reply that tells of no tick.
    Reply,
    /// So many ends of ticks.
    Ticks(u64),
    /// This clock.
    Until(u64),
}

/// One host and its place in its script.
#[derive(Debug)]
pub(super) struct Host {
    steps: VecDeque<Step>,
    outgoing: VecDeque<u8>,
    wait: Wait,
    cut: bool,
    next: u8,
    expected: u8,
    acknowledged: u8,
    unacknowledged: u32,
    deframer: Deframer,
    to_board: Decoder,
    to_host: Decoder,
    pub(super) replies: Vec<Reply>,
    /// The command that is being executed, for messages.
    pub(super) doing: String,
    pub(super) failed: Option<String>,
}

impl Host {
    pub(super) fn new(config: &ArrayConfig, steps: impl IntoIterator<Item = Step>) -> Self {
        Self {
            steps: steps.into_iter().collect(),
            outgoing: VecDeque::new(),
            wait: Wait::Nothing,
            cut: false,
            next: 0,
            expected: 0,
            acknowledged: 0,
            unacknowledged: 0,
            deframer: Deframer::new(),
            to_board: Decoder::new(Train::to_board(config)),
            to_host: Decoder::new(Train::to_host(config)),
            replies: Vec::new(),
            doing: String::new(),
            failed: None,
        }
    }

    /// The script has come to its end, or has failed.
    pub(super) fn is_done(&self) -> bool {
        self.failed.is_some() || (self.steps.is_empty() && self.outgoing.is_empty() && self.wait == Wait::Nothing)
    }

    /// The next byte, for a line that is free.
    pub(super) fn send(&mut self, clock: u64) -> Option<u8> {
        if self.outgoing.is_empty() {
            if matches!(self.wait, Wait::Until(end) if end <= clock) || self.wait == Wait::Ticks(0) {
                self.wait = Wait::Nothing;
            }
            if self.wait == Wait::Nothing && self.failed.is_none() {
                self.begin(clock);
            }
        }
        self.outgoing.pop_front()
    }

    /// Whether the toggles are to be taken now that the line is free: once for each cut.
    pub(super) fn take_cut(&mut self) -> bool {
        self.outgoing.is_empty() && std::mem::take(&mut self.cut)
    }

    fn begin(&mut self, clock: u64) {
        let Some(step) = self.steps.pop_front() else { return };
        self.cut = matches!(step, Step::Cut(_));
        match step {
            Step::Idle(clocks) => self.wait = Wait::Until(clock + clocks),
            Step::Ping => {
                self.doing = "an empty frame".into();
                self.frame(&Command::Acknowledge);
                self.wait = Wait::Frame;
            }
            Step::Command(command) | Step::Cut(command) => {
                self.doing = format!("{:?}", command.kind());
                self.frame(&command);
                self.wait = match command {
                    Command::Write { .. } => Wait::Acknowledgement,
                    Command::Acknowledge => Wait::Frame,
                    Command::Stream(payload) => match ticks(&self.to_board.read(&payload)) {
                        0 => Wait::Acknowledgement,
                        ticks => Wait::Ticks(ticks),
                    },
                    Command::Encode(values) => {
                        self.to_board.restart();
                        match values.ticks {
                            0 => Wait::Acknowledgement,
                            ticks => Wait::Ticks(ticks.into()),
                        }
                    }
                    _ => Wait::Reply,
                };
            }
        }
    }

    fn frame(&mut self, command: &Command) {
        let kind = command.kind();
        let numbered = kind.is_numbered();
        let sequence = if numbered { self.next } else { 0 };
        self.next = self.next.wrapping_add(u8::from(numbered));
        self.unacknowledged = 0;
        let frame = Frame { kind, sequence, acknowledge: self.expected, auxiliary: 0, payload: command.payload() };
        self.outgoing.extend(frame.encode());
    }

    /// A byte from the board.
    pub(super) fn hear(&mut self, byte: u8) {
        let heard = match self.deframer.push(byte) {
            None => Ok(()),
            Some(Ok(frame)) => self.take(&frame),
            Some(Err(error)) => Err(error.to_string()),
        };
        if let Err(what) = heard {
            self.failed = Some(what);
        }
    }

    fn take(&mut self, frame: &Frame) -> Result<(), String> {
        self.acknowledged = frame.acknowledge;
        if self.wait == Wait::Frame || (self.wait == Wait::Acknowledgement && self.acknowledged == self.next) {
            self.wait = Wait::Nothing;
        }
        let reply = Reply::parse(frame.kind, &frame.payload).map_err(|error| error.to_string())?;
        if frame.kind.is_numbered() {
            if frame.sequence != self.expected {
                return Err(format!("frame {} from the board, {} was due", frame.sequence, self.expected));
            }
            self.expected = self.expected.wrapping_add(1);
            self.unacknowledged += 1;
        }
        match (&reply, self.wait) {
            (Reply::Error { code, address, .. }, _) => return Err(format!("refusal {code} at {address:#x}")),
            (Reply::Stream(payload), Wait::Ticks(left)) => {
                let ended = ticks(&self.to_host.read(payload));
                self.wait = Wait::Ticks(left.saturating_sub(ended));
            }
            (Reply::Synchronised { .. }, Wait::Reply) => (self.wait, self.next, self.expected) = (Wait::Nothing, 0, 0),
            (_, Wait::Reply) if frame.kind.is_numbered() => self.wait = Wait::Nothing,
            _ => {}
        }
        if frame.kind != Kind::Acknowledged {
            self.replies.push(reply);
        }
        if self.unacknowledged >= ACKNOWLEDGE_AFTER {
            self.frame(&Command::Acknowledge);
        }
        Ok(())
    }

    /// What a synchronisation begins with: whatever the board heard before ends there.
    pub(super) fn delimit(&mut self) {
        self.outgoing.push_back(DELIMITER);
    }
}

/// Ticks among events.
fn ticks(events: &[Event]) -> u64 {
    events.iter().filter(|event| **event == Event::Tick).count() as u64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Board, ReferenceBoard};
    use nernst_spec::link::PROTOCOL_VERSION;
    use nernst_spec::link::stream::encode;
    use nernst_spec::memory::Address;

    /// The host beside the reference model, whose link answers like that of the RTL.
    fn run(steps: Vec<Step>) -> Host {
        let config = ArrayConfig::ready("tiny").unwrap();
        let mut board = ReferenceBoard::new(&config);
        let mut host = Host::new(&config, steps);
        let (mut input, mut output) = (VecDeque::new(), VecDeque::new());
        for clock in 0..100_000 {
            input.extend(host.send(clock));
            board.exchange(&mut input, &mut output).unwrap();
            output.drain(..).for_each(|byte| host.hear(byte));
        }
        host
    }

    fn ticks_of_silence(count: usize) -> Vec<Command> {
        let train = Train::to_board(&ArrayConfig::ready("tiny").unwrap());
        encode(train, &vec![vec![]; count]).into_iter().map(|(payload, _)| Command::Stream(payload)).collect()
    }

    fn synchronise() -> Step {
        Step::Command(Command::Synchronise { version: PROTOCOL_VERSION, number: 5 })
    }

    #[test]
    fn a_script_runs_to_its_end_and_keeps_the_answers() {
        let read = Command::Read { address: Address::ledger(0), count: 2 };
        let commands = [ticks_of_silence(10).remove(0), Command::Snapshot, read];
        let steps =
            [synchronise(), Step::Ping, Step::Idle(50)].into_iter().chain(commands.map(Step::Command)).collect();
        let host = run(steps);
        assert_eq!(host.failed, None);
        assert!(host.is_done(), "{host:?}");
        assert!(host.replies.iter().any(|reply| matches!(reply, Reply::Stream(_))));
        let Some(Reply::Words { words, .. }) = host.replies.last() else { panic!("{:?}", host.replies) };
        assert_eq!(words[0].low(), 10, "the first counter is of ticks");
    }

    #[test]
    fn many_answers_do_not_fill_the_board() {
        let commands = ticks_of_silence(5000).into_iter().map(Step::Command);
        let host = run([synchronise()].into_iter().chain(commands).collect());
        assert!(host.is_done() && host.failed.is_none(), "{:?}", host.failed);
    }

    #[test]
    fn a_refusal_ends_the_script() {
        let beyond = Command::Read { address: Address(u32::MAX), count: 1 };
        let host = run(vec![synchronise(), Step::Command(beyond)]);
        assert!(host.is_done() && host.failed.is_some_and(|what| what.contains("refusal 3")));
    }
}
