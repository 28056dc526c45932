use super::*;
use proptest::prelude::*;
use std::fs;
use std::path::PathBuf;

fn data(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/spikes").join(name)
}

fn nir_data(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../nir/tests/data").join(name)
}

fn read(path: &Path, reading: &Reading) -> Result<SpikeSet, EventError> {
    let mut source = Source::open(path, Format::of(path)?, reading)?;
    let samples = source.by_ref().collect::<Result<_, _>>()?;
    Ok(SpikeSet { lines: source.lines().unwrap_or(0), dt: source.dt(), samples })
}

fn write(path: &Path, format: Format, set: &SpikeSet, shape: Option<Shape>) -> Result<(), EventError> {
    let writing = Writing { lines: Some(set.lines), dt: set.dt.unwrap_or(DEFAULT_DT), shape, node: "input".into() };
    let mut sink = Sink::create(path, format, writing)?;
    set.samples.iter().try_for_each(|sample| sink.write(sample.clone()))?;
    sink.finish()
}

/// A set from (sample, tick, line).
fn set(samples: usize, ticks: usize, lines: usize, spikes: &[(usize, usize, u16)]) -> SpikeSet {
    let mut samples = vec![vec![vec![]; ticks]; samples];
    spikes.iter().for_each(|&(sample, tick, line)| samples[sample][tick].push(line));
    SpikeSet { lines, dt: None, samples }
}

/// What the arrays of tests/data/spikes/make.py hold.
fn of_make() -> SpikeSet {
    set(2, 3, 4, &[(0, 0, 2), (0, 2, 0), (0, 2, 3), (1, 1, 1)])
}

/// Samples of spikes on so many lines, each of so many ticks.
fn samples(lines: usize, samples: usize, ticks: usize) -> impl Strategy<Value = Vec<Spikes>> {
    let tick =
        proptest::collection::btree_set(0..lines as u16, 0..lines.min(6)).prop_map(|tick| tick.into_iter().collect());
    let sample = proptest::collection::vec(tick, ticks..=ticks);
    proptest::collection::vec(sample, samples..=samples)
}

fn sets() -> impl Strategy<Value = SpikeSet> {
    (1usize..40, 1usize..5, 1usize..12).prop_flat_map(|(lines, count, ticks)| {
        let dt = prop::sample::select(vec![1e-3, 1e-4, 1.0 / 3.0, 2.5e-6]);
        (samples(lines, count, ticks), dt).prop_map(move |(samples, dt)| SpikeSet { lines, dt: Some(dt), samples })
    })
}

