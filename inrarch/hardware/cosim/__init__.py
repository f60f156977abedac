"""Co-simulation: the RTL in Verilator, cycle by cycle, against the bit-true model and the predicted schedule."""
