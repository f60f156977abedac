"""Widths `auto`: the cheapest number formats whose measured error meets its limit.

Greedy, deterministic and bounded (`trials.MOST_TRIALS`), in this order:
1. the fewest multiplier blocks per multiply-accumulate at which some pair of widths meets the limits, the widest first;
2. from there single weight matrices, and the products of single layers, to fewer blocks, those that save most and cost
   least accuracy first;
3. fewer data bits and weight bits, together as few as possible at the same number of blocks;
4. fewer bits of single weight matrices, the largest first.
Weights of a matrix are named by their initializer; a width that is given is not touched.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from inrarch.dataflow.resources import dsp_tiles
from inrarch.numeric.arithmetic import NoFormatsError
from inrarch.numeric.choose import Widths
from inrarch.numeric.trials import Trial, Trials
from inrarch.numeric.width_cost import macs_by_weight, saving_factor_bits, weight_sizes

_MOST_MATRICES = 16
"""Weight matrices, the largest, that get widths of their own."""

_STEPS = ((0, 1), (1, 0), (1, 1), (1, 2), (2, 1), (2, 2), (3, 3))
"""More data bits and more weight bits, where the widths found turn out to be too few."""


@dataclass(frozen=True, slots=True)
class Room:
    """The widths to choose from, in rising order; a width that is given stands alone.

    factor_bits: given, or `auto`. layers: names of Mul nodes by layer, for products with rounded factors.
    """

    data_bits: Sequence[int]
    weight_bits: Sequence[int]
    guard_bits: int
    factor_bits: int | str | None
    layers: Sequence[frozenset[str]]


class Search:
    """One search, on the rows of its trials. Every trial that a method returns meets the limits there."""

    def __init__(self, trials: Trials, room: Room) -> None:
        self._trials = trials
        self._room = room
        sizes = weight_sizes(trials.model)
        macs = macs_by_weight(trials.model)
        self._matrices = sorted(sizes, key=lambda name: (-sizes[name], name))[:_MOST_MATRICES]
        self._all = tuple(sizes)
        self._macs = macs

    def _meets(self, widths: Widths) -> Trial | None:
        if self._trials.exhausted:
            return None
        trial = self._trials.measure(widths)
        good = trial is not None and trial.excess <= 1 and not trial.formats.overflows
        return trial if good else None

    def _tiles(self, data_bits: int, weight_bits: int) -> int:
        return dsp_tiles(data_bits, weight_bits, self._trials.multiplier)

    def widest(self) -> Trial | None:
        """Step 1, first with rounded factors, then with whole ones."""
        counts = {self._tiles(d, w) for d in self._room.data_bits for w in self._room.weight_bits}
        for count in sorted(counts):
            for data_bits, weight_bits in self._widest(count):
                for factor_bits in self._factors(data_bits):
                    widths = Widths(data_bits, weight_bits, self._room.guard_bits, factor_bits)
                    found = self._meets(widths)
                    if found is not None:
                        return found
        return None

    def _factors(self, data_bits: int) -> list[int | None]:
        """Widths of factors to try at a data width, the cheapest first."""
        given = self._room.factor_bits
        if isinstance(given, int) or given is None:
            return [given]
        saving = saving_factor_bits(data_bits, self._trials.multiplier)
        return [None] if saving is None else [saving, None]

    def _widest(self, count: int) -> list[tuple[int, int]]:
        """Pairs of widths of `count` blocks that have formats, those first with which narrower weights save most.

        Of data widths that take as many blocks as each other at all weights, no pair is narrower than another in both.
        """
        pairs: dict[tuple[int, ...], list[tuple[int, int]]] = {}
        for data_bits in reversed(self._room.data_bits):
            profile = tuple(self._tiles(data_bits, bits) for bits in self._room.weight_bits)
            alike = pairs.setdefault(profile, [])
            least = alike[-1][1] if alike else 0
            for weight_bits in reversed([bits for bits in self._room.weight_bits if bits > least]):
                if self._tiles(data_bits, weight_bits) <= count and self._exists(data_bits, weight_bits):
                    alike.append((data_bits, weight_bits))
                    break
        by_profile = sorted(pairs.items(), key=lambda item: sum(item[0]))
        return [
            pair
            for _, alike in by_profile
            for pair in sorted(alike, key=lambda pair: -sum(pair))
            if self._tiles(*pair) == count
        ]

    def _exists(self, data_bits: int, weight_bits: int) -> bool:
        try:
            self._trials.choose(Widths(data_bits, weight_bits, self._room.guard_bits))
        except NoFormatsError:
            return False
        return True

    def fewer_tiles(self, start: Trial) -> Trial:
        """Step 2: each move alone first, then one after the other, as long as the limits are met."""
        moves = [*self._narrower_matrices(start.widths), *self._rounded_layers(start.widths)]
        alone = [(self._meets(_moved(start.widths, move)), move) for move in moves]
        good = [
            (start.cost.tiles - trial.cost.tiles, trial.excess, move)
            for trial, move in alone
            if trial is not None and trial.cost < start.cost
        ]
        found = start
        for _, _, move in sorted(good, key=lambda each: (-each[0], each[1])):
            trial = self._meets(_moved(found.widths, move))
            if trial is not None and trial.cost < found.cost:
                found = trial
        return found

    def _narrower_matrices(self, widths: Widths) -> Iterator[_Move]:
        """Every matrix with the widest weights of fewer blocks."""
        if len(self._room.weight_bits) == 1:
            return
        now = self._tiles(widths.data_bits, widths.weight_bits)
        for name in sorted(self._matrices, key=lambda name: (-self._macs[name], name)):
            fewer = [bits for bits in self._room.weight_bits if self._tiles(widths.data_bits, bits) < now]
            if fewer:
                yield _Move({name: max(fewer)})

    def _rounded_layers(self, widths: Widths) -> Iterator[_Move]:
        """Where rounding every factor is too coarse: those of one layer."""
        factors = self._factors(widths.data_bits)
        if widths.factor_bits is not None or len(factors) == 1 or len(self._room.layers) < 2:
            return
        everything = frozenset().union(*self._room.layers)
        for layer in self._room.layers:
            yield _Move({}, factors[0], everything, layer)

    def fewer_bits(self, start: Trial) -> Trial:
        """Steps 3 and 4."""
        return self._fewer_bits_of_matrices(self._fewer_bits_of_all(start))

    def widened(self, trial: Trial, ceiling: Trial) -> Trial:
        """The next widths above those of a trial that meet the limits, at most those of `ceiling`: what is the result
        where none below do."""
        bits = {name: trial.widths.weights.get(name, trial.widths.weight_bits) for name in self._all}
        most = {name: ceiling.widths.weights.get(name, ceiling.widths.weight_bits) for name in self._all}
        for same_tiles in (True, False):
            for data_more, weights_more in _STEPS:
                data_bits = min(trial.widths.data_bits + data_more, ceiling.widths.data_bits)
                top = {name: self._widest_alike(data_bits, bits[name]) if same_tiles else most[name] for name in most}
                weights = {name: min(bits[name] + weights_more, most[name], top[name]) for name in self._all}
                if data_bits == trial.widths.data_bits and weights == bits:
                    continue
                found = self._meets(replace(ceiling.widths, data_bits=data_bits, weights=weights))
                if found is not None:
                    return found
        return ceiling

    def _widest_alike(self, data_bits: int, weight_bits: int) -> int:
        """The widest weights that take as many blocks as these."""
        now = self._tiles(data_bits, weight_bits)
        return max(bits for bits in self._room.weight_bits if self._tiles(data_bits, bits) <= now)

    def _fewer_bits_of_all(self, start: Trial) -> Trial:
        """Step 3: along the edge of what meets the limits, from the most data bits to the fewest."""
        found = start
        widest = max(start.widths.weights.values(), default=start.widths.weight_bits)
        caps = [bits for bits in self._room.weight_bits if bits <= max(widest, start.widths.weight_bits)]

        def met(bits: int) -> bool:
            return self._capped(start.widths, start.widths.data_bits, bits) is not None

        cap = _fewest(caps, met)
        for data_bits in reversed([bits for bits in self._room.data_bits if bits <= start.widths.data_bits]):
            trial = self._capped(start.widths, data_bits, cap)
            while trial is None and cap < caps[-1] and not self._trials.exhausted:
                cap += 1
                trial = self._capped(start.widths, data_bits, cap)
            if trial is None:
                break
            if trial.cost < found.cost:
                found = trial
        return found

    def _capped(self, widths: Widths, data_bits: int, cap: int) -> Trial | None:
        weights = {name: min(bits, cap) for name, bits in widths.weights.items()}
        return self._meets(
            replace(widths, data_bits=data_bits, weight_bits=min(widths.weight_bits, cap), weights=weights)
        )

    def _fewer_bits_of_matrices(self, start: Trial) -> Trial:
        """Step 4."""
        found = start
        if len(self._room.weight_bits) == 1 or len(self._all) == 1:
            return found
        for name in self._matrices:
            now = found.widths.weights.get(name, found.widths.weight_bits)
            options = [bits for bits in self._room.weight_bits if bits <= now]
            found = self._fewest_bits_of(name, options, found)
        return found

    def _fewest_bits_of(self, name: str, options: Sequence[int], start: Trial) -> Trial:
        def met(bits: int) -> bool:
            return self._meets(_moved(start.widths, _Move({name: bits}))) is not None

        return self._meets(_moved(start.widths, _Move({name: _fewest(options, met)}))) or start


@dataclass(frozen=True, slots=True)
class _Move:
    """A change of widths: bits of single matrices; factors of the products of `layer` out of `products`."""

    weights: dict[str, int]
    factor_bits: int | None = None
    products: frozenset[str] = frozenset()
    layer: frozenset[str] = frozenset()


def _moved(widths: Widths, move: _Move) -> Widths:
    changed = replace(widths, weights={**widths.weights, **move.weights})
    if move.factor_bits is None:
        return changed
    whole = (widths.whole if widths.factor_bits is not None else move.products) - move.layer
    return replace(changed, factor_bits=move.factor_bits, whole=whole)


def _fewest(options: Sequence[int], good: Callable[[int], bool]) -> int:
    """The smallest of the rising options that is good, by bisection; the largest counts as good."""
    low, high = 0, len(options) - 1
    while low < high:
        middle = (low + high) // 2
        if good(options[middle]):
            high = middle
        else:
            low = middle + 1
    return options[high]
