//! The command-line tool from outside the process.

use assert_cmd::Command;

/// Exit code, standard output and standard error of `nernst` with these arguments.
pub fn nernst(arguments: &[&str]) -> (i32, String, String) {
    let mut command = Command::cargo_bin("nernst").unwrap();
    let command =
        command.args(arguments).env_remove("NERNST_PORT").env_remove("NERNST_BAUD").env("RUST_BACKTRACE", "0");
    let output = command.output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

/// Asserts exit code 0 and nothing on standard error; returns standard output.
pub fn succeeds(arguments: &[&str]) -> String {
    let (code, out, error) = nernst(arguments);
    assert_eq!((code, error.as_str()), (0, ""), "{arguments:?}");
    out
}

/// Asserts exit code 1, a line of error with these words and a line of help with this one.
pub fn fails(arguments: &[&str], words: &[&str], help: &str) {
    let (code, out, error) = nernst(arguments);
    assert_eq!(code, 1, "{arguments:?}: {out} {error}");
    let lines: Vec<&str> = error.lines().collect();
    assert_eq!(lines.len(), 2, "{error}");
    words.iter().for_each(|word| assert!(lines[0].contains(word), "`{word}` is not in: {error}"));
    assert!(lines[0].starts_with("error: ") && lines[1].starts_with("help: ") && lines[1].contains(help), "{error}");
}
