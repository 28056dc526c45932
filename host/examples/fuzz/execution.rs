//! One execution: a damaged file or graph, and all that is done with it.

use super::{bytes, graphs};
use cap::Cap;
use nernst::circuit::import::{AfterSpike, Imported, Method, Options};
use nernst_nir::{Graph, Recording};
use peak_alloc::PeakAlloc;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{RngExt, SeedableRng};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// Counts what is allocated and remembers the peak; past the limit an allocation fails, and with it the process.
#[global_allocator]
static MEMORY: Cap<PeakAlloc> = Cap::new(PeakAlloc, usize::MAX);

/// Bytes that reading a file may take: a byte of deflate makes at most 1,032, which are there as they were stored, as numbers, and twice as what is
/// made of them.
pub fn most_to_read(file: usize) -> usize {
    (1 << 20) + 4 * 1032 * file
}

/// Bytes that a circuit may take: set by the limits of the importer, whatever the file.
pub const MOST_TO_IMPORT: usize = 400 << 20;

/// What became of one.
pub struct Outcome {
    /// The variant of the error, or `understood`.
    pub kind: String,
    /// Of the file; 0 of a graph that never was one.
    pub size: usize,
    /// Bytes at the peak of reading, and at that of all that follows.
    pub read: usize,
    pub imported: usize,
    pub time: Duration,
    /// What is wrong with the program, if anything is.
    pub fault: Option<String>,
}

enum Damaged {
    File(Vec<u8>),
    Graph(Graph),
}

/// Files to start from.
pub struct Corpus {
    files: Vec<bytes::Seed>,
    graphs: Vec<Graph>,
}

/// Files of every exporter, with every type; small, so that damage meets structure.
const FILES: [&str; 17] = [
    "nir/tests/data/sloppy.nir",
    "nir/tests/data/endless.nir",
    "nir/tests/data/huge.nir",
    "nir/tests/data/recording.h5",
    "tests/interop/data/norse_conv.nir",
    "tests/interop/data/norse_lifbox.nir",
    "tests/interop/data/norse_libox_at_the_end.nir",
    "tests/interop/data/rockpool_lif.nir",
    "tests/interop/data/rockpool_lifneuron.nir",
    "tests/interop/data/sinabs_conv1d.nir",
    "tests/interop/data/sinabs_conv_sumpool.nir",
    "tests/interop/data/sinabs_iaf.nir",
    "tests/interop/data/snntorch_conv_pool_flatten.nir",
    "tests/interop/data/snntorch_mlp_zero.nir",
    "tests/interop/data/snntorch_rleaky.nir",
    "tests/interop/data/snntorch_synaptic_beta_0.nir",
    "tests/interop/data/spikingjelly_lif_other_reset.nir",
];

impl Corpus {
    pub fn load() -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let read = |name: &str| std::fs::read(root.join(name)).unwrap_or_else(|error| panic!("{name}: {error}"));
        let mut files: Vec<Vec<u8>> = FILES.iter().map(|name| read(name)).collect();
        let mut graphs: Vec<Graph> = files.iter().filter_map(|bytes| Graph::from_bytes(bytes).ok()).collect();
        graphs.push(Graph::from_bytes(&read("nir/tests/data/every_type.nir")).expect("it is read in tests of nir"));
        // As this crate writes files: other structures of HDF5.
        files.extend(graphs.iter().filter_map(|graph| graph.to_bytes().ok()).filter(|bytes| bytes.len() < 40_000));
        Self { files: files.into_iter().map(bytes::Seed::new).collect(), graphs }
    }

    /// The input of an execution: the same for the same numbers.
    fn input(&self, random: &mut StdRng) -> Damaged {
        let graph = |random: &mut StdRng| {
            self.graphs.choose(random).map(|graph| graphs::damaged(graph, random)).unwrap_or_default()
        };
        match random.random_range(0..10) {
            0..=5 => Damaged::File(self.files.choose(random).map(|file| file.damaged(random)).unwrap_or_default()),
            6..=8 => Damaged::Graph(graph(random)),
            // A graph that was damaged and written, whose file is then damaged, too.
            _ => {
                let graph = graph(random);
                match graph.to_bytes() {
                    Ok(bytes) if random.random() => Damaged::File(bytes::Seed::new(bytes).damaged(random)),
                    Ok(bytes) => Damaged::File(bytes),
                    Err(_) => Damaged::Graph(graph),
                }
            }
        }
    }

    /// Makes the input of execution `number` and does with it all that can be done. A fault leaves it in `folder`.
    pub fn execute(&self, seed: u64, number: u64, folder: &Path) -> Outcome {
        let mut random = StdRng::seed_from_u64(seed.wrapping_add(number.wrapping_mul(0x9e37_79b9_7f4a_7c15)));
        // Making it can panic as well, where a damaged graph is written.
        let made = catch_unwind(AssertUnwindSafe(|| {
            let input = self.input(&mut random);
            (input, options(&mut random))
        }));
        let Ok((input, options)) = made else {
            let fault = Some(format!("panic while a damaged graph was written: execution {number}"));
            return Outcome { kind: "panic".into(), size: 0, read: 0, imported: 0, time: Duration::ZERO, fault };
        };
        let mut outcome = use_all(&input, &options);
        if outcome.fault.is_some() {
            let path = save(&input, folder, number);
            let fault = outcome.fault.take().unwrap_or_default();
            outcome.fault = Some(format!("{fault}: execution {number}, {}", path.display()));
        }
        outcome
    }
}

