//! `nernst report` and the pictures of `nernst plot` as a user meets them: from outside the process.

use crate::common::command::{fails, nernst, succeeds};
use crate::common::files::Files;
use crate::common::random_image;
use nernst::energy::units::si;
use nernst_spec::ArrayConfig;
use roxmltree::{Document, ParsingOptions};

const HOSTILE: &str = "<script>alert('&\"')</script>";

/// Report and trace of a run of a random network of this name on the reference model.
fn run(files: &Files, seed: u64, network: &str) -> (String, String) {
    let mut image = random_image(&ArrayConfig::ready("tiny").unwrap(), seed);
    image.name = network.into();
    let image = files.write("net.nim", image.to_bytes());
    let (json, trace) = (files.name(&format!("run-{seed}.json")), files.name(&format!("trace-{seed}.json")));
    succeeds(&["run", "-i", &image, "-p", "model", "-l", "8", "--json", &json, "--trace", &trace]);
    (json, trace)
}

/// The page of these runs.
fn page_of(files: &Files, arguments: &[&str]) -> String {
    let page = files.name("report.html");
    let out = succeeds(&[&["report", "--output", &page], arguments].concat());
    assert_eq!(out.trim(), format!("wrote {page}"));
    files.text("report.html")
}

/// What is within `<main>`: as strict as XML, so that no tag is left open.
fn main_of(page: &str) -> Document<'_> {
    let (from, to) = (page.find("<main>").unwrap(), page.find("</main>").unwrap());
    let text = &page[from..to + "</main>".len()];
    Document::parse_with_options(text, ParsingOptions::default()).unwrap_or_else(|error| panic!("{error}: {text}"))
}

fn text_of(document: &Document) -> String {
    document.descendants().filter_map(|node| node.text().filter(|_| node.is_text())).collect::<Vec<_>>().join("\n")
}

/// Nothing that a browser would fetch or run.
fn stands_alone(page: &str) {
    let document = main_of(page);
    for node in document.descendants().filter(|node| node.is_element()) {
        let name = node.tag_name().name();
        assert!(!["script", "img", "image", "link", "iframe", "object", "use", "a", "style"].contains(&name), "{name}");
        for attribute in node.attributes() {
            let (name, value) = (attribute.name(), attribute.value());
            assert!(!["src", "href", "srcset", "style"].contains(&name) && !name.starts_with("on"), "{name}={value}");
            assert!(!value.contains("//") && !value.contains("url("), "{name}={value}");
        }
    }
    let head = &page[..page.find("<body>").unwrap()];
    for word in ["//", "url(", "@import", "<script", "<link", "src="] {
        assert!(!head.contains(word), "{word} in {head}");
    }
}

#[test]
fn a_page_holds_the_numbers_of_the_ledger_and_needs_nothing_else() {
    let files = Files::new();
    let (run, trace) = run(&files, 1, "plain");
    let page = page_of(&files, &[&run, "--trace", &trace, "--prices", "loihi"]);
    stands_alone(&page);
    let document = main_of(&page);
    let text = text_of(&document);
    let statement: serde_json::Value =
        serde_json::from_str(&succeeds(&["ledger", &run, "--prices", "loihi", "--json"])).unwrap();
    let bill = &statement["bills"][0];
    for line in bill["lines"].as_array().unwrap() {
        let row = document.descendants().filter(|node| node.has_tag_name("tr")).find(|row| {
            row.descendants().any(|cell| cell.text() == line["counter"].as_str() && cell.has_tag_name("td"))
        });
        let cells: Vec<String> =
            row.unwrap().children().map(|cell| cell.descendants().filter_map(|n| n.text()).collect()).collect();
        assert!(cells[1].starts_with(&line["count"].to_string()), "{cells:?}");
        assert!(cells[2].starts_with(&si(line["joules"].as_f64().unwrap(), "J")), "{cells:?}");
        assert!(cells[3].starts_with("simulated, Loihi"), "{cells:?}");
        assert!(cells[4].contains(line["source"].as_str().unwrap()), "{cells:?}");
    }
    for unpriced in bill["unpriced"].as_array().unwrap() {
        assert!(
            text.contains(&format!("{}", unpriced["count"])) && text.contains(unpriced["counter"].as_str().unwrap())
        );
    }
    // Joules of all ticks of the picture are those of the activity that the trace counted.
    let counts: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(&trace).unwrap()).unwrap();
    let sum = |name: &str, place: &str| -> f64 {
        counts["ticks"].as_array().unwrap().iter().map(|tick| tick["ledger"][place][name].as_f64().unwrap()).sum()
    };
    let computation =
        23.6e-12 * sum("synaptic_operations", "cores_total") + 81e-12 * sum("neuron_updates", "cores_total");
    assert!(text.contains(&format!("computation, {} in all", si(computation, "J"))), "{text}");
    let communication = 1.7e-12 * sum("bus_destinations", "array");
    assert!(text.contains(&format!("communication, {} in all", si(communication, "J"))), "{text}");
    // An image does not know its populations, and the page says so.
    assert!(text.contains("Populations are not known") && !text.contains("by population"), "{text}");
    for counter in nernst::energy::counters::all() {
        assert!(text.contains(counter.definition.sentence), "{counter:?}");
    }
    for words in ["Energy by tick", "Where the bits went", "35 : 1", "Spiking or dense", "Bits per joule"] {
        assert!(text.contains(words), "{words}");
    }
    assert!(!text.contains("differences from the reference model"));
    assert!(page.contains("prefers-color-scheme: dark") && page.contains("width=device-width"));
}

