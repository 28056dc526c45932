//! A report of runs as one HTML file that needs nothing else: no network, no script, no font.
//!
//! It fits a phone, follows the viewer's choice of light or dark, and prints. Whatever comes from a file is escaped by
//! the template. What is exact and what is an estimate is said at each picture and table.

mod bill;
mod definitions;
mod facts;
mod figure;
mod runs;

use crate::energy::{PriceTable, Statement};
use crate::plot::{self, PlotError};
use crate::report::RunReport;
use crate::trace::Trace;
use maud::{DOCTYPE, Markup, PreEscaped, html};

/// What a page is about.
#[derive(Debug)]
pub struct Page<'a> {
    /// Each run with what it cost, all by the same price tables; at least one.
    pub runs: &'a [(RunReport, Statement)],
    /// A sample tick by tick.
    pub trace: Option<&'a Trace>,
    /// The tables of the statements, in their order; pictures of joules are by the first.
    pub tables: &'a [PriceTable],
}

/// Why there is no page.
#[derive(Debug, thiserror::Error)]
pub enum PageError {
    #[error("no reports of runs")]
    Empty,
    #[error("the trace is of {network} on `{config}`, and no report is: {reports}")]
    Trace { network: String, config: String, reports: String },
    #[error(transparent)]
    Plot(#[from] PlotError),
}

impl PageError {
    /// What a user can do about it.
    pub fn help(&self) -> &'static str {
        match self {
            Self::Empty => "give what `nernst run --json FILE` wrote",
            Self::Trace { .. } => {
                "give the trace of one of the runs: `nernst run --json FILE --trace FILE` writes both"
            }
            Self::Plot(_) => "write report and trace again with `nernst run --json FILE --trace FILE`",
        }
    }
}

impl Page<'_> {
    /// The text of the file.
    pub fn html(&self) -> Result<String, PageError> {
        let Some((first, _)) = self.runs.first() else { return Err(PageError::Empty) };
        self.check_trace()?;
        let title = match self.runs.len() {
            1 => first.title(),
            runs => format!("{runs} runs"),
        };
        let page = html! {
            (DOCTYPE)
            html lang="en" {
                head {
                    meta charset="utf-8";
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    meta name="color-scheme" content="light dark";
                    title { (title) " - Nernst" }
                    style { (PreEscaped(include_str!("html/style.css"))) (PreEscaped(plot::css())) }
                }
                body {
                    main {
                        (self.head(&title))
                        @if self.runs.len() > 1 { (runs::beside(self.runs)?) }
                        @for (run, statement) in self.runs { (self.run(run, statement)?) }
                        (definitions::definitions())
                    }
                }
            }
        };
        Ok(page.into_string())
    }

    fn head(&self, title: &str) -> Markup {
        html! {
            header {
                h1 { (title) }
                p .lead {
                    "Counters are " strong { "exact" } ". Joules are " strong { "estimates" }
                    ": counts times prices, each with its source and the grade of the evidence for it "
                    "(assumed < derived < simulated < measured). Pictures of joules are by the prices "
                    @if let Some(table) = self.tables.first() { code { (table.name) } } "."
                }
            }
        }
    }

    /// Everything about one run.
    fn run(&self, run: &RunReport, statement: &Statement) -> Result<Markup, PageError> {
        let trace = self.trace.filter(|trace| same(run, trace));
        let tick = trace.zip(self.tables.first());
        let joules = figure::joules(&statement.bills);
        let parts = html! {
            (facts::facts(run))
            @if let Some((trace, table)) = tick { (figure::ticks(trace, table)?) }
            (figure::places(run, statement)?)
            (figure::bits(run)?)
            (figure::ratios(statement)?)
            (bill::bills(statement))
            (bill::information(statement))
            (bill::crossovers(statement))
        };
        Ok(html! {
            section .run {
                @if self.runs.len() > 1 {
                    h2 { (run.title()) }
                    p { (joules) }
                    details { summary { "Everything about this run" } (parts) }
                } @else {
                    (parts)
                }
            }
        })
    }

    fn check_trace(&self) -> Result<(), PageError> {
        let Some(trace) = self.trace else { return Ok(()) };
        if self.runs.iter().any(|(run, _)| same(run, trace)) {
            return Ok(());
        }
        let names = self.runs.iter().map(|(run, _)| format!("{} on `{}`", run.network, run.config));
        let reports = names.collect::<Vec<_>>().join(", ");
        Err(PageError::Trace { network: trace.network.clone(), config: trace.config.clone(), reports })
    }
}

/// Whether a trace is of what a run ran.
fn same(run: &RunReport, trace: &Trace) -> bool {
    run.network == trace.network && run.config == trace.config && run.cores.len() == trace.cores.len()
}
