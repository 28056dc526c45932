//! Which faults a line has, by rate and by schedule, and how that is written.
//!
//! A plan is a list of items with commas between them:
//!
//! | item | meaning |
//! |---|---|
//! | `drop=1e-4` | this happens to each byte of either direction with this probability; all kinds of [`Fault`] |
//! | `delay=1e-4:50ms` | the same with its time; also `stall` |
//! | `all=1e-4` | insert, drop, flip and duplicate, each with this probability |
//! | `disconnect@5000` | this happens once, to the byte after 5000 bytes of both directions together |
//! | `drop@to:5000`, `stall@from:300:2s` | the same, counting bytes to the board or from it alone |
//! | `seed=7` | seed of the random numbers [default: 1]: the same bytes through the same plan have the same faults |

use super::kind::{Fault, Faults};
use std::fmt;
use std::str::FromStr;
use std::time::Duration;

/// Time of a delay that does not say: an FTDI bridge keeps bytes back for 16 ms.
pub const DELAY: Duration = Duration::from_millis(20);
/// Time of a stall that does not say: several times what a host waits before it repeats something.
pub const STALL: Duration = Duration::from_millis(300);
/// Longest time of either: a host has long given a board up by then.
const MOST_TIME: Duration = Duration::from_secs(60);
const DEFAULT_SEED: u64 = 1;

/// Which bytes a schedule counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Counting {
    Both,
    ToBoard,
    FromBoard,
}

/// A fault that happens once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scheduled {
    pub fault: Fault,
    pub counting: Counting,
    /// It happens to the byte after so many.
    pub after: u64,
    /// Of a delay or stall.
    pub time: Option<Duration>,
}

/// All that happens to a line.
#[derive(Clone, Debug, PartialEq)]
pub struct FaultPlan {
    pub rates: Faults,
    /// Time of delays by rate.
    pub delay: Duration,
    /// Time of stalls by rate.
    pub stall: Duration,
    pub schedule: Vec<Scheduled>,
    pub seed: u64,
}

impl Default for FaultPlan {
    fn default() -> Self {
        Self { rates: Faults::default(), delay: DELAY, stall: STALL, schedule: vec![], seed: DEFAULT_SEED }
    }
}

impl FaultPlan {
    /// Faults by rate alone.
    pub fn rates(rates: Faults, seed: u64) -> Self {
        Self { rates, seed, ..Self::default() }
    }
}

/// Why a text is no plan of faults.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("item `{item}`: {problem}")]
pub struct FaultPlanError {
    pub item: String,
    pub problem: String,
}

impl FromStr for FaultPlan {
    type Err = FaultPlanError;

    fn from_str(text: &str) -> Result<Self, FaultPlanError> {
        let mut plan = Self::default();
        for item in text.split(',').map(str::trim) {
            plan.add(item).map_err(|problem| FaultPlanError { item: item.into(), problem })?;
        }
        Ok(plan)
    }
}

impl FaultPlan {
    fn add(&mut self, item: &str) -> Result<(), String> {
        if let Some((name, value)) = item.split_once('=') {
            return match name {
                "seed" => {
                    self.seed = value.parse().map_err(|_| format!("`{value}` is no whole number from 0 on"))?;
                    Ok(())
                }
                "all" => {
                    let rate = rate(value)?;
                    for fault in Fault::OF_BYTES {
                        *self.rates.of_mut(fault) = rate;
                    }
                    Ok(())
                }
                name => {
                    let fault = kind(name)?;
                    let (value, time) = with_time(fault, value)?;
                    *self.rates.of_mut(fault) = rate(value)?;
                    match fault {
                        Fault::Delay => self.delay = time.unwrap_or(DELAY),
                        Fault::Stall => self.stall = time.unwrap_or(STALL),
                        _ => {}
                    }
                    Ok(())
                }
            };
        }
        let Some((name, place)) = item.split_once('@') else {
            return Err(format!(
                "neither a rate nor a place; allowed are KIND=RATE, KIND@BYTES and seed=NUMBER, with {}",
                kinds()
            ));
        };
        let fault = kind(name)?;
        let (counting, place) = match place.split_once(':') {
            Some(("to", rest)) => (Counting::ToBoard, rest),
            Some(("from", rest)) => (Counting::FromBoard, rest),
            _ => (Counting::Both, place),
        };
        let (count, time) = with_time(fault, place)?;
        let after = count.parse().map_err(|_| {
            format!(
                "`{count}` is no number of bytes; allowed are {fault}@BYTES, {fault}@to:BYTES and {fault}@from:BYTES"
            )
        })?;
        self.schedule.push(Scheduled { fault, counting, after, time });
        Ok(())
    }
}

fn kinds() -> String {
    let names: Vec<_> = Fault::ALL.iter().map(|fault| fault.name()).collect();
    format!("the kinds {}", names.join(", "))
}

