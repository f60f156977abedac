"""One file per kernel: timing, cost and description of its units. The contract: `inrarch.dataflow.units.Unit`."""
