//! Faults that no check can see, and why: found by reading, not by proof.

use crate::mutants::Mutant;

/// How the module's name ends, or its place in the design without numbers; parts of what the line was and of what it is; the reason.
const REASONS: [(&str, &str, &str, &str); 15] = [
    ("$address_decoder", "ring_now$d", "", "the ring is that of the core, and without a core there is no word to read"),
    (
        "$int$",
        "hold$d = command[(64'h5)",
        "command[(64'h6)",
        "`select` is high from the clock of `fetch` until the word is taken, which is before the rings are round",
    ),
    (
        "$int$",
        "if (command[(64'h0)",
        "if (1'b1)",
        "the slot of a command stays the same from one tick to the next, and is only used in a tick",
    ),
    (
        "$transmitter$ring$placing",
        "q <= d",
        "| 1'h1",
        "the place of a reply counts when the reply is closed: before that it may be written in every clock",
    ),
    (
        "$transmitter$ring$places",
        "if (write_enable)",
        "if (1'b1)",
        "the place of a reply counts when the reply is closed: before that it may be written in every clock",
    ),
    (
        "$router$routes",
        "if (bank_after$q == 0)",
        "if (1'b1)",
        "of two banks the second wins where it is meant, and there is no third",
    ),
    (
        "$router$queue",
        "if (write_enable)",
        "if (1'b1)",
        "the place behind the last is free, and is written again before it counts",
    ),
    ("$steps$powers", "mem[15]", "", "exponents above the largest are not reached"),
    ("$router$ones", "word[7]", "- {4'h0, word[7]}", "this array has no such core"),
    (
        "$soc$array",
        "if (sampling$q)",
        "if (1'b1)",
        "what is read is taken in the clock in which it is there; that it stays is for readers that are slower than the link",
    ),
    ("$second_scheduler$", "groups$d", "<< contexts", "a core of two banks has one context"),
    (
        "$neuron_unit",
        "above$d = (((entered)",
        "| 32'hc0000)",
        "of a membrane below 0 only the sign of its distance from the threshold counts, and that is the same for every threshold",
    ),
    ("$executor$lengths_3", "mem[", "", "no frame has a payload of 384 bytes or more"),
    ("$state_rows", "if (loading)", "if (1'b1)", "what tiles show while a context is stored is not taken"),
    ("$ledger$steps", "mem[185]", "", "positions behind the last step of a sweep are not reached"),
];

pub fn reason(mutant: &Mutant) -> Option<&'static str> {
    let place: String = mutant.module.chars().filter(|c| !c.is_ascii_digit()).collect();
    REASONS
        .iter()
        .find(|(module, was, is, _)| {
            let is_in = place.ends_with(module) || mutant.module.ends_with(module);
            is_in && mutant.was.contains(was) && mutant.is.contains(is)
        })
        .map(|(.., reason)| *reason)
}
