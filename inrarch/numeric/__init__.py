"""Fixed-point formats, calibration, function tables and the bit-true arithmetic that the hardware equals."""
