"""Boards and multiplier blocks as plain data in the settings of stages, and back."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from inrarch.boards.fabric import fabric_of
from inrarch.config.fabric import Fabric
from inrarch.config.model import Board, Dsp, DspMode, Family, PlaceAndRoute, Resources


def board_settings(board: Board) -> dict[str, Any]:
    """The board with its family, JSON-serialisable."""
    return _plain(asdict(board))


def fabric_settings(fabric: Fabric) -> dict[str, Any]:
    """The fabric, JSON-serialisable; `fabric_of` is the inverse."""
    return _plain(asdict(fabric))


def dsp_settings(dsp: Dsp) -> dict[str, Any]:
    """The multiplier block, JSON-serialisable."""
    return _plain(asdict(dsp))


def board_of(settings: Mapping[str, Any]) -> Board:
    """The inverse of `board_settings`."""
    family = settings["family"]
    return Board(
        **{
            **settings,
            "resources": Resources(**settings["resources"]),
            "place_and_route": _place_and_route(settings["place_and_route"]),
            "family": Family(**{**family, "dsp": dsp_of(family["dsp"]), "fabric": fabric_of(family["fabric"])}),
        }
    )


def _place_and_route(settings: Mapping[str, Any] | None) -> PlaceAndRoute | None:
    if settings is None:
        return None
    pins = tuple((signal, pin) for signal, pin in settings["pins"])
    return PlaceAndRoute(**{**settings, "device": tuple(settings["device"]), "pins": pins})


def dsp_of(settings: Mapping[str, Any]) -> Dsp:
    """The inverse of `dsp_settings`."""
    modes = tuple(DspMode(**{**mode, "operands": _pair(mode["operands"])}) for mode in settings["modes"])
    return Dsp(**{**settings, "multiplier": _pair(settings["multiplier"]), "modes": modes})


def _plain(data: dict[str, Any]) -> dict[str, Any]:
    plain: dict[str, Any] = json.loads(json.dumps(data))
    return plain


def _pair(widths: list[int]) -> tuple[int, int]:
    return int(widths[0]), int(widths[1])
