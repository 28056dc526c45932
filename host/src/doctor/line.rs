//! The link to a board, tried out.

use super::Finding;
use crate::bench::BenchError;
use crate::bench::link::{LinkRate, rate};
use crate::port::Port;
use crate::session::Session;
use serde::Serialize;

/// Share of frames that may be lost before another rate is advised: at this one a run takes about a twentieth longer.
const LOSS: f64 = 0.01;

/// Rates that boards are built for and that bridges have, the fastest first.
pub const USUAL_RATES: [u32; 7] = [3_000_000, 2_000_000, 1_000_000, 921_600, 500_000, 230_400, 115_200];

/// The first of the [usual rates](USUAL_RATES) at which a board answers on a port that gave nothing but silence or noise at the rate `tried`. Rates that the
/// port does not have are passed over.
pub fn answering_rate<E>(tried: u32, mut open: impl FnMut(u32) -> Result<Box<dyn Port>, E>) -> Option<u32> {
    let mut answers = |baud| open(baud).is_ok_and(|port| Session::open(port).is_ok());
    USUAL_RATES.into_iter().filter(|baud| *baud != tried).find(|&baud| answers(baud))
}

/// What came of it.
#[derive(Clone, Debug, Serialize)]
pub struct LineReport {
    pub rate: LinkRate,
    /// Frames that either side had to send again or to refuse, as a share of those that went.
    pub loss: f64,
    /// The rate in baud to use.
    pub recommended_baud: u32,
    pub findings: Vec<Finding>,
}

/// Sends spikes through a board and back with so many ticks. The network that was in the board is replaced.
///
/// `simulated`: the board is in this machine, and its speed says nothing.
pub fn examine(port: impl Port + 'static, baud: u32, ticks: usize, simulated: bool) -> Result<LineReport, BenchError> {
    let rate = rate(port, baud, ticks)?;
    let link = &rate.link;
    let bad = link.frames_resent + link.frames_refused + link.resends_asked;
    let loss = bad as f64 / (link.frames_out + link.frames_in).max(1) as f64;
    let ms = |seconds: f64| 1e3 * seconds;
    let mut findings = vec![Finding::fine(format!(
        "round trip {:.2} ms in the median, {:.2} ms at worst",
        ms(rate.round_trip_median),
        ms(rate.round_trip_worst)
    ))];
    let throughput = format!(
        "spikes at {:.1} kB/s there and {:.1} kB/s back at once",
        rate.to_board.payload_per_second / 1e3,
        rate.from_board.payload_per_second / 1e3
    );
    findings.push(match (simulated, rate.of_capacity() < 0.5) {
        (true, _) => Finding::fine(format!("{throughput}, which is the speed of a simulation")),
        (false, false) => {
            Finding::fine(format!("{throughput}: {:.0} % of what {baud} baud carry", 100.0 * rate.of_capacity()))
        }
        (false, true) => Finding::advice(
            format!("{throughput}: only {:.0} % of what {baud} baud carry", 100.0 * rate.of_capacity()),
            "set the bridge's latency timer to 1 ms, plug the board in without a hub, and try again on an idle machine",
        ),
    });
    let counts = format!(
        "{} frames sent again, {} refused, {} replies asked for again, of {} frames",
        link.frames_resent,
        link.frames_refused,
        link.resends_asked,
        link.frames_out + link.frames_in
    );
    // The next of the usual ones below.
    let lower = USUAL_RATES.into_iter().find(|lower| *lower < baud).unwrap_or(baud);
    let recommended_baud = if loss > LOSS { lower } else { baud };
    findings.push(match loss {
        0.0 => Finding::fine(format!("nothing lost: {counts}")),
        loss if loss <= LOSS => Finding::advice(
            format!("the line loses a little, and {baud} baud is still the best: {counts}"),
            "try a shorter cable, or another socket",
        ),
        _ => Finding::advice(
            format!("the line loses much: {counts}"),
            format!("try a shorter cable; else build the board with `baud = {recommended_baud}` in its configuration (`nernst synth`), and give the same with --baud"),
        ),
    });
    if rate.mismatches > 0 {
        findings.push(Finding::problem(
            format!("{} spikes did not come back as they went", rate.mismatches),
            "the board computes something else: it is faulty, overclocked or built from other sources; flash it again",
        ));
    }
    Ok(LineReport { loss, recommended_baud, findings, rate })
}

#[cfg(test)]
mod tests {
    use super::super::Level;
    use super::*;
    use crate::bench::link::LineRate;
    use crate::port::{Direct, FaultCounts, Faults, Faulty};
    use nernst_sim::ReferenceBoard;
    use nernst_spec::ArrayConfig;
    use std::cell::Cell;
    use std::io;
    use std::time::Duration;

    /// A wire whose other end listens at another rate: what comes back is noise, or nothing.
    #[derive(Default)]
    struct Noise {
        bytes: Vec<u8>,
        looks: Cell<u64>,
    }

    impl Port for Noise {
        fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
            self.bytes.extend(bytes.iter().map(|byte| byte.rotate_left(3) | 0x81));
            Ok(())
        }
        fn read(&mut self, buffer: &mut [u8], _timeout: Duration) -> io::Result<usize> {
            let count = self.bytes.len().min(buffer.len());
            buffer[..count].copy_from_slice(&self.bytes[..count]);
            self.bytes.drain(..count);
            Ok(count)
        }
        fn now(&self) -> Duration {
            // Each look takes a second.
            Duration::from_secs(self.looks.replace(self.looks.get() + 1))
        }
        fn bytes_per_second(&self) -> Option<u32> {
            None
        }
        fn name(&self) -> &str {
            "noise"
        }
        fn faults(&self) -> Option<FaultCounts> {
            None
        }
    }

    #[test]
    fn the_rate_of_a_board_is_found() {
        let tiny = ArrayConfig::ready("tiny").unwrap();
        let port = |at: Option<u32>| {
            let tiny = tiny.clone();
            move |baud| -> Result<Box<dyn Port>, &str> {
                match baud {
                    // A bridge that has no such rate.
                    921_600 => Err("no such rate"),
                    baud if Some(baud) == at => Ok(Box::new(Direct::new("board", ReferenceBoard::new(&tiny)))),
                    _ => Ok(Box::new(Noise::default())),
                }
            }
        };
        assert_eq!(answering_rate(3_000_000, port(Some(500_000))), Some(500_000));
        assert_eq!(answering_rate(115_200, port(Some(3_000_000))), Some(3_000_000));
        assert_eq!(answering_rate(3_000_000, port(None)), None);
    }

    fn examine_with(faults: Faults) -> LineReport {
        let line = LineRate::new("line", ReferenceBoard::new(&ArrayConfig::ready("tiny").unwrap()), 3_000_000);
        examine(Faulty::new(line, faults, 5), 3_000_000, 1000, false).unwrap()
    }

    #[test]
    fn a_good_line_is_told_from_a_bad_one() {
        let good = examine_with(Faults::default());
        assert!(good.findings.iter().all(|finding| finding.level == Level::Fine), "{:?}", good.findings);
        assert_eq!((good.loss, good.recommended_baud), (0.0, 3_000_000));
        let bad = examine_with(Faults::all(2e-4));
        assert!(bad.loss > LOSS && bad.recommended_baud == 2_000_000, "{bad:?}");
        assert!(bad.findings.iter().any(|finding| finding.help.as_ref().is_some_and(|help| help.contains("--baud"))));
        assert_eq!(bad.rate.mismatches, 0);
    }
}
