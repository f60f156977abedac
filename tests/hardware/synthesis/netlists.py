"""Netlists by hand, as Yosys writes them."""

from __future__ import annotations

from typing import Any


def cell(kind: str, inputs: dict[str, list[Any]], outputs: dict[str, list[Any]], **parameters: str) -> dict[str, Any]:
    directions = dict.fromkeys(inputs, "input") | dict.fromkeys(outputs, "output")
    return {"type": kind, "parameters": parameters, "port_directions": directions, "connections": inputs | outputs}


def ports(inputs: dict[str, list[Any]], outputs: dict[str, list[Any]]) -> dict[str, Any]:
    made = {name: {"direction": "input", "bits": bits} for name, bits in inputs.items()}
    return made | {name: {"direction": "output", "bits": bits} for name, bits in outputs.items()}


def lut(source: Any, target: Any) -> dict[str, Any]:
    return cell("LUT2", {"I0": [source], "I1": ["1"]}, {"O": [target]})


def flip(source: Any, target: Any, enable: Any = "1") -> dict[str, Any]:
    return cell("FDRE", {"D": [source], "CE": [enable], "C": [1]}, {"Q": [target]})
