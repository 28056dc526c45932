//! A training run on its way, as a file: from it the run goes on as if it had not stopped.

use super::model::{Model, Scales};
use super::{Options, TrainError};
use crate::data::Sample;
use crate::network::Network;
use serde::{Deserialize, Serialize};
use std::path::Path;

const FORMAT: &str = "nernst checkpoint 1";

/// All that a run needs to go on, but for the data.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Checkpoint {
    format: String,
    /// Name of the data set.
    pub data: String,
    /// Digest of all training samples.
    pub(super) digest: u64,
    /// What started the run: kept in the network as what made it.
    pub command: String,
    pub options: Options,
    /// The network that the run began with, as a network file.
    pub(super) network: serde_json::Value,
    /// Draws of random numbers before the first pass.
    pub(super) draws: u64,
    pub(super) state: State,
}

/// Where a run stands.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct State {
    /// Passes done with real weights, and with integers.
    pub real: usize,
    pub quantised: usize,
    /// The phase with real weights is over.
    pub is_quantised: bool,
    /// Nothing is left to do.
    pub is_done: bool,
    pub parameters: Vec<f32>,
    pub adam: super::adam::Adam,
    /// Training and test accuracy of the real weights.
    pub real_accuracy: (f64, f64),
    /// Test accuracy of the same weights rounded to INT4 and INT8.
    pub rounded_accuracy: [f64; 2],
    /// The lowest loss of held-out samples in this phase, and the pass since which it is that.
    pub lowest: Option<(f32, usize)>,
    /// The parameters that had it, in the first phase.
    pub lowest_parameters: Option<Vec<f32>>,
    pub best: Option<Best>,
}

/// The best integers so far.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Best {
    /// Held-out samples that are right.
    pub correct: usize,
    /// Pass with integers, from 1.
    pub epoch: usize,
    pub parameters: Vec<f32>,
    pub scales: Scales,
}

/// Why a checkpoint cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum CheckpointError {
    #[error("{path}: {source}")]
    File { path: String, source: std::io::Error },
    #[error("{path} is no checkpoint of a training run: {what}")]
    Content { path: String, what: String },
    #[error("the checkpoint belongs to other training samples of `{0}`: give the data set as it was")]
    Data(String),
}

impl Checkpoint {
    #[allow(clippy::too_many_arguments)]
    pub(super) fn new(
        data: &str,
        digest: u64,
        command: &str,
        options: &Options,
        network: &Network,
        draws: u64,
        state: State,
    ) -> Self {
        Self {
            format: FORMAT.into(),
            data: data.into(),
            digest,
            command: command.into(),
            options: options.clone(),
            // A network writes valid JSON.
            network: serde_json::from_str(&network.to_json()).expect("a network file is JSON"),
            draws,
            state,
        }
    }

    pub fn load(path: &Path) -> Result<Self, CheckpointError> {
        let name = path.display().to_string();
        let text =
            std::fs::read_to_string(path).map_err(|source| CheckpointError::File { path: name.clone(), source })?;
        let wrong = |what: String| CheckpointError::Content { path: name.clone(), what };
        let checkpoint: Self = serde_json::from_str(&text).map_err(|error| wrong(error.to_string()))?;
        if checkpoint.format != FORMAT {
            return Err(wrong(format!("its format is `{}`, expected `{FORMAT}`", checkpoint.format)));
        }
        let network = checkpoint.network(&name)?;
        let model = Model::new(network.circuit, network.weight_bits, checkpoint.options.bias);
        checkpoint.state.check(&model).map_err(wrong)?;
        Ok(checkpoint)
    }

    /// Writes the file beside its place first, so that a run that is stopped meanwhile leaves the one before.
    pub fn save(&self, path: &Path) -> Result<(), CheckpointError> {
        let failed = |source| CheckpointError::File { path: path.display().to_string(), source };
        let beside = path.with_extension("tmp");
        let text = serde_json::to_string(self).map_err(|error| failed(error.into()))?;
        std::fs::write(&beside, text).map_err(failed)?;
        std::fs::rename(&beside, path).map_err(failed)
    }

    pub(super) fn network(&self, path: &str) -> Result<Network, CheckpointError> {
        let network = Network::from_json(path, &self.network.to_string());
        network.map_err(|error| CheckpointError::Content { path: path.into(), what: error.to_string() })
    }
}

impl State {
    fn check(&self, model: &Model) -> Result<(), String> {
        let expected = model.parameters.len();
        let best = self.best.as_ref();
        let lists = [Some(&self.parameters), self.lowest_parameters.as_ref(), best.map(|best| &best.parameters)];
        if lists.into_iter().flatten().any(|list| list.len() != expected) || self.adam.len() != expected {
            return Err(format!("its network has {expected} parameters, and its lists have other lengths"));
        }
        let sizes = model.sizes();
        if best.is_some_and(|best| !best.scales.iter().map(Vec::len).eq(sizes.iter().copied())) {
            return Err("its steps between integers do not fit its network".into());
        }
        Ok(())
    }
}

/// Tells sets of samples apart.
pub(super) fn digest(samples: &[Sample]) -> u64 {
    let bytes = samples.iter().flat_map(|sample| sample.pixels.iter().chain([&sample.label]));
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, &byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3))
}

impl From<CheckpointError> for TrainError {
    fn from(error: CheckpointError) -> Self {
        TrainError::Checkpoint(error.to_string())
    }
}
