"""Values and derivatives by PyTorch: nested forward differentiation of one row, in float64.

LayerNorm is written out: PyTorch 2.13's own has wrong second derivatives by `jacfwd` (its Hessian is not symmetric) and
wrong third ones by `jacrev`, while both agree on the definition.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations_with_replacement
from typing import Any
from unittest.mock import patch

import numpy as np
import torch
from torch.func import jacfwd, vmap

from tests.architectures.architecture import Architecture

Array = np.ndarray[Any, Any]


def layer_norm(
    x: torch.Tensor, shape: tuple[int, ...], weight: torch.Tensor, bias: torch.Tensor, eps: float
) -> torch.Tensor:
    """The definition, over the last axis."""
    centred = x - x.mean(-1, keepdim=True)
    return centred / torch.sqrt((centred * centred).mean(-1, keepdim=True) + eps) * weight + bias


def references(architecture: Architecture, points: dict[str, Any], order: int) -> Iterator[tuple[str, Array]]:
    """(name of a derivative as inrarch gives it, its values [N, …]) for the tower up to `order`."""
    module = architecture.module(torch.float64)
    widths = [architecture.inputs[name] for name in architecture.coordinates]
    rows = torch.cat([points[name] for name in architecture.coordinates], dim=1)
    others = {name: value for name, value in points.items() if name not in architecture.coordinates}

    def of_one_row(row: torch.Tensor, fixed: dict[str, torch.Tensor]) -> Any:
        given = dict(zip(architecture.coordinates, row.split(widths), strict=True)) | fixed
        result = module(*(given[name][None] for name in architecture.inputs))
        return tuple(each[0] for each in (result if isinstance(result, tuple) else (result,)))

    function: Any = of_one_row
    separator = "_" if sum(widths) > 10 else ""
    for k in range(order + 1):
        with patch("torch.nn.functional.layer_norm", layer_norm):
            found = vmap(function)(rows, others)
        for name, tensor in zip(architecture.outputs, found, strict=True):
            array = tensor.detach().numpy()
            for index in combinations_with_replacement(range(sum(widths)), k):
                label = "_d" + separator.join(map(str, index)) if k else ""
                yield name + label, array[(..., *index)]
        function = jacfwd(function)
