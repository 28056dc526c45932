//! Codes that turn the values of a sample into spikes on input lines.
