"""The whole top as one module for the harness, with FIFOs and memories in SystemVerilog: a check of the modular run."""

from __future__ import annotations

from pathlib import Path

from inrarch.hardware.render import environment, render
from inrarch.hardware.rtl.description import Description, ModuleText, ProcessText

MONOLITH = "top"
"""What `ModuleText.kernel` says of it: it never waits as a whole, so every cycle is simulated."""
_NAME = "inrarch_monolith"


def monolith(design: Description, folder: Path) -> Description:
    """A design of one process, the top, in a module with the ports of a wrapper that is written to `folder`.

    folder: of rtl.json, or a copy of it.
    """
    inputs = [port.name for port in design.ports if port.is_input]
    outputs = [port.name for port in design.ports if not port.is_input]
    path = f"src/{_NAME}.sv"
    text = render(environment(), "monolith.sv.j2", name=_NAME, top=design.top, inputs=inputs, outputs=outputs)
    (folder / path).write_text(text, encoding="utf-8")
    images = tuple(sorted({image for module in design.modules for image in module.images}))
    sources = (*design.sources, path)
    module = ModuleText(_NAME, MONOLITH, (32,) * len(inputs), (33,) * len(outputs), (), sources, images)
    process = ProcessText("the whole design", _NAME, _NAME, tuple(inputs), tuple(outputs), {})
    return Description(design.top, design.rows, (module,), (process,), (), design.ports, sources)
