"""Errors of number formats on samples: the bit-true outputs against float64 on the same graph."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx_ir as ir

from inrarch.derivatives.recorded import derivative_outputs
from inrarch.errors import UserError
from inrarch.graph.evaluate import evaluate
from inrarch.numeric.batch_sums import summed_values
from inrarch.numeric.bittrue import BitTrue, simulate
from inrarch.numeric.formats import Formats, OutputError, dequantize
from inrarch.numeric.kinks import Bools, compared_values, differing_rows
from inrarch.numeric.samples import Real, chunks, to_feeds
from inrarch.numeric.view import name_of

Arrays = dict[str, npt.NDArray[Any]]


@dataclass(slots=True)
class _Sums:
    """Running figures of one output. count: numbers that were judged."""

    count: int = 0
    worst: float = 0.0
    largest: float = 0.0
    squared_error: float = 0.0
    squared_reference: float = 0.0


class Judge:
    """The samples and what float64 makes of them, computed once; every `measure` then costs a bit-true simulation."""

    def __init__(self, model: ir.Model, samples: Real, scale: Mapping[str, float] | None = None) -> None:
        """samples: [rows, coordinates]. scale: max|ref| of each output, where it is not that of the samples.

        UserError, from the methods, for values that become NaN or infinite.
        """
        self._model = model
        self._samples = samples
        self._scale = scale or {}
        self._names = [name_of(value) for value in model.graph.outputs]
        self._compared = compared_values(model)
        self._derivatives = derivative_outputs(model)
        self._summed = summed_values(model)
        self._parts: list[tuple[Arrays, Arrays]] | None = None

    def measure(self, formats: Formats) -> Formats:
        """The formats with errors, overflows and rows at a kink.

        Errors of derivatives leave out the rows at a kink, where they jump; sums over the batch leave out the batches
        with such a row; values are judged on all rows. Where all rows (batches) are at a kink, none is left out: no
        figure comes from no rows.
        """
        return self.measure_rows(formats, {})[0]

    def measure_rows(self, formats: Formats, limits: Mapping[str, float]) -> tuple[Formats, Real]:
        """As `measure`, and by entry of the batch axis the largest error of all outputs relative to their limits.

        limits: largest relative error by name of output; of the others, no error counts for the second result. The
        error of a sum over the batch counts for every entry of it.
        """
        sums, every = ({name: _Sums(largest=self._scale.get(name, 0.0)) for name in self._names} for _ in range(2))
        whole = {name: limit * (self._scale.get(name, 0.0) or 1.0) for name, limit in limits.items()}
        overflows = kinks = 0
        pieces: list[Real] = []
        for entries, reference, result, kink in self._simulated(formats):
            overflows += sum(result.overflows.values())
            kinks += int(kink.sum())
            by_entry = np.zeros(entries)
            for name in self._names:
                expected = reference[name]
                error = dequantize(result.values[name], formats.of(name)) - expected
                _add(every[name], error, expected)
                if name in self._summed:
                    if name in self._derivatives and kink.any():
                        continue
                    error = error.reshape(1, -1)
                elif name in self._derivatives and error.size % kink.size == 0:
                    by_row = error.reshape(kink.size, -1)
                    by_row[kink] = 0.0
                    expected = expected.reshape(kink.size, -1)[~kink]
                if name in whole:
                    largest = np.abs(error).reshape(1 if name in self._summed else entries, -1).max(axis=1)
                    by_entry = np.maximum(by_entry, largest / whole[name])
                _add(sums[name], error, expected)
            pieces.append(by_entry)
        errors = {name: _output_error(sums[name] if sums[name].count else every[name]) for name in self._names}
        found = replace(formats, errors=errors, overflows=overflows, samples=len(self._samples), kinks=kinks)
        return found, np.concatenate(pieces)

    def rows_of(self, entries: npt.NDArray[np.int64], count: int) -> npt.NDArray[np.int64]:
        """The samples of some entries of the batch axis, rising; `count` is the number of all entries."""
        block = -(-len(self._samples) // count)
        return np.unique((entries[:, None] * block + np.arange(block)) % len(self._samples))

    def _simulated(self, formats: Formats) -> Iterator[tuple[int, Arrays, BitTrue, Bools]]:
        """Entries of the batch axis, reference, bit-true result and rows at a kink, in chunks."""
        wanted = list(dict.fromkeys([*self._names, *self._compared]))
        for feeds, reference in self._references():
            result = simulate(self._model, formats, feeds, wanted=wanted)
            rows = next(iter(feeds.values())).shape[:-1]
            yield rows[0], reference, result, differing_rows(self._compared, rows, reference, result.values)

    def _references(self) -> Iterator[tuple[Arrays, Arrays]]:
        """Inputs and float64 outputs in chunks; of values that are only compared, what that needs."""
        if self._parts is not None:
            yield from self._parts
            return
        parts: list[tuple[Arrays, Arrays]] = []
        for feeds in chunks(self._model, to_feeds(self._model, self._samples)):
            values = evaluate(self._model, feeds, wanted=list(dict.fromkeys([*self._names, *self._compared])))
            for name in self._names:
                if not np.isfinite(values[name]).all():
                    raise UserError("a test sample makes it NaN or infinite", place=f"output {name!r}")
            kept = {name: self._kept(name, values[name]) for name in values}
            parts.append((dict(feeds), kept))
            yield parts[-1]
        self._parts = parts

    def _kept(self, name: str, values: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """What is needed of a value: all of an output and of a whole number, else whether it is positive."""
        if name in self._names or self._compared.get(name, True):
            return values
        return np.asarray(values > 0)


def _add(total: _Sums, error: Real, expected: Real) -> None:
    total.count += expected.size
    total.worst = max(total.worst, float(np.abs(error).max(initial=0.0)))
    total.largest = max(total.largest, float(np.abs(expected).max(initial=0.0)))
    total.squared_error += float((error**2).sum())
    total.squared_reference += float((expected**2).sum())


def _output_error(total: _Sums) -> OutputError:
    if total.largest == 0:
        wrong = float(total.worst > 0)
        return OutputError(total.worst, wrong, wrong)
    return OutputError(
        total.worst, total.worst / total.largest, float(np.sqrt(total.squared_error / total.squared_reference))
    )
