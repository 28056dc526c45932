//! What a run cost: the ledger's exact counters times prices from published or measured tables.
//!
//! Counters are exact; **joules are estimates**, and none is without its [`Grade`]. A bill lists what its table does
//! not price.
//!
//! | module | what it does |
//! |---|---|
//! | [`counters`] | the counters of [`nernst_spec::ledger`] by name |
//! | [`prices`] | price tables: what a table is, where it comes from |
//! | [`bits`] | bits that a counted event moves |
//! | [`bill`] | ledger times table |
//! | [`range`](mod@range) | several tables beside each other |
//! | [`ratio`] | communication against computation, in events, bits and joules |
//! | [`limit`] | a budget in a user's words, and in the array's |
//! | [`information`] | bits that the decisions tell of the classes |
//! | [`crossover`] | published limits below which spiking beats dense networks |
//! | [`statement`] | all of these for one run, as text, JSON and CSV |
//! | [`units`] | joules, ATP molecules, multiples of kT ln 2, grams of CO2 |
//! | [`calibrate`] | prices from measured power |

pub mod bill;
pub mod bits;
pub mod calibrate;
pub mod counters;
pub mod crossover;
pub mod information;
pub mod limit;
pub mod prices;
pub mod range;
pub mod ratio;
pub mod statement;
pub mod units;

pub use bill::Bill;
pub use prices::{Grade, PriceTable, Scope};
pub use statement::Statement;

#[cfg(test)]
pub(crate) mod tests;
