"""External tensor data: read only from files inside the model's own folder."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import onnx

from inrarch.errors import UserError

LARGEST_DATA = 2**31 - 1
"""bytes; the model is one protobuf message in memory, which cannot be larger"""


def embed_external_data(proto: onnx.ModelProto, folder: Path | None, place: str) -> None:
    """Bring data that stands in other files into the message.

    `folder` is the model's; None for a model in memory, which may not refer to files. Raises UserError for a location
    that is absolute, climbs out of the folder (also by a symbolic link), is missing or too short.
    """
    total = 0
    for tensor in _tensors(proto.graph):
        if tensor.data_location == onnx.TensorProto.EXTERNAL:
            data = _read(tensor, folder, place)
            total += len(data)
            if total > LARGEST_DATA:
                raise UserError(f"its external data has more than {LARGEST_DATA} bytes", place=place)
            tensor.raw_data = data
            tensor.data_location = onnx.TensorProto.DEFAULT
            del tensor.external_data[:]


def _tensors(graph: onnx.GraphProto) -> Iterator[onnx.TensorProto]:
    yield from graph.initializer
    for node in graph.node:
        for attribute in node.attribute:
            if attribute.HasField("t"):
                yield attribute.t


def _read(tensor: onnx.TensorProto, folder: Path | None, place: str) -> bytes:
    where = f"{place}: tensor {tensor.name!r}"
    entries = {entry.key: entry.value for entry in tensor.external_data}
    location = entries.get("location", "")
    if folder is None:
        raise UserError(
            f"its data stands in the file {location!r}", place=where, expected="a model in memory to be complete"
        )
    try:
        path = (folder / location).resolve()
    except (OSError, ValueError):
        path = folder
    if Path(location).is_absolute() or not location or not path.is_relative_to(folder.resolve()):
        raise UserError(
            f"its external data {location!r} is outside the model's folder",
            place=where,
            expected="a file beside the model",
        )
    if not path.is_file():
        raise UserError(f"its external data {location!r} does not exist", place=where)
    size = path.stat().st_size
    try:
        offset = int(entries.get("offset", 0))
        length = int(entries.get("length", size - offset))
    except ValueError:
        offset = length = -1
    if offset < 0 or length < 0 or offset + length > size:
        raise UserError(
            f"its external data lies outside the {size} bytes of {location!r}",
            place=where,
            hint="the data file is truncated, or belongs to another model",
        )
    with path.open("rb") as file:
        file.seek(offset)
        data: bytes = file.read(length)
    return data