/// The only sample of a sensor: its shape, and its spikes, of which the last tick has one.
fn recordings() -> impl Strategy<Value = (Shape, SpikeSet)> {
    (1usize..30, 1usize..30, 1usize..20).prop_flat_map(|(x, y, ticks)| {
        let shape = Shape(x, y);
        let dt = prop::sample::select(vec![1e-3, 1e-6, 1.3e-6, 1.0 / 3.0, 1e-4]);
        (samples(shape.lines(), 1, ticks), dt).prop_map(move |(mut samples, dt)| {
            samples[0].push(vec![shape.lines() as u16 - 1]);
            (shape, SpikeSet { lines: shape.lines(), dt: Some(dt), samples })
        })
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn aer_text_comes_back_with_the_length_of_each_sample(mut set in sets(), silent in 0usize..9) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("spikes.csv");
        set.samples.push(vec![vec![]; silent]);
        write(&path, Format::Aer, &set, None).unwrap();
        prop_assert_eq!(read(&path, &Reading::default()).unwrap(), SpikeSet { dt: None, ..set });
    }

    #[test]
    fn arrays_come_back(set in sets()) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("spikes.npy");
        write(&path, Format::Npy, &set, None).unwrap();
        prop_assert_eq!(read(&path, &Reading::default()).unwrap(), SpikeSet { dt: None, ..set });
    }

    #[test]
    fn a_grid_of_nir_comes_back_with_its_time_step(set in sets()) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("spikes.h5");
        write(&path, Format::Nir, &set, None).unwrap();
        prop_assert_eq!(read(&path, &Reading::default()).unwrap(), set);
    }

    #[test]
    fn events_of_nir_come_back_in_their_ticks(set in sets()) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("spikes.h5");
        write(&path, Format::NirEvents, &set, None).unwrap();
        let without_step = read(&path, &Reading::default()).unwrap_err().to_string();
        prop_assert!(without_step.contains("no time step"), "{}", without_step);
        prop_assert_eq!(read(&path, &Reading { dt: set.dt, ..Reading::default() }).unwrap(), set);
    }

    #[test]
    fn recordings_of_sensors_come_back((shape, set) in recordings()) {
        let folder = tempfile::tempdir().unwrap();
        for (name, format) in [("spikes.bin", Format::Nmnist), ("spikes.aedat", Format::Aedat2)] {
            let path = folder.path().join(name);
            write(&path, format, &set, Some(shape)).unwrap();
            let reading = Reading { dt: set.dt, shape: Some(shape), ..Reading::default() };
            prop_assert_eq!(&read(&path, &reading).unwrap(), &set);
        }
    }

    #[test]
    fn whatever_the_bytes_are_reading_ends(bytes in proptest::collection::vec(any::<u8>(), 0..200), kind in 0usize..5) {
        let (name, head) = [
            ("a.csv", &b""[..]),
            ("a.npy", b"\x93NUMPY\x01\x00"),
            ("a.bin", b""),
            ("a.aedat", b"#!AER-DAT2.0\r\n"),
            ("a.h5", b"\x89HDF\r\n\x1a\n"),
        ][kind];
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(name);
        fs::write(&path, [head, &bytes].concat()).unwrap();
        if let Ok(set) = read(&path, &Reading { dt: Some(1e-3), ..Reading::default() }) {
            prop_assert!(set.samples.iter().flatten().flatten().all(|&line| set.lines == 0 || (line as usize) < set.lines));
        }
    }

    #[test]
    fn a_header_of_an_array_is_understood_or_refused(header in "[{}'a-z_: ,()0-9TrueFals<|>]{0,90}") {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.npy");
        let header = format!("{{'descr': '|b1', 'fortran_order': False, 'shape': (2, 3), {header}}}");
        let length = (header.len() as u16).to_le_bytes();
        fs::write(&path, [b"\x93NUMPY\x01\x00", &length[..], header.as_bytes(), &[0; 6]].concat()).unwrap();
        drop(read(&path, &Reading::default()));
    }
}

#[test]
fn arrays_of_numpy_are_read_whatever_their_type_and_order() {
    for name in ["bool.npy", "fortran-f2.npy", "big-endian-i4.npy"] {
        assert_eq!(read(&data(name), &Reading::default()).unwrap(), of_make(), "{name}");
    }
    let first = SpikeSet { samples: of_make().samples[..1].to_vec(), ..of_make() };
    assert_eq!(read(&data("version2-f8-rank2.npy"), &Reading::default()).unwrap(), first);
    // What we write is what NumPy writes, but for spaces.
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("again.npy");
    write(&path, Format::Npy, &of_make(), None).unwrap();
    let bytes = |path: &Path| fs::read(path).unwrap();
    assert_eq!(String::from_utf8_lossy(&bytes(&path)), String::from_utf8_lossy(&bytes(&data("bool.npy"))));
}

