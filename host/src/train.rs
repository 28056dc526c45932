//! Training with surrogate gradients.