fn save(input: &Damaged, folder: &Path, number: u64) -> PathBuf {
    let (extension, content) = match input {
        Damaged::File(bytes) => ("nir", bytes.clone()),
        Damaged::Graph(graph) => ("txt", format!("{graph:#?}").into_bytes()),
    };
    let path = folder.join(format!("fault-{number}.{extension}"));
    // Where it cannot be written there is still the number, from which it is made again.
    let _ = std::fs::write(&path, content);
    path
}

fn options(random: &mut StdRng) -> Options {
    let steps = [None, None, Some(1.0), Some(1e-3), Some(1e-4), Some(1e-6)];
    let wrong = [Some(f64::NAN), Some(-1.0), Some(1e300)];
    let steps = if random.random_ratio(1, 50) { &wrong[..] } else { &steps[..] };
    let after_spike = [AfterSpike::Zero, AfterSpike::Subtract, AfterSpike::SubtractLate];
    let method = [Method::Euler, Method::Exponential];
    Options {
        dt: steps.choose(random).copied().flatten(),
        after_spike: after_spike.choose(random).copied().unwrap_or_default(),
        method: method.choose(random).copied().unwrap_or_default(),
    }
}

/// The peak of memory while something is done, beyond what there was before.
fn peak<T>(most: usize, act: impl FnOnce() -> T) -> (std::thread::Result<T>, usize) {
    let before = MEMORY.allocated();
    PeakAlloc.reset_peak_usage();
    // Past twice the bound the process ends: a fault that takes all memory is no less a fault.
    let _ = MEMORY.set_limit(before + 2 * most);
    let result = catch_unwind(AssertUnwindSafe(act));
    let peak = PeakAlloc.peak_usage().saturating_sub(before);
    let _ = MEMORY.set_limit(usize::MAX);
    (result, peak)
}

/// The name of the variant.
fn variant(error: &impl std::fmt::Debug) -> String {
    let text = format!("{error:?}");
    let name = text.split(|c: char| !c.is_alphanumeric()).next().unwrap_or_default();
    // `Graph { file, problem: Ports { .. } }` and `Graph(Ports { .. })` are of their problem.
    let inner = text.split_once("problem: ").map(|(_, rest)| rest).or(text.strip_prefix("Graph("));
    match inner {
        Some(inner) => inner.split(|c: char| !c.is_alphanumeric()).next().unwrap_or_default().into(),
        None => name.into(),
    }
}

fn use_all(input: &Damaged, options: &Options) -> Outcome {
    let start = Instant::now();
    let (size, read, graph, recording) = match input {
        Damaged::File(bytes) => {
            let (result, peak) =
                peak(most_to_read(bytes.len()), || (Graph::from_bytes(bytes), Recording::from_bytes(bytes)));
            match result {
                Ok((graph, recording)) => (bytes.len(), peak, graph, Some(recording)),
                Err(_) => return faulty("panic while reading", bytes.len(), peak, 0, start),
            }
        }
        Damaged::Graph(graph) => (0, 0, Ok(graph.clone()), None),
    };
    if size > 0 && read > most_to_read(size) {
        return faulty("too much memory for reading", size, read, 0, start);
    }
    let mut kind = String::new();
    let mut message = None;
    let (result, imported) = peak(MOST_TO_IMPORT, || {
        if let Some(Ok(recording)) = recording {
            kind = "understood as data".into();
            for observable in recording.nodes.values().flat_map(|node| node.values()) {
                if let nernst_nir::Observable::Gridded(grid) = observable {
                    let _ = grid.to_events();
                }
            }
            return;
        }
        match graph {
            Ok(graph) => {
                let _ = graph.shapes();
                match Imported::new(&graph, options) {
                    Ok(_) => kind = "understood".into(),
                    Err(error) => {
                        kind = variant(&error);
                        message = Some(error.to_string());
                    }
                }
            }
            Err(error) => {
                kind = variant(&error);
                message = Some(error.to_string());
            }
        }
    });
    if result.is_err() {
        return faulty("panic while importing", size, read, imported, start);
    }
    if imported > MOST_TO_IMPORT {
        return faulty("too much memory for importing", size, read, imported, start);
    }
    // Whatever a file is full of, an error is something to read.
    if let Some(message) = message.filter(|message| message.len() > 4000) {
        return faulty(&format!("an error of {} letters", message.len()), size, read, imported, start);
    }
    Outcome { kind, size, read, imported, time: start.elapsed(), fault: None }
}

fn faulty(what: &str, size: usize, read: usize, imported: usize, start: Instant) -> Outcome {
    Outcome { kind: what.into(), size, read, imported, time: start.elapsed(), fault: Some(what.into()) }
}