#[test]
fn a_recording_of_n_mnist_is_binned_by_its_specification() {
    let reading = Reading { dt: Some(1e-3), ..Reading::default() };
    let read = read(&data("nmnist.bin"), &reading).unwrap();
    assert_eq!((read.lines, read.samples.len()), (34 * 34 * 2, 1));
    let line = |x: u16, y: u16, on: u16| (on * 34 + y) * 34 + x;
    // 66,051 us, and 500 us after the clock went on by 8,192.
    let expected =
        [(0, line(3, 10, 1)), (1, line(0, 0, 0)), (2, line(33, 33, 1)), (8, line(5, 6, 1)), (66, line(0, 33, 0))];
    let spikes = read.samples[0].iter().enumerate().flat_map(|(tick, lines)| lines.iter().map(move |&l| (tick, l)));
    assert_eq!(spikes.collect::<Vec<_>>(), expected);
    assert_eq!(read.samples[0].len(), 67);
    let pooled = Reading { pool: 3.try_into().ok(), length: Some(0.003), ..reading };
    let pooled = super::tests::read(&data("nmnist.bin"), &pooled).unwrap();
    let line = |x: u16, y: u16, on: u16| (on * 12 + y / 3) * 12 + x / 3;
    assert_eq!(
        (pooled.lines, &pooled.samples[0][..]),
        (288, &[vec![line(3, 10, 1)], vec![0], vec![line(33, 33, 1)]][..])
    );
}

#[test]
fn a_recording_of_a_dvs128_begins_where_it_is_told_to() {
    let reading = Reading { dt: Some(1e-3), start: Some(Start::First), ..Reading::default() };
    let line = |x: u16, y: u16, on: u16| (on * 128 + y) * 128 + x;
    let expected = [vec![line(7, 5, 1)], vec![line(127, 127, 0)], vec![line(0, 0, 0)]];
    let from_first = read(&data("dvs128.aedat"), &reading).unwrap();
    assert_eq!((from_first.lines, &from_first.samples[0][..]), (32768, &expected[..]));
    let part = Reading { start: Some(Start::At(2.001)), length: Some(0.001), ..reading };
    let cut = read(&data("dvs128.aedat"), &part).unwrap();
    assert_eq!(cut.samples, [[vec![line(127, 127, 0)]]]);
    let whole = Reading { start: None, ..part };
    assert_eq!(read(&data("dvs128.aedat"), &whole).unwrap().samples, [[Vec::<u16>::new()]]);
}

#[test]
fn files_of_the_nir_package_are_read_by_node() {
    let digits = nir_data("digits16_events.h5");
    let read_digits = read(&digits, &Reading { dt: Some(1e-3), ..Reading::default() }).unwrap();
    assert_eq!((read_digits.samples.len(), read_digits.lines, read_digits.samples[0].len()), (16, 64, 16));
    assert_eq!(read_digits.samples.iter().map(|sample| sample.iter().map(Vec::len).sum::<usize>()).max(), Some(383));
    let recording = nir_data("recording.h5");
    let node = |node: &str, dt| Reading { node: Some(node.into()), dt, ..Reading::default() };
    // The same spikes as events and as a grid.
    let grid = read(&recording, &node("grid", None)).unwrap();
    assert_eq!(read(&recording, &node("lif", Some(1e-3))).unwrap(), grid);
    assert_eq!((grid.dt, grid.samples[1].clone()), (Some(1e-3), vec![vec![], vec![], vec![1], vec![]]));
    refused(&recording, &Reading::default(), "several nodes, `grid`, `lif`: name one with --node");
    refused(&recording, &node("soma", None), "no node `soma`, but `grid`, `lif`");
    refused(&recording, &node("grid", Some(2e-3)), "its time step is 0.001 s, not the 0.002 s of --dt");
    refused(
        &digits,
        &Reading { dt: Some(1e-10), ..Reading::default() },
        "160000000 ticks of 64 lines, expected at most",
    );
    refused(&digits, &Reading { dt: Some(1e-3), lines: Some(4), ..Reading::default() }, "64 lines, expected 4");
    refused(
        &digits,
        &Reading { dt: Some(1e-3), ticks: Some(3), ..Reading::default() },
        "h5 sample 0: tick 3, expected one below 3",
    );
}

