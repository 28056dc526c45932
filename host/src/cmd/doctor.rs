use super::args::DEFAULT_BAUD;
use super::{Failure, session_error, spinner};
use nernst::doctor::device::{self, DeviceReport, Roots, User};
use nernst::doctor::find::{Found, find};
use nernst::doctor::line::{LineReport, USUAL_RATES, answering_rate, examine};
use nernst::doctor::{Finding, Level};
use nernst::port::{self, FaultPlan, Faulty, Port, PortName};
use nernst::session::{Session, SessionError};
use nernst_spec::ArrayConfig;
use serde::Serialize;
use std::io::Write;

/// Ticks with spikes that are sent through a board: a second on a real one.
const TICKS: usize = 1000;
/// Through a simulated one, for which that would be long.
const TICKS_SIMULATED: usize = 128;

/// Find out what keeps a board from working: USB, permissions, other programs, latency, the line itself.
///
/// Tries the given port, or the only board that is found. Spikes are sent through the board and back at the rate that it has; the network that was in it is replaced. Exit
/// code 1 when something is wrong that keeps the board from working; what merely could be better is advice.
#[derive(clap::Args)]
pub struct Doctor {
    /// Port to look at: a serial port, or `virtual` or `model` to try this program without a board [default: the board that is found].
    #[arg(short, long, env = "NERNST_PORT")]
    port: Option<PortName>,
    /// Speed of a serial port in baud [default: 3000000].
    #[arg(long, env = "NERNST_BAUD")]
    baud: Option<u32>,
    /// Put faults on the line, as in `nernst run`.
    #[arg(long, value_name = "SPEC")]
    faults: Option<FaultPlan>,
    /// Print JSON: `found`, `device`, `line`, `findings`.
    #[arg(long)]
    json: bool,
}

/// Whether there was no board at the other end of the line, or none that could be understood.
fn is_unanswered(error: &anyhow::Error) -> bool {
    matches!(session_error(error), Some(SessionError::NoAnswer { .. } | SessionError::Foreign { .. }))
}

/// The JSON of `nernst doctor --json`.
#[derive(Serialize)]
struct Report {
    /// Ports on USB.
    found: Vec<Found>,
    /// The port that was looked at.
    port: Option<String>,
    device: Option<DeviceReport>,
    line: Option<LineReport>,
    /// All that was found, those of `device` and `line` among them.
    findings: Vec<Finding>,
}

impl Doctor {
    pub fn run(self, out: &mut impl Write) -> anyhow::Result<()> {
        let report = self.examine()?;
        if self.json {
            serde_json::to_writer_pretty(&mut *out, &report)?;
            writeln!(out)?;
        } else {
            for found in &report.found {
                writeln!(out, "{:<16}{}", found.port, found.in_words())?;
            }
            if let Some(port) = &report.port {
                writeln!(out, "looking at {port}")?;
            }
            report.findings.iter().try_for_each(|finding| writeln!(out, "{finding}"))?;
        }
        let problems: Vec<&Finding> = report.findings.iter().filter(|one| one.level == Level::Problem).collect();
        match problems.first() {
            None => Ok(()),
            Some(first) => {
                let others =
                    if problems.len() > 1 { format!(" (and {} more)", problems.len() - 1) } else { String::new() };
                let help = first.help.clone().unwrap_or_default();
                Err(Failure { what: format!("{}{others}", first.what), help }.into())
            }
        }
    }

    fn examine(&self) -> anyhow::Result<Report> {
        let found = find(&port::existing());
        let mut report = Report { found, port: None, device: None, line: None, findings: vec![] };
        let boards: Vec<&Found> = report.found.iter().filter(|found| found.may_be_board()).collect();
        let name = match (&self.port, boards.as_slice()) {
            (Some(name), _) => name.clone(),
            (None, [only]) => PortName::Serial(only.port.clone()),
            (None, []) => {
                let help = "plug one in, or try another cable: some carry power only; `--port` names a port that is not found, `--port virtual` \
                            tries this program without a board";
                report.findings.push(Finding::problem("no board is found on USB", help));
                return Ok(report);
            }
            (None, several) => {
                let ports: Vec<_> = several.iter().map(|found| found.port.as_str()).collect();
                let what = format!("{} ports may be boards", several.len());
                report.findings.push(Finding::problem(what, format!("choose one: --port {}", ports.join(", --port "))));
                return Ok(report);
            }
        };
        report.port = Some(name.to_string());
        if let PortName::Serial(path) = &name {
            let device = device::inspect(&Roots::default(), path, User::this().as_ref());
            report.findings.extend(device.findings.clone());
            report.device = Some(device);
            if report.findings.iter().any(|finding| finding.level == Level::Problem) {
                // The line cannot be tried before that is mended.
                return Ok(report);
            }
        }
        let default = ArrayConfig::ready("tiny")?;
        match self.try_line(&name, &default) {
            Ok((baud, line)) => {
                report
                    .findings
                    .push(Finding::fine(format!("the board is built for one rate, {baud} baud, which was tried")));
                report.findings.extend(line.findings.clone());
                report.line = Some(line);
            }
            Err(error) if matches!(name, PortName::Serial(_)) && is_unanswered(&error) => {
                let finding = self.find_rate(&name, &default, &error);
                report.findings.push(finding);
            }
            Err(error) => {
                let help =
                    super::help_for(&error).unwrap_or_else(|| "run it again; then power the board off and on".into());
                report.findings.push(Finding::problem(format!("{error:#}"), help));
            }
        }
        Ok(report)
    }

    /// The rate to try first.
    fn baud(&self) -> u32 {
        self.baud.unwrap_or(DEFAULT_BAUD)
    }

    /// No board answers at the rate that was tried: at which one does it?
    fn find_rate(&self, name: &PortName, default: &ArrayConfig, error: &anyhow::Error) -> Finding {
        let spinner = spinner("trying other rates");
        let open = |baud| port::open(name, baud, default);
        let found = answering_rate(self.baud(), open);
        spinner.finish_and_clear();
        match found {
            Some(baud) => Finding::problem(
                format!("{error:#}, but the board answers at {baud} baud, for which it is built"),
                format!("give --baud {baud} to every command, or set NERNST_BAUD={baud}"),
            ),
            None => {
                let rates = USUAL_RATES.map(|rate| rate.to_string()).join(", ");
                let help = super::help_for(error).unwrap_or_default();
                Finding::problem(format!("{error:#}, nor at any of {rates} baud"), help)
            }
        }
    }

    /// The board's rate, and what came of it.
    fn try_line(&self, name: &PortName, default: &ArrayConfig) -> anyhow::Result<(u32, LineReport)> {
        let baud = self.baud();
        let spinner = spinner("trying the line");
        let open = || -> anyhow::Result<Box<dyn Port>> {
            let port = port::open(name, baud, default)?;
            Ok(match &self.faults {
                Some(plan) => Box::new(Faulty::with_plan(port, plan.clone())),
                None => port,
            })
        };
        let built_for = Session::open(open()?)?.identity().config.baud;
        let simulated = !matches!(name, PortName::Serial(_));
        let ticks = if simulated { TICKS_SIMULATED } else { TICKS };
        let line = examine(open()?, baud, ticks, simulated);
        spinner.finish_and_clear();
        Ok((built_for, line?))
    }
}
