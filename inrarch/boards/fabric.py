"""Fabrics: one YAML file each in the folder `fabrics` beside the boards, of one's own or shipped."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from inrarch.boards.files import SHIPPED, read_checked, yaml_files
from inrarch.config.fabric import Fabric, Logic, LutRam, Memories, Technology, Timing, Uram


def fabric_files(folder: Path | None = None) -> dict[str, Path]:
    """The file of each fabric by name, in rising order; one in `folder` hides a shipped one of its name."""
    return yaml_files(SHIPPED / "fabrics", folder)


def read_fabric(file: Path) -> Fabric:
    """Read and check one fabric file; the fabric's name is the file's. Raises `UserError` with all that is wrong."""
    tree = read_checked(file, "fabric")
    depths = [cell["words"] for cell in tree.value["memory"]["lut_ram"]]
    if depths != sorted(depths):
        where = ("memory", "lut_ram")
        raise tree.error(where, f"cells of {_listed(depths)} words", expected="the shallowest first")
    parts = ("logic", "memory", "technology", "timing", "yosys")
    return fabric_of({"name": file.stem, **{key: tree.value[key] for key in parts}})


def fabric_of(settings: Mapping[str, Any]) -> Fabric:
    """A fabric from plain data: of a file, or the inverse of `dataclasses.asdict` and JSON."""
    memory = settings["memory"]
    uram, timing = memory["uram"], settings["timing"]
    return Fabric(
        name=settings["name"],
        logic=Logic(**{**settings["logic"], "saturate_few": tuple(settings["logic"]["saturate_few"])}),
        memory=Memories(
            bram18_worth=int(memory["bram18_worth"]),
            rom_words_per_lut=int(memory["rom_words_per_lut"]),
            lut_ram=tuple(LutRam(**{key: int(value) for key, value in cell.items()}) for cell in memory["lut_ram"]),
            srl_words=int(memory["srl_words"]),
            bram18=tuple((int(words), int(bits)) for words, bits in memory["bram18"]),
            uram=None if uram is None else Uram(int(uram["words"]), int(uram["bits"]), bool(uram["initialised"])),
        ),
        technology=Technology(**{key: float(value) for key, value in settings["technology"].items()}),
        timing=None if timing is None else Timing(**{key: int(value) for key, value in timing.items()}),
        yosys=settings["yosys"],
    )


def _listed(numbers: list[int]) -> str:
    return ", ".join(map(str, numbers))