#[test]
fn names_from_files_are_text_and_nothing_else() {
    let files = Files::new();
    let (run, trace) = run(&files, 2, HOSTILE);
    let mut report: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(&run).unwrap()).unwrap();
    for field in ["data", "config", "port", "build", "coding"] {
        report[field] = format!("{field} {HOSTILE}").into();
    }
    report["ledger"]["array"][format!("counter {HOSTILE}")] = 3.into();
    report["mismatches"]["spikes"] = 4.into();
    report["mismatches"]["first"] = serde_json::json!([HOSTILE]);
    let hostile = files.write("hostile.json", report.to_string());
    let page = page_of(&files, &[&hostile]);
    stands_alone(&page);
    assert!(!page.contains("<script") && !page.contains("alert('&\""), "{page}");
    let text = text_of(&main_of(&page));
    for name in ["data ", "config ", "port ", "build ", "coding ", "counter ", ""] {
        assert!(text.contains(&format!("{name}{HOSTILE}")), "{name}: {text}");
    }
    assert!(text.contains("4 differences from the reference model."), "{text}");
    let page = page_of(&files, &[&run, "-t", &trace]);
    stands_alone(&page);
    // As files of their own, too.
    let folder = files.name("plots");
    succeeds(&["plot", &hostile, &trace, "--output", &folder]);
    for name in ["hostile-energy", "hostile-bits", "hostile-ratios", "trace-2-energy"] {
        let svg = files.text(&format!("plots/{name}.svg"));
        let document = Document::parse(&svg).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert!(document.descendants().all(|node| node.tag_name().name() != "script"), "{name}");
        assert!(text_of(&document).contains(HOSTILE), "{name}");
    }
}

#[test]
fn runs_are_set_beside_each_other() {
    let files = Files::new();
    let ((one, _), (other, trace)) = (run(&files, 3, "one"), run(&files, 4, "other"));
    let page = page_of(&files, &[&one, &other, "-t", &trace, "-p", "loihi", "-p", "cortex"]);
    stands_alone(&page);
    let document = main_of(&page);
    let text = text_of(&document);
    assert!(text.contains("Energy against accuracy") && text.contains("Range over the price tables"), "{text}");
    assert_eq!(text.matches("Energy by tick").count(), 1, "only the run that was traced has it");
    // A mark for each run on both widths.
    let scatter = document.descendants().find(|node| node.attribute("aria-label") == Some("Energy against accuracy"));
    assert_eq!(
        scatter
            .unwrap()
            .descendants()
            .filter(|node| node.has_tag_name(("http://www.w3.org/2000/svg", "circle")))
            .count(),
        2
    );
    let folder = files.name("plots");
    succeeds(&["plot", &one, &other, "--output", &folder, "--prices", "truenorth"]);
    assert!(files.text("plots/energy-accuracy.svg").contains("truenorth"));
}

#[test]
fn what_cannot_be_reported_is_refused_with_what_to_do() {
    let files = Files::new();
    let ((run, trace), (_, strange)) = (run(&files, 5, "one"), run(&files, 6, "other"));
    let page = files.name("x.html");
    let report = |arguments: &[&str], words: &[&str], help: &str| {
        fails(&[&["report", "-o", &page], arguments].concat(), words, help);
        assert!(!std::path::Path::new(&page).exists());
    };
    report(&[&run, "-t", &strange], &["trace is of other on `tiny`", "one on `tiny`"], "--trace");
    report(&[&files.name("none.json")], &["none.json"], "nernst run --json");
    report(&[&run, "-t", &files.name("none.json")], &["cannot read trace"], "nernst run --trace");
    let old = std::fs::read_to_string(&trace).unwrap().replace("\"version\":2", "\"version\":1");
    report(&[&run, "-t", &files.write("old.json", old)], &["old.json is a trace of version 1, expected 2"], "again");
    let torn = std::fs::read_to_string(&trace).unwrap().replacen("\"cores\":[{\"", "\"cores\":[],\"was\":[{\"", 1);
    report(&[&run, "-t", &files.write("torn.json", torn)], &["torn.json", "0 cores"], "nernst run --trace");
    report(&[&run, "-p", "truenorth", "-p", "loihi"], &["truenorth", "all-in"], "twice");
    assert_eq!(nernst(&["report"]).0, 2, "without a run");
}
