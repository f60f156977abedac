"""One variant's configuration to frozen dataclasses, with the checks that a JSON Schema cannot express."""

from __future__ import annotations

from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any

from inrarch.config.model import (
    Bits,
    Board,
    Constraints,
    Cosim,
    Dataflow,
    Derivatives,
    Domain,
    Fifo,
    Implementation,
    Lanes,
    Numeric,
    ReportOptions,
    Variant,
    Verification,
)
from inrarch.config.schema import load_schema, with_defaults
from inrarch.config.tree import Tree
from inrarch.config.validate import schema_errors
from inrarch.errors import UserError, did_you_mean
from inrarch.paths import shown_path


def variant_errors(config: Tree, folder: Path, boards: Collection[str]) -> list[UserError]:
    """All that is wrong with `config`, a project without its matrix; `folder` is the project's, `boards` are known."""
    errors = schema_errors(config, "project")
    if errors:
        return errors
    value = with_defaults(load_schema("project"), config.value)
    return [
        *_file_errors(config, value, folder),
        *_order_errors(config, value["derivatives"]),
        *_domain_errors(config, value["domain"]),
        *_board_errors(config, value["board"], boards),
        *_image_errors(config, value["report"]["image"]),
    ]


def resolve_variant(project: str, name: str, config: Tree, folder: Path, load_board: Callable[[str], Board]) -> Variant:
    """The variant that `config` describes, which must have no errors; `folder` is the project's, absolute."""
    value = with_defaults(load_schema("project"), config.value)
    board = load_board(value["board"])
    derivatives, domain, numeric = value["derivatives"], value["domain"], value["numeric"]
    constraints, verification = value["constraints"], value["verification"]
    samples, clock, dsp_count = domain["samples_file"], value["clock_mhz"], constraints["dsp_count"]
    return Variant(
        project=project,
        name=name,
        folder=folder,
        model=folder / value["model"],
        derivatives=Derivatives(
            wrt=_texts(derivatives["wrt"]),
            order=int(derivatives["order"]),
            outputs=_texts(derivatives["outputs"]),
            terms=tuple(
                (name, tuple((partial, float(weight)) for partial, weight in terms.items()))
                for name, terms in derivatives["terms"].items()
            ),
            coordinates=tuple(int(coordinate) for coordinate in derivatives["coordinates"]),
            columns=tuple((name, tuple(map(int, chosen))) for name, chosen in derivatives["columns"].items()),
            direction=tuple(float(each) for each in derivatives["direction"]),
            step=float(derivatives["step"]),
            method=derivatives["method"],
            max_coefficients=int(derivatives["max_coefficients"]),
            parameters=_texts(derivatives["parameters"]),
            by=derivatives["by"],
        ),
        domain=Domain(
            low=_numbers(domain["low"]),
            high=_numbers(domain["high"]),
            samples_file=None if samples is None else folder / samples,
        ),
        numeric=Numeric(
            policy=numeric["policy"],
            data_bits=_bits(numeric["data_bits"]),
            weight_bits=_bits(numeric["weight_bits"]),
            guard_bits=_bits(numeric["guard_bits"]),
            factor_bits=None if numeric["factor_bits"] is None else _bits(numeric["factor_bits"]),
            ranges=numeric["ranges"],
            calibration_samples=int(numeric["calibration_samples"]),
            calibration_seed=int(numeric["calibration_seed"]),
            max_error=_max_error(constraints["max_error"]),
        ),
        dataflow=Dataflow(
            rows=int(value["dataflow"]["rows"]),
            pinned=_pinned(value["dataflow"]["parallelism"]),
            sparse=value["dataflow"]["sparse"],
            objective=value["dataflow"]["objective"],
        ),
        fifo=Fifo(
            objective=value["fifo"]["objective"],
            slack=float(value["fifo"]["slack"]),
            time_limit_s=float(value["fifo"]["time_limit_s"]),
            share=value["fifo"]["share"],
        ),
        constraints=Constraints(
            dsp=_fraction(constraints["dsp"]),
            bram=_fraction(constraints["bram"]),
            uram=_fraction(constraints["uram"]),
            lut=_fraction(constraints["lut"]),
            ff=_fraction(constraints["ff"]),
            dsp_count=None if dsp_count is None else int(dsp_count),
            bram18=None if constraints["bram18"] is None else int(constraints["bram18"]),
            latency_us=_limit(constraints["latency_us"]),
            rows_per_s=_limit(constraints["rows_per_s"]),
        ),
        verification=Verification(
            rows=int(verification["rows"]),
            seed=int(verification["seed"]),
            tolerance=float(verification["tolerance"]),
            cosim=Cosim(
                rows=int(verification["cosim"]["rows"]),
                stalls=float(verification["cosim"]["stalls"]),
                waveform=bool(verification["cosim"]["waveform"]),
            ),
        ),
        implementation=Implementation(**{key: bool(on) for key, on in value["implementation"].items()}),
        report=ReportOptions(image=(int(value["report"]["image"][0]), int(value["report"]["image"][1]))),
        board=board,
        clock_mhz=board.clock_mhz if clock is None else float(clock),
        description=value["description"],
    )


