use super::*;
use crate::energy::prices;
use crate::runner::{Mismatches, SampleRun};
use nernst_spec::ledger::{ArrayCounter, CoreCounter};
use nernst_spec::{ArrayConfig, Ledger};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use std::time::Duration;

fn about() -> About {
    About {
        network: "digits".into(),
        config: "tiny".into(),
        port: "virtual".into(),
        cores: ArrayConfig::ready("tiny").unwrap().cores,
        outputs: vec![40, 41, 42],
        samples: Some(8),
        prices: prices::find("loihi").unwrap(),
    }
}

fn sample(number: u16) -> News {
    let ticks: Vec<Vec<u16>> = (0..10).map(|tick| vec![40 + (tick + number) % 3]).collect();
    News::Sample { run: SampleRun { ticks, late: vec![], answers: vec![0; 3] }, spikes_in: 30, right: number != 2 }
}

fn ledger() -> Ledger {
    let mut ledger = Ledger::new(2);
    ledger.count(ArrayCounter::BusDestinations, 1_000_000);
    ledger.count(ArrayCounter::LinkBytesIn, 4000);
    ledger.count(ArrayCounter::LinkBytesOut, 1000);
    ledger.count_core(0, CoreCounter::SynapticOperations, 100_000);
    ledger.count_core(1, CoreCounter::SynapticOperations, 50_000);
    ledger.count_core(1, CoreCounter::NeuronUpdates, 1000);
    ledger
}

/// Four samples in two seconds.
fn state() -> State {
    let mut state = State::new(about());
    (0..4).for_each(|number| state.take(sample(number)));
    state.take(News::Ledger(ledger()));
    state.at(Duration::from_secs(2));
    state
}

fn screen(state: &State, width: u16, height: u16) -> String {
    let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
    terminal.draw(|frame| draw(frame, state)).unwrap();
    terminal.backend().to_string()
}

#[test]
fn a_run_on_a_usual_terminal() {
    insta::assert_snapshot!(screen(&state(), 80, 24));
}

#[test]
fn a_run_on_a_small_terminal() {
    insta::assert_snapshot!(screen(&state(), 40, 15));
}

#[test]
fn joules_come_with_their_grade_and_what_has_no_price_says_so() {
    let shown = screen(&state(), 80, 24);
    assert!(shown.contains("simulated, Loihi") && shown.contains("not priced"), "{shown}");
    // 1e6 destinations of 1.7 pJ; 150,000 operations of 23.6 pJ and 1000 updates of 81 pJ.
    assert!(shown.contains("1.700 uJ") && shown.contains("3.621 uJ") && shown.contains("5.321 uJ"), "{shown}");
    let mut dear = about();
    dear.prices = prices::find("horowitz-45nm").unwrap();
    dear.prices.prices.retain(|price| price.counter == "rows_fetched");
    dear.prices.prices[0].counter = "cosmic_rays".into();
    let mut state = State::new(dear);
    assert!(screen(&state, 80, 24).contains("no ledger yet"));
    state.take(News::Ledger(ledger()));
    assert!(screen(&state, 80, 24).contains("none of its counters"));
}

#[test]
fn any_size_can_be_drawn() {
    for (width, height) in [(1, 1), (10, 3), (30, 8), (63, 9), (64, 9), (200, 60)] {
        for state in [State::new(about()), state()] {
            screen(&state, width, height);
        }
    }
}

#[test]
fn rates_are_those_of_the_last_seconds() {
    let mut state = state();
    assert_eq!(state.rate(|sums| sums.samples), Some(2.0));
    assert_eq!(state.rate(|sums| sums.link_bytes), Some(2500.0));
    assert_eq!((state.accuracy(), state.correct), (Some(0.75), 3));
    // Long after them nothing came.
    (3..20).for_each(|second| state.at(Duration::from_secs(second)));
    assert_eq!(state.rate(|sums| sums.samples), Some(0.0));
}

#[test]
fn speed_limits_go_in_steps() {
    let mut state = state();
    state.slower();
    assert_eq!(state.limit, Some(1.0), "below 2 samples a second");
    state.slower();
    assert_eq!(state.limit, Some(1.0));
    (0..9).for_each(|_| state.faster());
    assert_eq!(state.limit, Some(1000.0));
    state.faster();
    assert_eq!(state.limit, None);
}

#[test]
fn the_end_says_how_it_agreed() {
    let mut state = state();
    state.take(News::End(ledger(), Mismatches::default()));
    assert!(screen(&state, 80, 24).contains("done, 0 mismatches"));
    state.take(News::End(ledger(), Mismatches { spikes: 3, ..Mismatches::default() }));
    assert!(screen(&state, 40, 15).contains("3 MISMATCHES"));
}
