"""The RTL as a part of other people's designs: an IP for Vivado, a core file for FuseSoC, the clock constraint."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from inrarch.hardware.render import environment, render
from inrarch.hardware.rtl.description import Description


def write_packaging(
    design: Description, images: Sequence[str], folder: Path, *, name: str, part: str | None, clock_mhz: float
) -> None:
    """Write <name>.core and clock.xdc into `folder`, and packaging/package_ip.tcl for an AMD device.

    images: the memory images, relative to `folder`. name: of the core, an identifier. part: of AMD; None: others.
    """
    made = environment()
    title = f"inrarch {name}"
    values = {"design": design, "images": list(images), "title": title, "name": name}
    (folder / f"{name}.core").write_text(render(made, "design.core.j2", **values), encoding="utf-8")
    period = f"{1000 / clock_mhz:.3f}"
    (folder / "clock.xdc").write_text(render(made, "clock.xdc.j2", period_ns=period), encoding="utf-8")
    if part is not None:
        (folder / "packaging").mkdir()
        text = render(made, "package_ip.tcl.j2", part=part, **values)
        (folder / "packaging" / "package_ip.tcl").write_text(text, encoding="utf-8")
