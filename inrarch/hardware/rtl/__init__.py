"""Processes, streams and ports as SystemVerilog."""
