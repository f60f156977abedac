"""docs/architectures.md: which published networks are tested, and the operators that their exports consist of.

`python -m tests.architectures.table` writes it anew.
"""

from __future__ import annotations

from pathlib import Path

import torch

from tests.architectures.architecture import Architecture, all_architectures
from tests.architectures.export import EXPORTERS, export

DOCUMENT = Path(__file__).parents[2] / "docs" / "architectures.md"
START = "<!-- architectures: the rest is written by python -m tests.architectures.table -->\n"


def row(architecture: Architecture) -> str:
    """name | paper | coordinates | operators of the TorchScript export | further ones of the dynamo export."""
    coordinates = sum(architecture.inputs[name] for name in architecture.coordinates)
    script, dynamo = (
        {node.op_type for node in export(architecture, exporter, torch.float32).graph.node} for exporter in EXPORTERS
    )
    cells = [
        architecture.name,
        architecture.paper,
        str(coordinates),
        " ".join(sorted(script - {"Constant"})),
        " ".join(sorted(dynamo - script)) or "–",
    ]
    return f"| {' | '.join(cells)} |\n"


def table() -> str:
    """The generated part of the document."""
    version = ".".join(torch.__version__.split(".")[:2])
    head = "| architecture | paper | coordinates | operators (TorchScript) | more in the dynamo export |\n"
    rows = "".join(map(row, all_architectures()))
    return f"{START}\nOperators as PyTorch {version} exports them.\n\n{head}|---|---|---|---|---|\n{rows}"


if __name__ == "__main__":
    written = DOCUMENT.read_text().partition(START)[0]
    DOCUMENT.write_text(written + table())