#[test]
fn aer_text_of_others_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("spikes.txt");
    let read = |text: &str| {
        fs::write(&path, text).unwrap();
        super::tests::read(&path, &Reading::default()).unwrap()
    };
    let expected = [vec![vec![5, 9], vec![], vec![], vec![2]], vec![vec![], vec![0]]];
    for text in [
        "0,5\n0,9\n3,2\n\n1,0",
        "# by hand\r\n\r\nTick,Address\r\n3,2\r\n0,9\r\n0,5\r\n0,5\r\n\r\n\r\n# more\r\n1,0\r\n\r\n\r\n",
        "0 5\n0\t9\n 3   2 \n#end 4\n1 0\n#end 2\n",
        "#endless\n0,5\n0,9\n3,2\n#end 4\n\n1, 0\n#lines\n",
    ] {
        assert_eq!(read(text).samples, expected, "{text}");
    }
    assert_eq!(read("\n\n# nothing\n").samples.len(), 0);
    assert_eq!(read("#lines 8\n#end 0\n#end 2\n").samples, [Spikes::new(), vec![vec![], vec![]]]);
    assert_eq!(read("#lines 8\n0,7\n").lines, 8);
    let padded = Reading { ticks: Some(5), ..Reading::default() };
    fs::write(&path, "1,0\n#end 2\n0,1\n").unwrap();
    assert!(super::tests::read(&path, &padded).unwrap().samples.iter().all(|sample| sample.len() == 5));
}

/// Asserts that reading fails with these words, and says the file.
fn refused(path: &Path, reading: &Reading, words: &str) {
    let error = read(path, reading).unwrap_err();
    let (text, file) = (error.to_string(), path.file_name().unwrap().to_str().unwrap());
    assert!(text.contains(words) && text.contains(file) && !text.contains('\n'), "`{words}` is not in: {text}");
    assert!(!error.help().is_empty());
}

