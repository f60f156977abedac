"""Device families: one YAML file each in the folder `families` beside the boards, of one's own or shipped."""

from __future__ import annotations

from pathlib import Path

from inrarch.boards.fabric import fabric_files, read_fabric
from inrarch.config.model import Dsp, DspMode, Family
from inrarch.config.tree import Tree
from inrarch.errors import UserError, combined, did_you_mean


def family_files(folder: Path | None = None) -> dict[str, Path]:
    """The file of each family by name, in rising order; one in `folder` hides a shipped one of its name."""
    shipped = Path(__file__).parent / "families"
    files = {file.stem: file for each in (shipped, folder) if each is not None for file in each.glob("*.yaml")}
    return dict(sorted(files.items()))


def read_family(file: Path) -> Family:
    """Read and check one family file; the family's name is the file's. Raises `UserError` with all that is wrong."""
    from inrarch.config.validate import schema_errors
    from inrarch.config.yaml12 import read_yaml

    tree = read_yaml(file)
    errors = schema_errors(tree, "family") or _order_errors(tree)
    if errors:
        raise combined(errors)
    value, dsp = tree.value, tree.value["dsp"]
    fabrics = fabric_files(file.parent.parent / "fabrics")
    if value["fabric"] not in fabrics:
        raise tree.error(
            ("fabric",),
            f"unknown fabric {value['fabric']!r}",
            expected=f"one of {', '.join(fabrics)}, or a file fabrics/{value['fabric']}.yaml beside the boards",
            hint=did_you_mean(value["fabric"], fabrics),
        )
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
        fabric=read_fabric(fabrics[value["fabric"]]),
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
