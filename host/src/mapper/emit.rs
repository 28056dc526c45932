//! The image of a netlist that has its places.

use super::Mapped;
use super::netlist::{Emitter, Netlist, Origin};
use crate::network::Network;
use nernst_spec::ArrayConfig;
use nernst_spec::image::{CoreImage, Image};
use nernst_spec::memory::Route;

impl Mapped {
    /// Number of a cell in its core.
    pub(super) fn neuron(&self, cell: usize, config: &ArrayConfig) -> (usize, usize) {
        let (room, lane) = self.lanes[cell];
        let room = &self.layout.rooms[room];
        (room.core(), room.context * config.cores[room.core()].neurons() + lane)
    }

    pub(super) fn image(&self, network: &Network, netlist: &Netlist, config: &ArrayConfig) -> Image {
        let mut image = Image::empty(&network.name, config);
        image.coding = network.code.to_string();
        image.latency = netlist.latency;
        image.ticks = network.code.ticks + netlist.latency;
        image.extra = netlist.extra.clone();
        image.readout = netlist.readout;
        for (number, shape) in config.cores.iter().enumerate() {
            let counting = self.counting[number];
            let chained = self.layout.rooms.iter().any(|room| room.cores.contains(&number) && room.core() != number);
            image.cores[number] =
                CoreImage { counting, chained, ..CoreImage::silent(shape, self.layout.contexts[number]) };
        }
        let route = |number: usize, emitter: &Emitter| {
            let (axon, cores) = self.axons[number];
            Route { cores, axon, delay: if cores == 0 { 0 } else { emitter.delay }, host: false }
        };
        let mut outputs = vec![0; netlist.outputs];
        for (number, cell) in netlist.cells.iter().enumerate() {
            let (core, neuron) = self.neuron(number, config);
            image.cores[core].parameters[neuron] = cell.parameters;
            if let Some(output) = cell.output {
                image.cores[core].routes[neuron].host = true;
                outputs[output] = (config.first_neuron(core) + neuron) as u16;
            }
            let (room, lane) = self.lanes[number];
            for &(emitter, weight) in &cell.heard {
                let (axon, cores) = self.axons[emitter as usize];
                let neurons = config.cores[core].neurons();
                // Of a chain one core hears it.
                let hears = |core: &usize| cores >> core & 1 == 1;
                let core = self.layout.rooms[room].cores.clone().find(hears).unwrap_or(core);
                image.cores[core].rows.entry(axon).or_insert_with(|| vec![0; neurons])[lane] = weight;
            }
        }
        image.outputs = outputs;
        for (number, emitter) in netlist.emitters.iter().enumerate() {
            let route = route(number, emitter);
            match emitter.origin {
                Origin::Input(_) | Origin::Constant(_) => image.inputs.push(route),
                Origin::Cell(cell) => {
                    let (core, neuron) = self.neuron(cell as usize, config);
                    let host = image.cores[core].routes[neuron].host;
                    image.cores[core].routes[neuron] = Route { host, ..route };
                }
            }
        }
        image
    }
}
