//! What is computed before there is any logic: tables, rates, and the Verilog as a text.

use nernst_hdl::array::ledger::Ledger;
use nernst_hdl::array::tally::counts;
use nernst_hdl::generate::{Part, board_verilog, soc_verilog, uart_soc_verilog, without};
use nernst_hdl::link::{BaudError, PHASE_BITS, phase_increment};
use nernst_spec::ArrayConfig;
use rust_hdl_bsp_ecp5::boards::boards;

#[test]
fn every_board_gets_a_design_with_all_its_ports() {
    let mut config = ArrayConfig::ready("tiny").unwrap();
    for board in boards() {
        // No PLL makes 50 MHz from 12.
        config.clock_hz = if board.clock_hz == 12_000_000 { 48_000_000 } else { 50_000_000 };
        let design = board_verilog(&config, board).unwrap();
        for port in ["clock", "uart_rx", "uart_tx", "led"] {
            assert!(design.lpf.contains(&format!("LOCATE COMP \"{port}")), "{}: {port}", board.name);
        }
        let wifi = design.lpf.contains("wifi_gpio0");
        assert_eq!(wifi, board.name.starts_with("ulx3s"), "{}", board.name);
        assert!(design.verilog.contains("EHXPLLL") && design.verilog.contains("module top("));
    }
}

/// Verilator and others read Verilog as SystemVerilog.
#[test]
fn no_name_is_a_keyword_of_systemverilog() {
    // What IEEE 1800-2017 reserves and Verilog does not.
    const KEYWORDS: &str = "
        accept_on alias always_comb always_ff always_latch assert assume before bind bins binsof bit break
        byte chandle checker class clocking const constraint context continue cover covergroup coverpoint
        cross dist do endchecker endclass endclocking endgroup endinterface endpackage endprogram
        endproperty endsequence enum event eventually expect export extends extern final first_match foreach
        forkjoin global iff ignore_bins illegal_bins implements implies import inside int interconnect
        interface intersect join_any join_none let local logic longint matches modport nettype new nexttime
        null package packed priority program property protected pure rand randc randcase randsequence ref
        reject_on restrict return s_always s_eventually s_nexttime s_until s_until_with sequence shortint
        shortreal soft solve static string strong struct super sync_accept_on sync_reject_on tagged this
        throughout timeprecision timeunit type typedef union unique unique0 until until_with untyped var
        virtual void wait_order weak wildcard with within";
    let keywords: Vec<&str> = KEYWORDS.split_whitespace().collect();
    // A core of every kind, so that every block is there.
    let config = ArrayConfig::from_toml(
        "name = 'all'\nclock_hz = 50_000_000\nbaud = 3_000_000\ninputs = 1\n\
         [[cores]]\ncount = 1\ntiles = 2\ntiles_per_unit = 2\nweight_bits = 4\nbanks = 2\n\
         [[cores]]\ncount = 1\ntiles = 1\ntiles_per_unit = 1\nweight_bits = 4\ncontexts = 2\n\
         [[cores]]\ncount = 1\ntiles = 1\ntiles_per_unit = 1\nweight_bits = 8\n",
    );
    let verilog = uart_soc_verilog(&config.unwrap()).unwrap();
    // Neither comments nor strings.
    let code = verilog.lines().map(|line| line.split("//").next().unwrap_or_default());
    let code = code.flat_map(|line| line.split('"').step_by(2));
    let words = code.flat_map(|line| line.split(|c: char| !c.is_alphanumeric() && c != '_' && c != '$'));
    let found: Vec<&str> = words.filter(|word| keywords.contains(word)).collect();
    assert!(found.is_empty(), "{found:?}");
}

#[test]
fn a_design_without_a_part_is_whole_but_for_that() {
    let config = ArrayConfig::ready("tiny").unwrap();
    let whole = soc_verilog(&config).unwrap();
    for (part, outputs, kept) in
        [(Part::Ledger, &["busy", "used_up"][..], &[][..]), (Part::Budget, &["armed", "used_up"], &["busy"])]
    {
        assert_eq!(without(part, "module top(); endmodule"), None);
        let cut = without(part, &whole).unwrap();
        let is_zero = |name: &&str| cut.contains(&format!("always @(*) {name} = 0;"));
        assert!(outputs.iter().all(is_zero) && !kept.iter().any(is_zero), "{part:?}");
        assert_eq!(cut.matches("endmodule").count(), whole.matches("endmodule").count(), "other modules stay");
        rust_hdl_netsim::Simulator::from_verilog(&cut, &Default::default()).unwrap();
    }
}

#[test]
fn a_rate_that_the_clock_cannot_make_is_refused_by_name() {
    let mut config = ArrayConfig::ready("tiny").unwrap();
    config.baud = config.clock_hz;
    let error = uart_soc_verilog(&config).unwrap_err().to_string();
    assert!(error.contains("configuration `tiny`") && error.contains("at least 4"), "{error}");
}

#[test]
fn rates_are_exact_to_a_thousandth_or_refused() {
    for clock_hz in [12_000_000, 25_000_000, 50_000_000, 100_000_000, 150_000_000, 170_000_000] {
        for baud in [9_600, 115_200, 1_000_000, 3_000_000] {
            let made = phase_increment(clock_hz, baud).unwrap() as f64 * clock_hz as f64 / (1u64 << PHASE_BITS) as f64;
            assert!((made / baud as f64 - 1.0).abs() < 1e-3, "{clock_hz} Hz: {baud} became {made}");
        }
    }
    assert!(phase_increment(12, 3).is_ok());
    assert_eq!(phase_increment(12, 4), Err(BaudError { clock_hz: 12, baud: 4 }));
    assert!(phase_increment(0, 1).is_err());
    assert!(phase_increment(100_000_000, 0).is_err());
}

#[test]
fn every_count_has_a_code_of_its_own() {
    for bits in [7, 8] {
        let mut counts = counts(bits);
        // Only ones lead nowhere.
        assert_eq!(counts.pop(), Some(0));
        counts.sort();
        assert_eq!(counts, (0..(1 << bits) - 1).collect::<Vec<u64>>());
    }
}

#[test]
fn a_counter_is_written_before_it_is_read_again() {
    /// A value is read four clocks after its position, and its sum is there nine clocks after it.
    const STEPS_BETWEEN: usize = 4;
    for name in ArrayConfig::ready_names() {
        let places = Ledger::sweep(&ArrayConfig::ready(name).unwrap()).places;
        for (at, place) in places.iter().enumerate().filter(|(_, place)| place.is_some()) {
            let next = places[at + 1..].iter().position(|other| other == place);
            assert!(next.is_none_or(|between| between >= STEPS_BETWEEN), "{name}, step {at}: {next:?} steps between");
        }
    }
}