#[test]
fn what_is_wrong_is_named_by_its_place() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, bytes: &[u8]| {
        let path = folder.path().join(name);
        fs::write(&path, bytes).unwrap();
        path
    };
    let any = Reading { dt: Some(1e-3), ..Reading::default() };
    let narrow = Reading { lines: Some(8), ticks: Some(4), ..any.clone() };
    let text = |text: &[u8], words: &str| refused(&file("a.csv", text), &narrow, words);
    text(b"0,1\n0,8\n", "a.csv line 2: address 8, expected one below 8");
    text(b"#c\n\n4,1\n", "a.csv line 3: tick 4, expected one below 4");
    text(b"0,1\nx,1\n", "a.csv line 2: tick `x`, expected a whole number from 0");
    text(b"0,-1\n", "line 1: address `-1`");
    text(b"0,1.5\n", "line 1: address `1.5`");
    text(b"time,address\n", "line 1: tick `time`");
    text(b"0,1\ntick,address\n", "line 2: tick `tick`");
    text(b"0\n", "line 1: `0`, expected `tick,address`");
    text(b"0,1,2\n", "line 1: `0,1,2`, expected `tick,address`");
    text(b"2,1\n#end 2\n", "line 2: the end after 2 ticks, and there is a spike in tick 2");
    text(b"#end 5\n", "line 1: `5` ticks, expected a number up to 4");
    text(b"#end many\n", "line 1: `many` ticks");
    text(b"#lines 9\n", "line 1: 9 lines, expected 8");
    text(b"#lines 0\n", "line 1: `0` lines");
    text(b"0,1\n#lines 8\n", "line 2: `#lines` after the first spike");
    text(b"0,1\n\xff\xfe\n", "line 2: no text");
    text(&[b'7'; 9000], "line 1: longer than 4096 bytes");
    refused(&file("a.csv", b"4294967296,0\n"), &any, "tick 4294967296, expected one below 1048576");
    refused(&file("a.csv", b"0,65536\n"), &any, "address 65536, expected one below 65536");

    let npy = |header: &str, body: &[u8], words: &str| {
        let length = (header.len() as u16).to_le_bytes();
        refused(&file("a.npy", &[b"\x93NUMPY\x01\x00", &length[..], header.as_bytes(), body].concat()), &any, words);
    };
    let dictionary =
        |descr: &str, shape: &str| format!("{{'descr': {descr}, 'fortran_order': False, 'shape': {shape}, }}");
    npy(
        &dictionary("'|u1'", "(1, 2, 2)"),
        &[0, 1, 2, 0],
        "a.npy byte 74: the value of sample 0, tick 1, line 0 is neither 0 nor 1",
    );
    npy(&dictionary("'|b1'", "(2, 1073741824)"), &[0; 8], "1073741824 lines, expected 1 to 65536");
    npy(&dictionary("'|b1'", "(65536, 1024, 32)"), &[0; 8], "with 1 bytes a value is claimed, and 8 bytes follow");
    npy(&dictionary("'<f8'", "(9223372036854775807, 1024, 32)"), &[0; 8], "is claimed, and 8 bytes follow");
    npy(&dictionary("'|b1'", "(0, 3, 4)"), &[], "0 samples, expected 1 to");
    npy(&dictionary("'|b1'", "(4,)"), &[0; 4], "shape [4], expected (samples, ticks, lines) or (ticks, lines)");
    npy(&dictionary("'|O'", "(1, 4)"), &[0; 4], "values of type `|O`");
    npy(&dictionary("[('x', '<i4')]", "(1, 4)"), &[0; 4], "has no `descr` that is a type of numbers");
    npy("{'descr': '|b1', 'shape': (1, 1)}", &[0], "has no `fortran_order`");
    npy(&dictionary("'|b1'", "(a, 4)"), &[0; 4], "has no `shape` that is a tuple of numbers");
    refused(&file("a.npy", b"\x93NUMPY\x01\x00\xff\xff{"), &any, "a header of 65535 bytes, expected at most 10000");
    refused(&file("a.npy", b"\x93NUMPY\x02\x00\xff\xff\xff\x7f{"), &any, "a header of 2147483647 bytes");
    refused(&file("a.npy", b"\x93NUMPY\x01\x00\x40"), &any, "cut short after 9 bytes");
    refused(&file("a.npy", b"\x93NUMPY\x09\x00\x00\x00"), &any, "version 9");
    refused(&file("a.npy", b"PK\x03\x04"), &any, "no NumPy array");
    refused(&data("half.npy"), &any, "neither 0 nor 1");
    refused(&data("bool.npy"), &narrow, "4 lines, expected 8");
    refused(
        &data("bool.npy"),
        &Reading { ticks: Some(2), ..any.clone() },
        "bool.npy byte 136: tick 2, expected one below 2",
    );

    refused(&file("a.bin", &[0; 7]), &any, "a.bin byte 5: 2 bytes of an event that has 5");
    refused(
        &file("a.bin", &[0, 0, 0, 0, 0, 34, 0, 0, 0, 0]),
        &any,
        "a.bin byte 5: pixel (34, 0), and the sensor has 34 x 34 pixels",
    );
    refused(&data("nmnist.bin"), &Reading::default(), "events with times, and no time step");
    refused(&data("nmnist.bin"), &narrow, "2312 lines, expected 8");
    let short = Reading { ticks: Some(2), ..any.clone() };
    refused(
        &data("nmnist.bin"),
        &short,
        "nmnist.bin byte 10: tick 2, expected one below 2; --start and --length take a part",
    );
    refused(&data("nmnist.bin"), &Reading { dt: Some(1e-9), ..Reading::default() }, "a tick of 0.000000001 s");
    refused(&data("nmnist.bin"), &Reading { dt: Some(1e-6), length: Some(2.0), ..Reading::default() }, "2000000 ticks");

    let aedat = |bytes: &[u8], words: &str| refused(&file("a.aedat", bytes), &any, words);
    aedat(b"#!AER-DAT3.1\r\n#End Of ASCII Header\r\n", "AEDAT 3.1, expected 2.0");
    aedat(b"# a recording\r\n", "its first line is `# a recording`, expected `#!AER-DAT2.0`");
    aedat(b"\0\0\0\0\0\0\0\0", "no AEDAT 2.0");
    aedat(b"#!AER-DAT2.0", "a header line without an end");
    aedat(b"#!AER-DAT2.0\r\n# AEChip: eu.seebetter.ini.chips.davis.Davis640\r\n", "expected one of a DVS128");
    aedat(b"#!AER-DAT2.0\r\n\0\0\0\0\0\0\0\x01\0\0\0", "a.aedat byte 22: 3 bytes of an event that has 8");
    aedat(
        b"#!AER-DAT2.0\r\n\0\x01\0\0\0\0\0\0",
        "a.aedat byte 14: address 0x10000, and those of a DVS128 have 16 bits",
    );
    aedat(b"#!AER-DAT2.0\r\n\0\0\0\0\xff\xff\xff\xff", "a.aedat byte 14: the time -1 us");

    let Err(error) = Source::open(&nir_data("huge.nir"), Format::Nir, &any) else { panic!("a shape of 4 PiB") };
    assert!(error.to_string().contains("is larger than the file can hold"), "{error}");
    refused(&folder.path().join("none.csv"), &any, "cannot read");
    refused(&folder.path().join("none.h5"), &any, "none.h5");
    refused(&file("a.h5", b"\x89HDF"), &any, "a.h5");
    refused(&folder.path().join("spikes"), &any, "its name does not end in that of a format");
}

