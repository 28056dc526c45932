//! Options that a sweep varies.

use super::FlowOptions;
use std::str::FromStr;

/// An option and the values that it takes in turn, as a user writes it:
///
/// | text | values |
/// |---|---|
/// | `seed=1-4` or `seed=3,7,12` | [`FlowOptions::seed`] |
/// | `ebr=on,off` | [`FlowOptions::place_ebr`] |
/// | `nextpnr.placer-heap-alpha=default,0.05,0.2` | nothing, `--placer-heap-alpha=0.05`, `--placer-heap-alpha=0.2` |
/// | `nextpnr.tmg-ripup=off,on` | nothing, `--tmg-ripup` |
/// | `yosys.abc9=off,on` | nothing, `-abc9` |
/// | `yosys.maxlut=default,5` | nothing, `-maxlut 5` |
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Axis(Vec<Setting>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Setting {
    Seed(u32),
    PlaceEbr(bool),
    Yosys(Vec<String>),
    Nextpnr(Vec<String>),
}

/// A text that is no [`Axis`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{what} in `{text}`: expected {expected}")]
pub struct AxisError {
    text: String,
    what: String,
    expected: &'static str,
}

impl FromStr for Axis {
    type Err = AxisError;

    fn from_str(text: &str) -> Result<Self, AxisError> {
        let error = |what: String, expected| AxisError { text: text.to_string(), what, expected };
        let form = "NAME=VALUE,VALUE,... with a NAME such as seed, ebr, nextpnr.tmg-ripup or yosys.abc9";
        let (name, values) = text.split_once('=').ok_or_else(|| error("no `=`".into(), form))?;
        if let Some(empty) = values.split(',').find(|value| value.trim().is_empty()) {
            return Err(error(format!("empty value `{empty}`"), form));
        }
        let values = values.split(',').map(str::trim);
        let settings: Result<Vec<Vec<Setting>>, AxisError> = match name.split_once('.') {
            None if name == "seed" => values
                .map(|value| {
                    let seeds = seeds(value).ok_or_else(|| {
                        error(
                            format!("seed `{value}`"),
                            "numbers from 0 to 4294967295, or ranges of at most 10000 such as 1-8",
                        )
                    })?;
                    Ok(seeds.map(Setting::Seed).collect())
                })
                .collect(),
            None if name == "ebr" => values
                .map(|value| match value {
                    "on" => Ok(vec![Setting::PlaceEbr(true)]),
                    "off" => Ok(vec![Setting::PlaceEbr(false)]),
                    _ => Err(error(format!("value `{value}`"), "on or off")),
                })
                .collect(),
            Some(("yosys", option)) if is_option(option) => Ok(values
                .map(|value| {
                    let argument = format!("-{option}");
                    vec![Setting::Yosys(match value {
                        "off" | "default" => vec![],
                        "on" => vec![argument],
                        value => vec![argument, value.to_string()],
                    })]
                })
                .collect()),
            Some(("nextpnr", option)) if is_option(option) => Ok(values
                .map(|value| {
                    vec![Setting::Nextpnr(match value {
                        "off" | "default" => vec![],
                        "on" => vec![format!("--{option}")],
                        value => vec![format!("--{option}={value}")],
                    })]
                })
                .collect()),
            _ => Err(error(format!("name `{name}`"), form)),
        };
        Ok(Self(settings?.concat()))
    }
}

/// The name of an option without its dashes.
fn is_option(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphanumeric())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_')
}

/// `7`, or `3-9` with both ends.
fn seeds(text: &str) -> Option<std::ops::RangeInclusive<u32>> {
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    let (first, last) = (first.parse().ok()?, last.parse().ok()?);
    (first <= last && last - first < 10_000).then_some(first..=last)
}

/// All combinations of the values of all axes, each added to `base`; the last axis changes fastest. Combinations that are the
/// same come once.
pub fn vary(base: &FlowOptions, axes: &[Axis]) -> Vec<FlowOptions> {
    let mut runs = vec![base.clone()];
    for axis in axes {
        let with = |options: &FlowOptions, setting: &Setting| {
            let mut options = options.clone();
            match setting {
                Setting::Seed(seed) => options.seed = *seed,
                Setting::PlaceEbr(on) => options.place_ebr = *on,
                Setting::Yosys(arguments) => options.yosys_args.extend(arguments.iter().cloned()),
                Setting::Nextpnr(arguments) => options.nextpnr_args.extend(arguments.iter().cloned()),
            }
            options
        };
        runs = runs.iter().flat_map(|options| axis.0.iter().map(|setting| with(options, setting))).collect();
    }
    let mut seen = std::collections::HashSet::new();
    runs.retain(|o| seen.insert((o.seed, o.place_ebr, o.yosys_args.clone(), o.nextpnr_args.clone())));
    runs
}

#[cfg(test)]
mod tests {
    use super::*;

    fn combinations(axes: &[&str]) -> Vec<String> {
        let axes: Vec<Axis> = axes.iter().map(|text| text.parse().unwrap()).collect();
        let runs = vary(&FlowOptions::default(), &axes);
        let show = |o: &FlowOptions| {
            format!("{} {} {} {}", o.seed, o.place_ebr, o.yosys_args.join(" "), o.nextpnr_args.join(" "))
        };
        runs.iter().map(show).collect()
    }

    #[test]
    fn axes_multiply() {
        assert_eq!(combinations(&[]), ["1 false  "]);
        assert_eq!(combinations(&["seed=1-2,9", "ebr=on"]), ["1 true  ", "2 true  ", "9 true  "]);
        let axes =
            ["yosys.abc9=off,on", "yosys.maxlut=5", "nextpnr.placer-heap-alpha=default,0.05", "nextpnr.tmg-ripup=on"];
        let expected = [
            "1 false -maxlut 5 --tmg-ripup",
            "1 false -maxlut 5 --placer-heap-alpha=0.05 --tmg-ripup",
            "1 false -abc9 -maxlut 5 --tmg-ripup",
            "1 false -abc9 -maxlut 5 --placer-heap-alpha=0.05 --tmg-ripup",
        ];
        assert_eq!(combinations(&axes), expected);
        assert_eq!(combinations(&["seed=1,1-2", "nextpnr.tmg-ripup=off,default"]), ["1 false  ", "2 false  "]);
    }

    #[test]
    fn what_is_no_axis_is_told_with_what_was_expected() {
        for (text, words) in [
            ("seed", ["no `=`", "NAME=VALUE"]),
            ("seed=", ["empty value", "NAME=VALUE"]),
            ("seed=9-1", ["seed `9-1`", "1-8"]),
            ("seed=0-4294967295", ["seed `0-4294967295`", "at most 10000"]),
            ("ebr=maybe", ["value `maybe`", "on or off"]),
            ("placer=sa", ["name `placer`", "nextpnr.tmg-ripup"]),
            ("nextpnr.--router=router2", ["name `nextpnr.--router`", "nextpnr.tmg-ripup"]),
            ("yosys.abc9; exec=on", ["name `yosys.abc9; exec`", "yosys.abc9"]),
        ] {
            let error = text.parse::<Axis>().unwrap_err().to_string();
            assert!(words.iter().all(|word| error.contains(word)), "{error}");
        }
    }
}
