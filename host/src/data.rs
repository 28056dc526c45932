//! Data sets: samples with their labels, in a training and a test part.