#[test]
fn a_spike_that_is_repeated_takes_no_memory() {
    let mut sample = Builder::new(Limits { lines: 8, ticks: 2 });
    (0..100_000).for_each(|number| sample.add(1, number % 3).unwrap());
    assert!(sample.ticks[1].capacity() <= 32);
    assert_eq!(sample.finish(3), [vec![], vec![0, 1, 2], vec![]]);
}

#[test]
fn what_a_format_cannot_hold_is_refused_and_leaves_no_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("out");
    let refused = |format, set: &SpikeSet, shape, words: &str| {
        let text = write(&path, format, set, shape).unwrap_err().to_string();
        assert!(text.contains(words), "`{words}` is not in: {text}");
        assert!(!path.exists());
    };
    let two = set(2, 3, 8, &[]);
    refused(Format::Nmnist, &two, Some(Shape(2, 2)), "2 samples, and this format holds one: choose it with --sample");
    let one = set(1, 3, 8, &[]);
    refused(
        Format::Nmnist,
        &one,
        None,
        "8 lines, and a sensor of 34 x 34 pixels has 2312 (two polarities): give its --shape",
    );
    refused(Format::Aedat2, &one, Some(Shape(129, 1)), "addresses of a DVS128 have 128 x 128 pixels");
    let late = set(1, 10_000, 8, &[(0, 9_999, 0)]);
    refused(
        Format::Nmnist,
        &late,
        Some(Shape(2, 2)),
        "tick 9999 is at 9999500 us, and times of this format end at 8388607 us",
    );
    let fast = SpikeSet { dt: Some(1e-7), ..one.clone() };
    refused(Format::Aedat2, &fast, Some(Shape(2, 2)), "a tick of 0.0000001 s");
    let large = SpikeSet { lines: 65_536, ..set(3, 1000, 1, &[]) };
    refused(Format::Nir, &large, None, "too many for a grid: take the format nir-events");
    let writing = Writing { lines: None, dt: 1e-3, shape: None, node: "input".into() };
    let Err(error) = Sink::create(&path, Format::Npy, writing) else { panic!("a file without a number of lines") };
    assert!(error.to_string().contains("how many lines") && error.help().contains("--lines"));
}
