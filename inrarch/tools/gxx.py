"""g++: compiles the generated C++ for the C simulation."""

from __future__ import annotations

from inrarch.tools.tool import Tool

TOOL = Tool(
    name="g++",
    executables=("g++",),
    version_pattern=r"\) (\d+\.\d+(?:\.\d+)?)",
    minimum="9",
    package="install the Debian package `g++` (apt-get install g++)",
    purpose="C simulation of the generated hardware (stage csim)",
)
