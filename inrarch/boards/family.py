"""Device families: one YAML file each in the folder `families` beside the boards, of one's own or shipped."""

from __future__ import annotations

from pathlib import Path

from inrarch.boards.fabric import fabric_files, read_fabric
from inrarch.boards.files import SHIPPED, named_file, read_checked, yaml_files
from inrarch.config.model import Dsp, DspMode, Family
from inrarch.config.tree import Tree
from inrarch.errors import UserError, combined


def family_files(folder: Path | None = None) -> dict[str, Path]:
    """The file of each family by name, in rising order; one in `folder` hides a shipped one of its name."""
    return yaml_files(SHIPPED / "families", folder)


def read_family(file: Path) -> Family:
    """Read and check one family file; the family's name is the file's. Raises `UserError` with all that is wrong."""
    tree = read_checked(file, "family")
    if errors := _order_errors(tree):
        raise combined(errors)
    value, dsp = tree.value, tree.value["dsp"]
    fabrics = fabric_files(file.parent.parent / "fabrics")
    fabric = named_file(tree, "fabric", fabrics, "fabric", "a file fabrics/{name}.yaml beside the boards")
    return Family(
        name=file.stem,
        title=value["title"],
        dsp=Dsp(
            name=dsp["name"],
            multiplier=_pair(dsp["multiplier"]),
            accumulator_bits=int(dsp["accumulator_bits"]),
            pre_adder_bits=int(dsp["pre_adder_bits"]),
            registers=int(dsp["registers"]),
            modes=tuple(
                DspMode(_pair(mode["operands"]), int(mode["products"]), int(mode["slices"]), mode["form"])
                for mode in dsp["modes"]
            ),
        ),
        fabric=read_fabric(fabric),
    )


def _order_errors(tree: Tree) -> list[UserError]:
    dsp = tree.value["dsp"]
    paths = [("dsp", "multiplier"), *(("dsp", "modes", place, "operands") for place in range(len(dsp["modes"])))]
    errors = []
    for path in paths:
        pair = tree.value
        for step in path:
            pair = pair[step]
        if pair[0] < pair[1]:
            found = f"{path[-1]} begins with the narrower operand"
            errors.append(tree.error(path, found, expected="the wider one first"))
    return errors


def _pair(widths: list[int]) -> tuple[int, int]:
    return int(widths[0]), int(widths[1])
