"""Number formats tried out: what widths cost and which errors they give, each pair of widths once."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

import onnx_ir as ir

from inrarch.derivatives.recorded import output_orders
from inrarch.numeric.arithmetic import NoFormatsError
from inrarch.numeric.choose import Widths
from inrarch.numeric.formats import Formats
from inrarch.numeric.judge import Judge
from inrarch.numeric.limits import worst_excess
from inrarch.numeric.width_cost import WidthCost, macs_by_weight, width_cost

MOST_TRIALS = 100
"""Widths that one search measures; what it has found by then is the result."""


@dataclass(frozen=True, slots=True)
class Trial:
    """Widths with their formats. output: the one with the largest error against its limit; excess: that ratio."""

    widths: Widths
    formats: Formats
    cost: WidthCost
    output: str
    excess: float


class Trials:
    """Measures widths on some rows and prints a line for each."""

    def __init__(
        self,
        model: ir.Model,
        choose: Callable[[Widths], Formats],
        judge: Judge,
        limits: Mapping[str, float],
        multiplier: tuple[int, int],
    ) -> None:
        """choose: formats at given widths, or UserError where there are none. limits: error by output."""
        self.model = model
        self.choose = choose
        self.multiplier = multiplier
        self.limits = limits
        self._judge = judge
        self._orders = output_orders(model)
        self._macs = sum(macs_by_weight(model).values())
        self._tried: dict[object, Trial | None] = {}
        self.best: Trial | None = None

    @property
    def exhausted(self) -> bool:
        """Whether no further widths should be measured."""
        return len(self._tried) >= MOST_TRIALS

    def measure(self, widths: Widths) -> Trial | None:
        """The widths on the rows of the search; None where no formats exist."""
        plain = (widths.data_bits, widths.weight_bits, widths.guard_bits, widths.factor_bits, widths.whole)
        single = (item for item in widths.weights.items() if item[1] != widths.weight_bits)
        key = (*plain, tuple(sorted(single)))
        if key not in self._tried:
            self._tried[key] = self._measured(widths)
        return self._tried[key]

    def judged(self, widths: Widths) -> Trial:
        """The widths on the rows of the search. `NoFormatsError` where no formats exist."""
        return self.rated(widths, self._judge.measure(self.choose(widths)))

    def rated(self, widths: Widths, formats: Formats) -> Trial:
        """Measured formats with their cost, against the limits."""
        output, excess = worst_excess(formats, self.limits)
        return Trial(widths, formats, width_cost(self.model, formats, self.multiplier), output, excess)

    def line(self, trial: Trial) -> str:
        """Widths, multipliers per multiply-accumulate, errors by order, and how they stand against the limits."""
        by_order: dict[int, float] = {}
        for name, error in trial.formats.errors.items():
            order = self._orders[name]
            by_order[order] = max(by_order.get(order, 0.0), error.max_rel)
        errors = "  ".join(f"{order}: {by_order[order]:.1e}" for order in sorted(by_order))
        verdict = "meets" if trial.excess <= 1 else f"misses {trial.output} by {trial.excess:.3g}x"
        if trial.formats.overflows:
            verdict = f"{trial.formats.overflows} overflows"
        per_mac = f"{trial.cost.tiles / max(self._macs, 1):5.3f}"
        return f"{described(trial.widths, weight_widths(trial.formats))}  {per_mac}  {errors}  {verdict}"

    def _measured(self, widths: Widths) -> Trial | None:
        try:
            trial = self.judged(widths)
        except NoFormatsError as error:
            print(f"{described(widths, {widths.weight_bits, *widths.weights.values()})}  {error.found}")
            return None
        print(self.line(trial))
        if self.best is None or trial.excess < self.best.excess:
            self.best = trial
        return trial


HEADING = "data weights factors guard  DSP/MAC  largest relative error by order"


def described(widths: Widths, weights: Collection[int]) -> str:
    """One line, `  27   14-18      18     2`. weights: widths of all weight matrices."""
    low, high = min(weights, default=widths.weight_bits), max(weights, default=widths.weight_bits)
    factors = "-" if widths.factor_bits is None else str(widths.factor_bits) + ("*" if widths.whole else "")
    return f"{widths.data_bits:4} {low if low == high else f'{low}-{high}':>7} {factors:>7} {widths.guard_bits:5}"


def weight_widths(formats: Formats) -> set[int]:
    """The widths of all weight matrices."""
    return {tensor.format.bits for tensor in formats.tensors.values() if tensor.kind == "weight"}
