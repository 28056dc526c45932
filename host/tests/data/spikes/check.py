"""What nir 1.0.8 and NumPy read of the same spikes: check.py GRID.h5 EVENTS.h5 ARRAY.npy DT"""

import sys

import nir
import numpy as np

grid, events, array, dt = *sys.argv[1:4], float(sys.argv[4])
grid, events = (nir.read_data(file).nodes["input"].observables["spikes"] for file in (grid, events))
array = np.load(array)
assert array.ndim == 3 and array.dtype == bool and array.any(), (array.shape, array.dtype)
assert type(grid) is nir.TimeGriddedData and grid.dt == dt, (type(grid), grid.dt)
assert type(events) is nir.EventData and events.n_neurons == array.shape[2], (type(events), events.n_neurons)
assert np.array_equal(grid.data, array), "the grid differs"
assert np.array_equal(events.to_time_gridded(dt).data, array), "the events are in other ticks"
print(f"nir {nir.version} and NumPy {np.__version__} read the same {array.sum()} spikes")
