//! A budget behind the link: a board that has used it up stops by itself, whatever becomes of its host.

use crate::common::client::{Client, connect, stream, told, too_many_ticks};
use crate::common::networks::{self, mixed};
use nernst_sim::{Board, BoardPort, ReferenceArray, ReferenceBoard, VirtualBoard};
use nernst_spec::ledger::{ArrayCounter, CoreCounter};
use nernst_spec::link::message::{RESET_LEDGER, RESET_MEMORY, RESET_STATE, Refusal};
use nernst_spec::link::stream::{Event, Train, payloads};
use nernst_spec::link::{Command, Kind, Reply};
use nernst_spec::memory::Address;
use nernst_spec::{Budget, Image, Ledger, budget};

type Host = Client<BoardPort<Box<dyn Board>>>;

/// The reference board and the RTL, each loaded with the same network.
fn boards(image: &Image) -> [(&'static str, Host); 2] {
    let reference = ReferenceBoard::new(&image.config);
    let simulated = VirtualBoard::new(&image.config, &Default::default()).unwrap();
    let boards: [(_, Box<dyn Board>); 2] = [("reference", Box::new(reference)), ("RTL", Box::new(simulated))];
    boards.map(|(name, board)| {
        let mut host = connect(board);
        host.load(image, false);
        (name, host)
    })
}

/// Prices of what a tick costs; all of it activity, so that it is the same on every board.
fn activity_budget(left: i64) -> Budget {
    let mut budget = Budget { left, armed: true, ..Budget::default() };
    budget.prices[budget::of_array(ArrayCounter::HostSpikesIn)] = 40;
    budget.prices[budget::of_array(ArrayCounter::BusDestinations)] = 400;
    for (counter, price) in [
        (CoreCounter::SynapticOperations, 7),
        (CoreCounter::NonzeroOperations, 11),
        (CoreCounter::NeuronUpdates, 30),
        (CoreCounter::BusyClocks, 3),
    ] {
        budget.prices[budget::of_cores(counter)] = price;
    }
    budget
}

/// What the model counts in each tick.
struct Counted {
    model: ReferenceArray,
    budget: Budget,
}

impl Counted {
    fn new(image: &Image, budget: &Budget) -> Self {
        let mut model = ReferenceArray::new(&image.config);
        model.load(image).unwrap();
        Self { model, budget: budget.clone() }
    }
    fn tick(&mut self, lines: &[u16]) -> Vec<u16> {
        let before = self.model.ledger();
        lines.iter().for_each(|&line| self.model.input(line).unwrap());
        let spikes = self.model.tick();
        self.budget.pay(&(&self.model.ledger() - &before));
        spikes
    }
}

fn left(host: &mut Host) -> Vec<u64> {
    host.read(Address::budget(0), 2)
}

fn left_of(budget: &Budget) -> Vec<u64> {
    [0, 1].map(|index| budget.word(index).bits()).to_vec()
}

fn used_up() -> Reply {
    Reply::Error { code: Refusal::Budget as u8, kind: Kind::Stream as u8, address: 0 }
}

/// A network in which the cores count weights other than 0.
fn counting_image() -> Image {
    let counting = |seed: &u64| networks::image(&mixed(), *seed).cores.iter().any(|core| core.counting);
    networks::image(&mixed(), (0..).find(counting).expect("every second core counts"))
}

#[test]
fn a_board_stops_after_the_tick_that_uses_its_budget_up() {
    let image = counting_image();
    let ticks = networks::spikes(&image.config, 8, 1000);
    for (name, mut host) in boards(&image) {
        let budget = activity_budget(1_000_000);
        host.write_budget(&budget);
        let mut counted = Counted::new(&image, &budget);
        let mut ran = 0;
        while !counted.budget.is_used_up() {
            assert_eq!(host.tick(&ticks[ran]), counted.tick(&ticks[ran]), "{name}: host spikes of tick {ran}");
            assert_eq!(left(&mut host), left_of(&counted.budget), "{name}: what is left after tick {ran}");
            ran += 1;
        }
        assert!((5..500).contains(&ran), "{ran} ticks");
        let spike = payloads(Train::to_board(&image.config), 0, [Event::Spike(3)]).concat();
        for refused in [stream(&image.config, &[vec![]]), Command::Stream(spike), stream(&image.config, &[vec![3]])] {
            assert_eq!(host.call(&refused), [used_up()], "{name}");
        }
        // Nothing of it was done, and all that is no spike and no tick still is.
        assert_eq!(host.ledger(&image.config).differences(&counted.model.ledger()), [], "{name}");
        let membranes: Vec<Vec<i32>> = (0..image.cores.len()).map(|core| counted.model.membranes(core)).collect();
        assert_eq!(host.membranes(&image.config), membranes, "{name}");
        // Another budget, and it goes on where it stopped.
        host.write_budget(&activity_budget(1 << 40));
        assert_eq!(host.tick(&ticks[ran]), counted.tick(&ticks[ran]), "{name}");
    }
}

#[test]
fn each_frame_that_is_under_way_is_refused() {
    let image = counting_image();
    let ticks = networks::spikes(&image.config, 9, 48);
    let budget = activity_budget(420_000);
    let mut counted = Counted::new(&image, &budget);
    let mut ticks_told = vec![];
    let ran = ticks.iter().take_while(|lines| {
        let goes_on = !counted.budget.is_used_up();
        if goes_on {
            ticks_told.push(counted.tick(lines));
        }
        goes_on
    });
    // Frames of three ticks: it stops within one.
    let ran = ran.count();
    assert!(ran > 3 && ran < 40 && ran % 3 != 0, "{ran} ticks");
    let mut expected = vec![told(&image.config, &ticks_told)];
    expected.resize(1 + 16 - ran / 3, used_up());
    for (name, mut host) in boards(&image) {
        host.write_budget(&budget);
        for ticks in ticks.chunks(3) {
            host.send(&stream(&image.config, ticks));
        }
        assert_eq!(host.replies(), expected, "{name}");
        assert_eq!(left(&mut host), left_of(&counted.budget), "{name}");
        assert_eq!(host.ledger(&image.config).differences(&counted.model.ledger()), [], "{name}");
    }
}

/// What is left of a budget is what the ledger has not spent: this budget began with a cleared ledger.
fn assert_paid(name: &str, budget: &Budget, ledger: &Ledger, left: Vec<u64>) {
    let mut paid = budget.clone();
    paid.pay(ledger);
    assert_eq!(left, left_of(&paid), "{name}");
}

#[test]
fn a_host_that_vanishes_leaves_a_board_that_stops() {
    let image = counting_image();
    for (name, mut host) in boards(&image) {
        let budget = activity_budget(2_000_000);
        host.write_budget(&budget);
        // More ticks than there is room to tell of: the board waits for its host, which is gone.
        host.send(&stream(&image.config, &[(0..7).collect()]));
        too_many_ticks(&image.config).iter().for_each(|command| host.send(command));
        while host.receive().is_some() {}

        let mut host = Client::connect(host.port);
        host.config = image.config.clone();
        let ledger = host.ledger(&image.config);
        assert!(ledger.array(ArrayCounter::Ticks) > 0, "{name}");
        assert_paid(name, &budget, &ledger, left(&mut host));
        // A host that knows nothing of it spends what is left, and vanishes, too.
        assert_eq!(host.call(&Command::Reset { flags: RESET_STATE }).len(), 1);
        let mut frames = 0;
        while host.call(&stream(&image.config, &[(0..24).collect()])) != [used_up()] {
            frames += 1;
            assert!(frames < 1000, "{name}: it never stops");
        }
        host.send(&stream(&image.config, &[vec![]]));

        let mut host = Client::connect(host.port);
        host.config = image.config.clone();
        assert_eq!(host.call(&stream(&image.config, &[vec![]])), [used_up()], "{name}");
        let ledger = host.ledger(&image.config);
        assert_paid(name, &budget, &ledger, left(&mut host));
        // Neither of these is a new budget.
        assert_eq!(host.call(&Command::Reset { flags: RESET_STATE | RESET_LEDGER }).len(), 1);
        assert_eq!(host.call(&stream(&image.config, &[vec![]])), [used_up()], "{name}");
        assert_eq!(host.call(&Command::Reset { flags: RESET_MEMORY }).len(), 1);
        assert_eq!(host.call(&stream(&image.config, &[vec![]])), [told(&image.config, &[vec![]])], "{name}");
        assert_eq!(left(&mut host)[1] >> budget::ARMED_BIT, 0, "{name}: it is not armed");
    }
}

/// Time is paid for, too: where there is a clock.
#[test]
fn clocks_use_a_budget_up_while_nothing_is_run() {
    let image = counting_image();
    let [_, (_, mut host)] = boards(&image);
    let mut budget = Budget { left: 3000, armed: true, ..Budget::default() };
    budget.prices[budget::of_array(ArrayCounter::Clocks)] = 1;
    host.write_budget(&budget);
    // It waits for the end of a tick to stop.
    let negative = |host: &mut Host| left(host)[1] >> (budget::ARMED_BIT - 1) & 1 == 1;
    assert!((0..1000).any(|_| negative(&mut host)), "reading takes no clocks");
    assert_eq!(host.call(&stream(&image.config, &[vec![], vec![]])), [told(&image.config, &[vec![]]), used_up()]);
}
