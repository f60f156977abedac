"""Target boards: one YAML file each, found by scanning this folder and the workspace's own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from inrarch.boards.family import family_files, read_family
from inrarch.boards.files import SHIPPED, named_file, read_checked, yaml_files
from inrarch.config.model import Board, PlaceAndRoute, Resources
from inrarch.errors import UserError, did_you_mean


def board_files(extra_folders: Sequence[Path] = ()) -> dict[str, Path]:
    """The file of each board by name, in rising order; a board in an extra folder hides a shipped one of its name."""
    return yaml_files(SHIPPED, *reversed(extra_folders))


def board_names(extra_folders: Sequence[Path] = ()) -> tuple[str, ...]:
    """Names of all boards, in rising order."""
    return tuple(board_files(extra_folders))


def load_board(name: str, extra_folders: Sequence[Path] = ()) -> Board:
    """The board of that name. Raises `UserError` for an unknown name or a file that is wrong."""
    files = board_files(extra_folders)
    if name not in files:
        expected = f"one of {', '.join(files)}"
        raise UserError(f"unknown board {name!r}", expected=expected, hint=did_you_mean(name, files))
    return read_board(files[name])


def read_board(file: Path) -> Board:
    """Read and check one board file; the board's name is the file's. Raises `UserError` with all that is wrong."""
    tree = read_checked(file, "board")
    value = tree.value
    families = family_files(file.parent / "families")
    family = named_file(tree, "family", families, "device family", "a file families/{name}.yaml beside the board's")
    return Board(
        name=file.stem,
        title=value["title"],
        vendor=value["vendor"],
        family=read_family(family),
        part=value["part"],
        resources=Resources(**{key: int(count) for key, count in value["resources"].items()}),
        memory=value["memory"],
        clock_mhz=float(value["clock_mhz"]),
        place_and_route=_place_and_route(value.get("place_and_route")),
    )


def _place_and_route(value: Mapping[str, Any] | None) -> PlaceAndRoute | None:
    if value is None:
        return None
    pins = tuple((str(signal), str(pin)) for signal, pin in value["pins"].items())
    device = tuple(str(option) for option in value["device"])
    return PlaceAndRoute(device, float(value["oscillator_mhz"]), int(value["baud"]), pins)
