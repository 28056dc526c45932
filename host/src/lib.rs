//! The host side of Nernst: from a data set to a trained network, to an image, to a board and back with every spike
//! and every counter.
//!
//! | module | what it does |
//! |---|---|
//! | [`data`], [`coding`] | data sets, and codes that turn a sample into spikes |
//! | [`network`], [`train`] | networks as files, and their training |
//! | [`mapper`] | places a network on an array: an image |
//! | [`trace`], [`plot`] | what happened tick by tick, and pictures of it |

pub mod coding;
pub mod data;
pub mod mapper;
pub mod network;
pub mod plot;
pub mod trace;
pub mod train;
