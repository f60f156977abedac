"""Which factors of products may be rounded: those that leave every output about as accurate as whole products do.

How far a rounded factor moves an output depends on the network: a factor that spans many magnitudes, such as an
exponential, keeps few significant bits where it is small, and a sum may cancel what is left. So it is measured.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import onnx_ir as ir

from inrarch.numeric.arithmetic import NoFormatsError
from inrarch.numeric.choose import Widths
from inrarch.numeric.formats import Formats
from inrarch.numeric.judge import Judge
from inrarch.numeric.samples import Real
from inrarch.numeric.width_cost import few_rows

MOST_GROWTH = 2.0
"""An output's error with rounded factors, relative to that with whole products."""
_MOST_TRIALS = 64


def with_harmless_factors(
    model: ir.Model, choose: Callable[[Widths], Formats], widths: Widths, test: Real
) -> tuple[Widths, Formats]:
    """The widths with as many rounded factors as are harmless, and their formats with the errors on all test rows.

    choose: formats at given widths. test: [rows, coordinates]. A factor is harmless where no output's largest error is
    above `MOST_GROWTH` times that with whole products, nor above half an LSB of a factor of that output's range, and
    no more values overflow. All at once if they are; else halves of the products, in the order of the graph, and
    halves of these.
    """
    judge = Judge(model, test)
    rounded = judge.measure(choose(widths))
    none = replace(widths, whole=widths.whole | set(rounded.factors))
    try:
        whole = judge.measure(choose(none))
    except NoFormatsError:  # sums over the batch, which rounded factors make fit
        return widths, rounded
    bits = widths.factor_bits or 0
    if not rounded.factors or _harmless(rounded, whole, bits):
        return widths, rounded
    few = Judge(model, test[: few_rows(model, len(test))])
    kept = _chosen(few, choose, none, list(rounded.factors), bits)
    found = replace(widths, whole=none.whole - kept)
    formats = judge.measure(choose(found))
    return (found, formats) if _harmless(formats, whole, bits) else (none, whole)


def _harmless(formats: Formats, whole: Formats, bits: int) -> bool:
    if formats.overflows > whole.overflows:
        return False
    return all(
        error.max_rel <= max(MOST_GROWTH * whole.errors[name].max_rel, 2.0**-bits)
        for name, error in formats.errors.items()
    )


def _chosen(
    judge: Judge, choose: Callable[[Widths], Formats], none: Widths, products: Sequence[str], bits: int
) -> frozenset[str]:
    """The products, a group at a time, whose factors are rounded; groups that do harm are cut in halves."""
    whole = judge.measure(choose(none))
    kept: frozenset[str] = frozenset()
    groups = [list(products)]
    trials = 0
    while groups and trials < _MOST_TRIALS:
        group = groups.pop(0)
        trials += 1
        formats = judge.measure(choose(replace(none, whole=none.whole - kept - set(group))))
        if _harmless(formats, whole, bits):
            kept |= set(group)
        elif len(group) > 1:
            middle = len(group) // 2
            groups += [group[:middle], group[middle:]]
    return kept