def _texts(value: str | list[str]) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value)


def _numbers(value: float | list[float]) -> tuple[float, ...]:
    return tuple(map(float, value)) if isinstance(value, list) else (float(value),)


def _fraction(value: float | str) -> float:
    return float(value.strip().removesuffix("%")) / 100 if isinstance(value, str) else float(value)


def _bits(value: float | str) -> Bits:
    return "auto" if isinstance(value, str) else int(value)


def _max_error(value: float | dict[str, float] | None) -> float | tuple[tuple[str, float], ...] | None:
    if isinstance(value, dict):
        return tuple((key, float(limit)) for key, limit in sorted(value.items()))
    return None if value is None else float(value)


def _limit(value: float | None) -> float | None:
    return None if value is None else float(value)


def _pinned(value: str | dict[str, dict[str, Any]]) -> tuple[tuple[str, Lanes], ...]:
    if isinstance(value, str):
        return ()

    def lanes(given: dict[str, Any]) -> Lanes:
        coefficients = given.get("coefficients")
        return Lanes(int(given["inputs"]), int(given["outputs"]), None if coefficients is None else int(coefficients))

    return tuple((unit, lanes(given)) for unit, given in sorted(value.items()))


def _file_errors(config: Tree, value: dict[str, Any], folder: Path) -> list[UserError]:
    errors = []
    model = folder / value["model"]
    if not model.is_file():
        others = sorted(file.name for file in folder.glob("*.onnx"))
        hint = did_you_mean(value["model"], others)
        if hint is None and others:
            hint = f"the folder has {', '.join(others)}"
        elif hint is None:
            hint = f"copy the trained network to {shown_path(model)}"
        found = f"the model {value['model']!r} {_what_instead(model)}"
        errors.append(config.error(("model",), found, expected="a file", hint=hint))
    samples = value["domain"]["samples_file"]
    if samples is not None and not (folder / samples).is_file():
        found = f"the samples file {samples!r} {_what_instead(folder / samples)}"
        hint = f"relative paths start at {shown_path(folder)}"
        errors.append(config.error(("domain", "samples_file"), found, expected="a file", hint=hint))
    return errors


def _what_instead(path: Path) -> str:
    """What there is where a file should be."""
    return "is a folder" if path.is_dir() else "is not a plain file" if path.exists() else "does not exist"


def _order_errors(config: Tree, asked: dict[str, Any]) -> list[UserError]:
    """Sweeps are of order 1; `outputs` and `terms` say themselves of what."""
    swept = asked["parameters"] or asked["by"] != "gradient"
    if not swept or asked["order"] == 1 or asked["outputs"] or asked["terms"]:
        return []
    what = "derivatives.parameters" if asked["parameters"] else f"derivatives.by: {asked['by']}"
    found = f"order {asked['order']} beside {what}"
    hint = "a gradient of derivatives by the coordinates has these as `outputs`: [y_laplacian]"
    return [config.error(("derivatives", "order"), found, expected="order 1: one reverse sweep", hint=hint)]


def _domain_errors(config: Tree, domain: dict[str, Any]) -> list[UserError]:
    low, high = _numbers(domain["low"]), _numbers(domain["high"])
    if 1 not in (len(low), len(high)) and len(low) != len(high):
        found = f"domain.high has {len(high)} bounds, domain.low has {len(low)}"
        return [config.error(("domain", "high"), found, expected="one bound per coordinate in both")]
    count = max(len(low), len(high))
    low, high = (bounds * count if len(bounds) == 1 else bounds for bounds in (low, high))
    for index, (below, above) in enumerate(zip(low, high, strict=True)):
        if below >= above:
            found = f"coordinate {index} has the lower bound {below:g} and the upper bound {above:g}"
            return [config.error(("domain", "high"), found, expected="low < high")]
    return []


def _board_errors(config: Tree, board: str, boards: Collection[str]) -> list[UserError]:
    if board in boards:
        return []
    expected = f"one of {', '.join(boards)}"
    return [config.error(("board",), f"unknown board {board!r}", expected=expected, hint=did_you_mean(board, boards))]


def _image_errors(config: Tree, image: list[int]) -> list[UserError]:
    if (image[0] == 0) == (image[1] == 0):
        return []
    found = f"report.image is {image[0]} x {image[1]} pixels"
    return [config.error(("report", "image"), found, expected="height and width, or [0, 0] for no pictures")]
