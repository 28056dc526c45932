//! Pictures of traces and reports.
