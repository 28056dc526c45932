//! Lattice preference files: the pins of a board, and the part of them that a design uses.
//!
//! A board's LPF is the only place where its pins are written. It is parsed strictly, so that a slip is reported with file and
//! line, and [`Lpf::constrain`] writes the LPF of a design: the lines of the ports that it has, and an error for a port
//! without a pin, before any tool has run.

use std::collections::BTreeMap;
use std::fmt::Write as _;

/// A mistake in an LPF, or in what is asked of it.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum LpfError {
    /// The file has something that this parser does not accept.
    #[error("{file}:{line}: {what}")]
    Syntax {
        /// File name.
        file: String,
        /// Line, from 1.
        line: usize,
        /// What is wrong and what is expected.
        what: String,
    },
    /// The design has a port that the board has not.
    #[error("{file} has no pin for port {port}; it has {known}")]
    NoPin {
        /// File name.
        file: String,
        /// Port asked for.
        port: String,
        /// Ports that there are.
        known: String,
    },
}

/// Where and how a port is connected.
#[derive(Clone, Debug, PartialEq)]
pub struct Pin {
    /// Ball of the package.
    pub site: String,
    /// Attributes of its `IOBUF` line, as written.
    pub iobuf: Vec<String>,
    /// Frequency of its `FREQUENCY` line.
    pub frequency_mhz: Option<f64>,
}

/// A parsed LPF.
#[derive(Clone, Debug, PartialEq)]
pub struct Lpf {
    file: String,
    pins: BTreeMap<String, Pin>,
    global: Vec<String>,
}

impl Lpf {
    /// Parses the statements `LOCATE COMP`, `IOBUF PORT`, `FREQUENCY PORT`, `SYSCONFIG` and `BLOCK`; `file` is for messages.
    pub fn parse(file: &str, text: &str) -> Result<Self, LpfError> {
        let mut lpf = Self { file: file.to_string(), pins: BTreeMap::new(), global: Vec::new() };
        for (line, statement) in statements(file, text)? {
            lpf.statement(&statement).map_err(|what| LpfError::Syntax {
                file: file.to_string(),
                line,
                what: format!("{what} in '{statement}'"),
            })?;
        }
        Ok(lpf)
    }

    fn statement(&mut self, statement: &str) -> Result<(), String> {
        let words: Vec<&str> = statement.split_whitespace().collect();
        match words.as_slice() {
            ["SYSCONFIG" | "BLOCK", ..] => self.global.push(words.join(" ")),
            ["LOCATE", "COMP", port, "SITE", site] => {
                let (port, site) = (quoted(port)?, quoted(site)?);
                if let Some((other, _)) = self.pins.iter().find(|(_, pin)| pin.site == site) {
                    return Err(format!("site {site} is already taken by port {other}"));
                }
                let pin = Pin { site: site.to_string(), iobuf: Vec::new(), frequency_mhz: None };
                if self.pins.insert(port.to_string(), pin).is_some() {
                    return Err(format!("port {port} is located twice"));
                }
            }
            ["IOBUF", "PORT", port, attributes @ ..] => {
                if let Some(bad) = attributes.iter().find(|a| !a.contains('=')) {
                    return Err(format!("'{bad}' is no attribute NAME=VALUE"));
                }
                self.located(port)?.iobuf = attributes.iter().map(|a| a.to_string()).collect();
            }
            ["FREQUENCY", "PORT", port, number, unit] if unit.eq_ignore_ascii_case("mhz") => {
                let mhz = number.parse().ok().filter(|mhz: &f64| *mhz > 0.0);
                let mhz = mhz.ok_or_else(|| format!("'{number}' is no frequency in MHz"))?;
                self.located(port)?.frequency_mhz = Some(mhz);
            }
            _ => return Err(
                "expected LOCATE COMP \"port\" SITE \"ball\", IOBUF PORT, FREQUENCY PORT .. MHZ, SYSCONFIG or BLOCK"
                    .into(),
            ),
        }
        Ok(())
    }

    fn located(&mut self, port: &str) -> Result<&mut Pin, String> {
        let port = quoted(port)?;
        self.pins.get_mut(port).ok_or_else(|| format!("port {port} has no LOCATE line before this one"))
    }

    /// The pin of a port, `name` or `name[bit]`.
    pub fn pin(&self, port: &str) -> Option<&Pin> {
        self.pins.get(port)
    }

    /// Every port with a pin, in alphabetical order.
    pub fn ports(&self) -> impl Iterator<Item = &str> {
        self.pins.keys().map(String::as_str)
    }

    /// Number of bits of a port: 0 when there is none of this name.
    pub fn width(&self, port: &str) -> usize {
        if self.pins.contains_key(port) {
            return 1;
        }
        (0..).take_while(|bit| self.pins.contains_key(&format!("{port}[{bit}]"))).count()
    }