fn kind(name: &str) -> Result<Fault, String> {
    Fault::find(name)
        .ok_or_else(|| format!("unknown kind `{name}`; allowed are {}, and all=RATE, seed=NUMBER", kinds()))
}

fn rate(text: &str) -> Result<f64, String> {
    let rate: Option<f64> = text.parse().ok();
    rate.filter(|rate| (0.0..=1.0).contains(rate))
        .ok_or_else(|| format!("`{text}` is no probability; allowed are numbers from 0 to 1, such as 1e-4"))
}

/// What is before a time, and the time; only of kinds that have one.
fn with_time(fault: Fault, text: &str) -> Result<(&str, Option<Duration>), String> {
    let Some((rest, time)) = text.split_once(':') else { return Ok((text, None)) };
    if !fault.is_timed() {
        return Err(format!("{fault} takes no time; delay and stall do"));
    }
    let allowed =
        || format!("`{time}` is no time; allowed are milliseconds or seconds up to 60 s, such as 20ms or 1.5s");
    let (number, unit) = match time.strip_suffix("ms") {
        Some(number) => (number, 1e-3),
        None => (time.strip_suffix('s').ok_or_else(allowed)?, 1.0),
    };
    let seconds: f64 = number.parse().map_err(|_| allowed())?;
    let time = Duration::try_from_secs_f64(seconds * unit).map_err(|_| allowed())?;
    if time > MOST_TIME { Err(allowed()) } else { Ok((rest, Some(time))) }
}

/// As it is parsed.
impl fmt::Display for FaultPlan {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let time = |time: Duration| format!(":{}ms", time.as_secs_f64() * 1e3);
        for fault in Fault::ALL.into_iter().filter(|&fault| self.rates.of(fault) > 0.0) {
            write!(f, "{fault}={}", self.rates.of(fault))?;
            match fault {
                Fault::Delay => f.write_str(&time(self.delay))?,
                Fault::Stall => f.write_str(&time(self.stall))?,
                _ => {}
            }
            f.write_str(",")?;
        }
        for scheduled in &self.schedule {
            let counting = match scheduled.counting {
                Counting::Both => "",
                Counting::ToBoard => "to:",
                Counting::FromBoard => "from:",
            };
            let time = scheduled.time.map(time).unwrap_or_default();
            write!(f, "{}@{counting}{}{time},", scheduled.fault, scheduled.after)?;
        }
        write!(f, "seed={}", self.seed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plan_is_read_and_written() {
        let plan: FaultPlan =
            "drop=1e-4, flip=0.5,delay=1e-3:50ms,disconnect@5000,stall@from:300:1.5s,seed=7".parse().unwrap();
        assert_eq!((plan.rates.drop, plan.rates.flip, plan.rates.delay), (1e-4, 0.5, 1e-3));
        assert_eq!((plan.delay, plan.seed), (Duration::from_millis(50), 7));
        let [first, second] = plan.schedule[..] else { panic!("{plan:?}") };
        assert_eq!((first.fault, first.counting, first.after), (Fault::Disconnect, Counting::Both, 5000));
        assert_eq!((second.counting, second.time), (Counting::FromBoard, Some(Duration::from_millis(1500))));
        assert_eq!(plan.to_string().parse::<FaultPlan>().unwrap(), plan);
        assert_eq!("all=1e-3".parse::<FaultPlan>().unwrap().rates, Faults::all(1e-3));
    }

    #[test]
    fn a_wrong_item_is_named_with_what_is_allowed() {
        for (text, item, words) in [
            ("drop=1e-4,dorp=1", "dorp=1", "insert, drop, flip"),
            ("drop=2", "drop=2", "0 to 1"),
            ("flip=NaN", "flip=NaN", "0 to 1"),
            ("drop=-1", "drop=-1", "0 to 1"),
            ("drop", "drop", "KIND=RATE"),
            ("", "", "KIND=RATE"),
            ("drop=0.1,,", "", "KIND=RATE"),
            ("drop=0.1:5ms", "drop=0.1:5ms", "delay and stall"),
            ("delay=0.1:5", "delay=0.1:5", "20ms"),
            ("delay=0.1:-5ms", "delay=0.1:-5ms", "20ms"),
            ("stall=0.1:1e9s", "stall=0.1:1e9s", "60 s"),
            ("disconnect@to:x", "disconnect@to:x", "disconnect@to:BYTES"),
            ("disconnect@-1", "disconnect@-1", "disconnect@BYTES"),
            ("seed=x", "seed=x", "whole number"),
        ] {
            let error = text.parse::<FaultPlan>().unwrap_err();
            assert_eq!(error.item, item, "{error}");
            assert!(error.to_string().contains(words), "{error}");
        }
    }
}
