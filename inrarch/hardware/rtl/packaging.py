"""The RTL as a part of other people's designs: an IP for Vivado, a core file for FuseSoC, a test bench, the clock."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from inrarch.hardware.render import environment, render
from inrarch.hardware.rtl.description import Description, PortText

FOLDER = "packaging"


@dataclass(frozen=True, slots=True)
class Use:
    """What the packages say of the design's use. name: of the core, an identifier. part: of AMD; None: others.

    yosys: the command of Yosys for the fabric, such as `synth_ecp5 -noflatten`; None: it has none.
    """

    name: str
    part: str | None
    clock_mhz: float
    yosys: str | None


def write_packaging(design: Description, images: Sequence[str], folder: Path, use: Use) -> None:
    """Write <name>.core, clock.xdc and packaging/inrarch_bench.sv into `folder`; for AMD also packaging/package_ip.tcl
    and the Verilog around the top that it packages.

    images: names of the memory images, which lie in `folder`.
    """
    made = environment()
    ip = f"inrarch_{use.name}"
    values = {"design": design, "images": list(images), "title": f"inrarch {use.name}", "ip": ip, **asdict(use)}
    values["sums"] = any(port.once for port in design.ports)
    values["yosys"] = _arch(use.yosys)
    period = f"{1000 / use.clock_mhz:.3f}"
    texts = {
        f"{use.name}.core": render(made, "design.core.j2", **values),
        "clock.xdc": render(made, "clock.xdc.j2", period_ns=period),
        f"{FOLDER}/inrarch_bench.sv": render(made, "bench.sv.j2", **values, **_bench_ports(design)),
    }
    if use.part is not None:
        texts[f"{FOLDER}/{ip}.v"] = render(made, "ip.v.j2", **values)
        texts[f"{FOLDER}/package_ip.tcl"] = render(made, "package_ip.tcl.j2", **values)
    (folder / FOLDER).mkdir()
    for path, text in texts.items():
        (folder / path).write_text(text, encoding="utf-8")


def _arch(command: str | None) -> tuple[str, str] | None:
    """The device and the options of a command `synth_<device> <options>`, the latter separated by commas.

    >>> _arch("synth_xilinx -family xc7 -noiopad")
    ('xilinx', '-family, xc7, -noiopad')
    """
    if command is None:
        return None
    name, *options = command.split()
    return name.removeprefix("synth_"), ", ".join(options)


def _bench_ports(design: Description) -> dict[str, Any]:
    """Ports with the place of their words in a row of the files of test rows: side by side in the order of ports."""
    outputs = [port for port in design.ports if not port.is_input]
    rows, sums = ([port for port in outputs if port.once == once] for once in (False, True))
    return {
        "inputs": _placed([port for port in design.ports if port.is_input], design.rows),
        "outputs": _placed(rows, design.rows) + _placed(sums, 1),
    }


def _placed(group: Sequence[PortText], rows: int) -> list[dict[str, Any]]:
    """Ports that share a file. end: words of an invocation on the port."""
    row_words = sum(port.words for port in group)
    found, offset = [], 0
    for port in group:
        found.append({**asdict(port), "offset": offset, "row_words": row_words, "end": port.words * rows})
        offset += port.words
    return found
