"""`design.json`: what the stages after `hls` need to know of the generated files, without reading C++."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from inrarch.json_file import check_schema, read_json


@dataclass(frozen=True, slots=True)
class InputPort:
    """A model input on an AXI4-Stream port: one 32-bit word per feature. offset: first word in a row of inputs.bin."""

    tensor: str
    port: str
    features: int
    bits: int
    frac: int
    offset: int


@dataclass(frozen=True, slots=True)
class OutputTensor:
    """A graph output on a port. Feature f is word ``offset + f * stride`` of a row of expected.bin and outputs.bin.

    once: one row per invocation (a sum over the batch), and the words are those of expected_sums.bin and
    outputs_sums.bin.
    """

    tensor: str
    port: str
    features: int
    bits: int
    frac: int
    offset: int
    stride: int
    once: bool = False


@dataclass(frozen=True, slots=True)
class NamedStream:
    """A stream: its name in the network, its name in the C++, its depth in words."""

    name: str
    identifier: str
    depth: int


@dataclass(frozen=True, slots=True)
class NamedProcess:
    """A process: its name in the network, its name in the C++."""

    name: str
    identifier: str
    kernel: str


@dataclass(frozen=True, slots=True)
class Design:
    """The generated design.

    rows: per invocation. sources: C++ files to compile for the C simulation, include: folders to search for headers,
    both relative to the folder of design.json. input_words, output_words: per row. sum_words: per
    invocation, of the outputs that are sums over the batch.
    """

    top: str
    rows: int
    input_words: int
    output_words: int
    sources: tuple[str, ...]
    include: tuple[str, ...]
    inputs: tuple[InputPort, ...]
    outputs: tuple[OutputTensor, ...]
    streams: tuple[NamedStream, ...]
    processes: tuple[NamedProcess, ...]
    sum_words: int = 0

    def words_of(self, output: OutputTensor) -> slice:
        """The words of an output in a row of output_words (or, of a sum, sum_words) words, feature by feature."""
        return slice(output.offset, output.offset + output.features * output.stride, output.stride)

    def place_of(self, word: int, *, once: bool) -> tuple[OutputTensor, int]:
        """The output and the feature of a word of a row (once: of the sums of an invocation)."""
        places = range(self.sum_words if once else self.output_words)
        output = next(each for each in self.outputs if each.once == once and word in places[self.words_of(each)])
        return output, (word - output.offset) // output.stride


def to_json(design: Design) -> dict[str, Any]:
    """The content of design.json as plain data; what only sums over the batch have is left out of other designs."""
    content = asdict(design)
    for output in content["outputs"]:
        if not output["once"]:
            del output["once"]
    if not design.sum_words:
        del content["sum_words"]
    return content


def from_json(content: dict[str, Any]) -> Design:
    """The inverse of `to_json`; the content must satisfy the schema."""
    return Design(
        top=content["top"],
        rows=content["rows"],
        input_words=content["input_words"],
        output_words=content["output_words"],
        sources=tuple(content["sources"]),
        include=tuple(content["include"]),
        inputs=tuple(InputPort(**port) for port in content["inputs"]),
        outputs=tuple(OutputTensor(**tensor) for tensor in content["outputs"]),
        streams=tuple(NamedStream(**stream) for stream in content["streams"]),
        processes=tuple(NamedProcess(**process) for process in content["processes"]),
        sum_words=content.get("sum_words", 0),
    )


def save_design(design: Design, path: Path) -> None:
    """Write design.json."""
    path.write_text(json.dumps(to_json(design), indent=2) + "\n", encoding="utf-8")


def load_design(path: Path) -> Design:
    """Read and check design.json. UserError with the place when it is not one."""
    content = read_json(path, "the design.json of the hls stage")
    check_schema(content, "design", str(path))
    return from_json(content)
