//! Which samples to run, and their spikes.

use super::Failure;
use nernst::coding::Code;
use nernst::data::{Dataset, SPLIT_SEED, Sample};
use nernst::runner::Spikes;
use nernst_spec::Image;

/// Which samples.
#[derive(clap::Args)]
pub struct SampleArgs {
    /// Data set: `digits`, or a CSV file (plain or gzipped) with values 0 to 16 and the class last in each row.
    #[arg(short, long, default_value = "digits")]
    data: String,
    /// Run all samples of the data set, not only the fifth that is its test part: for data that is a test part itself.
    #[arg(long)]
    all: bool,
    /// Run only the first samples of these.
    #[arg(short, long, value_name = "SAMPLES")]
    limit: Option<usize>,
}

impl SampleArgs {
    /// Name of the data set and the samples to run.
    pub fn samples(&self, image: &Image) -> anyhow::Result<(String, Vec<Sample>)> {
        let data = match self.data.as_str() {
            "digits" => Dataset::digits(),
            path => Dataset::load(path.as_ref())?,
        };
        if data.inputs() > image.inputs.len() || data.classes() > image.outputs.len() {
            let what = format!(
                "data set `{}` has {} values and {} classes, network `{}` {} inputs and {} outputs",
                data.name,
                data.inputs(),
                data.classes(),
                image.name,
                image.inputs.len(),
                image.outputs.len()
            );
            return Err(Failure { what, help: "run the data set that the network was trained for".into() }.into());
        }
        let mut samples = if self.all { data.samples } else { data.split(SPLIT_SEED).test };
        samples.truncate(self.limit.unwrap_or(usize::MAX));
        if samples.is_empty() {
            let what = format!("no samples to run from data set `{}`", data.name);
            return Err(Failure { what, help: "give a larger --limit".into() }.into());
        }
        Ok((data.name, samples))
    }
}

/// The code that an image names.
pub fn code(image: &Image) -> anyhow::Result<Code> {
    image.coding.parse().map_err(|what: String| {
        let what = format!("image `{}`: {what}", image.name);
        Failure { what, help: "compile the network again with this version".into() }.into()
    })
}

/// A sample's spikes for all ticks that the network takes.
pub fn spikes(image: &Image, code: &Code, sample: &Sample) -> Spikes {
    let mut spikes = code.encode(&sample.pixels);
    spikes.resize(spikes.len().max(image.ticks as usize), vec![]);
    spikes
}
