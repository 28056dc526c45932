//! Places a network on an array.
