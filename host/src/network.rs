//! Trained networks as files.
