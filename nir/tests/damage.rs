//! Damaged files are errors: no panic, no endless loop, no memory that the file does not justify.

mod common;

use common::data;
use nernst_nir::*;
use proptest::{prelude::*, sample::Index};
use std::sync::LazyLock;

/// Files of h5py, and the same content as it is written here: the two use different structures of HDF5.
static FILES: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
    let read = |name: &str| std::fs::read(data(name)).unwrap();
    let mut files: Vec<Vec<u8>> =
        ["sloppy.nir", "snntorch_rec.nir", "recording.h5", "digits16_events.h5"].map(read).into();
    files.push(common::every_type().to_bytes().unwrap());
    files.push(common::recording().to_bytes().unwrap());
    files
});

/// As a user would, with all that follows; results do not matter.
fn use_all(bytes: &[u8]) {
    if let Ok(graph) = Graph::from_bytes(bytes) {
        let _ = graph.shapes();
        let _ = graph.to_bytes();
    }
    if let Ok(recording) = Recording::from_bytes(bytes) {
        for observable in recording.nodes.values().flat_map(|node| node.values()) {
            let _ = match observable {
                Observable::Events(events) => events.steps(1e-3).map(|_| ()),
                Observable::Gridded(grid) => grid.to_events().map(|_| ()),
            };
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn changed_bytes_do_no_harm(file in 0..6usize, changes in prop::collection::vec((any::<Index>(), any::<u8>()), 1..8)) {
        let mut bytes = FILES[file].clone();
        for (place, value) in changes {
            let place = place.index(bytes.len());
            bytes[place] = value;
        }
        use_all(&bytes);
    }

    /// Most structures lie near each other, and flags and sizes matter most.
    #[test]
    fn changed_structures_do_no_harm(
        file in 0..6usize,
        start in any::<Index>(),
        value in prop_oneof![Just(0u8), Just(0xff), any::<u8>()],
    ) {
        let mut bytes = FILES[file].clone();
        // What is not zero says something.
        let said: Vec<usize> = (0..bytes.len().min(6000)).filter(|place| bytes[*place] != 0).collect();
        bytes[said[start.index(said.len())]] = value;
        use_all(&bytes);
    }

    #[test]
    fn files_that_were_cut_do_no_harm(file in 0..6usize, end in any::<Index>()) {
        let bytes = &FILES[file];
        use_all(&bytes[..end.index(bytes.len())]);
    }

    #[test]
    fn other_bytes_are_refused(mut bytes in prop::collection::vec(any::<u8>(), 0..2000), signature in any::<bool>()) {
        if signature {
            bytes.splice(..0, *b"\x89HDF\r\n\x1a\n");
        }
        prop_assert!(Graph::from_bytes(&bytes).is_err());
        prop_assert!(Recording::from_bytes(&bytes).is_err());
    }
}

#[test]
#[ignore = "takes minutes: every byte of every file"]
fn no_single_byte_does_harm() {
    for file in FILES.iter() {
        let mut bytes = file.clone();
        for place in 0..bytes.len() {
            let original = bytes[place];
            for value in [0, 1, 0x7f, 0xff, original ^ 1, original ^ 0x80, original.wrapping_add(1)] {
                // Inside of long runs of zeros nothing is said.
                if value != original && (original != 0 || place < 4096) {
                    bytes[place] = value;
                    use_all(&bytes);
                }
            }
            bytes[place] = original;
        }
    }
}