    /// The LPF of a design with these ports (name and width in bits). A port of one bit also fits the first bit of a wider one.
    pub fn constrain<'a>(&self, ports: impl IntoIterator<Item = (&'a str, usize)>) -> Result<String, LpfError> {
        let mut text = format!("# Made from {}: edit that file.\n", self.file);
        for statement in &self.global {
            let _ = writeln!(text, "{statement};");
        }
        for (name, width) in ports {
            for bit in 0..width {
                let indexed = format!("{name}[{bit}]");
                // a port of one bit is a scalar in Verilog
                let port = if width == 1 { name } else { &indexed };
                let pin = self.pins.get(port).or_else(|| self.pins.get(&indexed)).ok_or_else(|| self.no_pin(port))?;
                let _ = writeln!(text, "LOCATE COMP \"{port}\" SITE \"{}\";", pin.site);
                if !pin.iobuf.is_empty() {
                    let _ = writeln!(text, "IOBUF PORT \"{port}\" {};", pin.iobuf.join(" "));
                }
                if let Some(mhz) = pin.frequency_mhz {
                    let _ = writeln!(text, "FREQUENCY PORT \"{port}\" {mhz} MHZ;");
                }
            }
        }
        Ok(text)
    }

    fn no_pin(&self, port: &str) -> LpfError {
        let known: Vec<&str> = self.ports().collect();
        LpfError::NoPin { file: self.file.clone(), port: port.to_string(), known: known.join(", ") }
    }
}

/// The text between double quotes.
fn quoted(word: &str) -> Result<&str, String> {
    let inner = word.strip_prefix('"').and_then(|w| w.strip_suffix('"'));
    inner.filter(|w| !w.is_empty()).ok_or_else(|| format!("expected a name in double quotes, found '{word}'"))
}

/// Statements without comments and semicolons, each with the line on which it starts.
fn statements(file: &str, text: &str) -> Result<Vec<(usize, String)>, LpfError> {
    let mut found = Vec::new();
    let mut open: Option<(usize, String)> = None;
    for (index, line) in text.lines().enumerate() {
        let code = line.split('#').next().unwrap_or_default();
        let mut parts = code.split(';').peekable();
        while let Some(part) = parts.next() {
            let part = part.trim();
            if !part.is_empty() {
                let statement = open.get_or_insert((index + 1, String::new()));
                if !statement.1.is_empty() {
                    statement.1.push(' ');
                }
                statement.1.push_str(part);
            }
            if parts.peek().is_some() {
                found.extend(open.take());
            }
        }
    }
    match open {
        None => Ok(found),
        Some((line, statement)) => {
            Err(LpfError::Syntax { file: file.to_string(), line, what: format!("no semicolon after '{statement}'") })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "SYSCONFIG COMPRESS_CONFIG=ON;\nLOCATE COMP \"clock\" SITE \"G2\"; # 25 MHz\n\
        FREQUENCY PORT \"clock\" 25.0 MHZ;\nLOCATE COMP \"led[0]\" SITE \"B2\";\nLOCATE COMP \"led[1]\" SITE \"C2\";\n\
        IOBUF PORT \"led[1]\" IO_TYPE=LVCMOS33\n  DRIVE=4;\n";

    #[test]
    fn a_design_gets_the_lines_of_its_ports_and_no_others() {
        let lpf = Lpf::parse("x.lpf", TEXT).unwrap();
        assert_eq!((lpf.width("led"), lpf.width("clock"), lpf.width("uart_rx")), (2, 1, 0));
        let text = lpf.constrain([("led", 2)]).unwrap();
        assert_eq!(
            text,
            "# Made from x.lpf: edit that file.\nSYSCONFIG COMPRESS_CONFIG=ON;\nLOCATE COMP \"led[0]\" SITE \"B2\";\n\
             LOCATE COMP \"led[1]\" SITE \"C2\";\nIOBUF PORT \"led[1]\" IO_TYPE=LVCMOS33 DRIVE=4;\n"
        );
        let text = lpf.constrain([("clock", 1), ("led", 1)]).unwrap();
        assert!(
            text.contains("FREQUENCY PORT \"clock\" 25 MHZ;") && text.contains("LOCATE COMP \"led\" SITE \"B2\";"),
            "{text}"
        );
    }

    #[test]
    fn a_port_without_a_pin_is_refused() {
        let lpf = Lpf::parse("x.lpf", TEXT).unwrap();
        let error = lpf.constrain([("led", 3)]).unwrap_err();
        assert_eq!(error.to_string(), "x.lpf has no pin for port led[2]; it has clock, led[0], led[1]");
    }

    #[test]
    fn mistakes_are_reported_with_file_and_line() {
        let cases = [
            (
                "LOCATE COMP \"a\" SITE \"G2\";\nLOCATE COMP \"b\" SITE \"G2\";",
                "x.lpf:2: site G2 is already taken by port a",
            ),
            ("LOCATE COMP \"a\" SITE \"G2\";\n\nLOCATE COMP \"a\" SITE \"G3\";", "x.lpf:3: port a is located twice"),
            ("IOBUF PORT \"a\" PULLMODE=UP;", "x.lpf:1: port a has no LOCATE line before this one"),
            ("LOCATE COMP a SITE \"G2\";", "x.lpf:1: expected a name in double quotes, found 'a'"),
            ("LOCATE COMP \"a\" SITE \"G2\";FREQUENCY PORT \"a\" fast MHZ;", "x.lpf:1: 'fast' is no frequency in MHz"),
            ("# fine\nLOCATE COMP \"a\"\nSITE \"G2\"", "x.lpf:2: no semicolon after"),
            ("PULL \"a\" UP;", "x.lpf:1: expected LOCATE COMP"),
        ];
        for (text, message) in cases {
            let error = Lpf::parse("x.lpf", text).unwrap_err().to_string();
            assert!(error.starts_with(message), "{error}");
        }
    }
}
