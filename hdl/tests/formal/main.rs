//! Proofs by SymbiYosys: properties of blocks, in `hdl/formal`, for every input and any length of time (by k-induction). Those that take more than seconds
//! are left to `make formal`.
//!
//! That a proof could fail is tried by faults, in `make formal` too: with each of them in the Verilog the same properties must not be proved.

mod array;
mod link;
mod proof;

#[test]
fn a_neuron_unit_computes_what_the_definition_says() {
    array::neuron_unit::<15>("neuron unit, 15 bits").check();
    array::neuron_unit::<16>("neuron unit, 16 bits").check();
    array::neuron_unit::<18>("neuron unit, 18 bits").check();
}

#[test]
fn a_tally_counts_every_pulse_once() {
    array::tally("tally, 7 bits", 7).check();
    array::tally("tally, 8 bits", 8).check();
}

#[test]
fn a_tally_of_sums_counts_everything_once() {
    array::sum_tally("tally of sums, 7 bits", 7).check();
    array::sum_tally("tally of sums, 11 bits", 11).check();
}

#[test]
fn a_copy_of_the_ledger_is_whole_and_of_one_moment() {
    array::ledger("ledger of tiny", "tiny").check();
    array::ledger("ledger of 85f", "85f").check();
}

#[test]
#[ignore = "half a minute: make formal"]
fn frames_are_applied_once_in_order_and_the_ring_of_the_receiver_never_overflows() {
    link::receiver().check();
}

#[test]
#[ignore = "half a minute: make formal"]
fn replies_are_kept_until_they_are_acknowledged_and_no_more_than_have_numbers() {
    link::reply_ring().check();
}

#[test]
#[ignore = "half a minute: make formal"]
fn the_ring_of_the_stuffer_never_overflows_and_never_stands_still() {
    link::stuffer().check();
}

#[test]
fn a_frame_that_is_begun_ends_and_nothing_that_is_due_is_forgotten() {
    link::frame_builder().check();
}

#[test]
fn the_executor_stands_still_only_while_what_it_waits_for_is_not_there() {
    link::executor().check();
}

#[test]
fn memory_takes_what_a_command_has_and_stands_still_only_without_it() {
    link::memory().check();
}

#[test]
fn an_answer_ends_with_the_bytes_that_were_asked_for() {
    link::answer().check();
}

#[test]
fn a_stream_goes_on_to_its_end() {
    link::stream().check();
}

#[test]
fn any_payload_is_read_to_its_end() {
    link::train_decoder().check();
}

#[test]
fn every_event_is_written_in_a_bounded_time() {
    link::train_encoder().check();
}

#[test]
fn any_values_come_to_an_end() {
    link::value_encoder().check();
}

#[test]
fn a_router_delivers_every_spike_once_and_its_queue_never_overflows() {
    array::router().check();
}

#[test]
fn an_unpacker_hands_on_every_bit_once() {
    array::unpacker().check();
}

#[test]
#[ignore = "half a minute: make formal"]
fn a_queue_of_spikes_loses_none_and_tells_each_once() {
    array::spike_queue().check();
}

#[test]
fn an_event_is_told_once_in_the_walk_of_its_slot() {
    array::scheduler().check();
}
