"""Number formats as asked for: widths as they are given, or `auto`, and the limits on the error that they must meet."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import onnx_ir as ir

from inrarch.errors import UserError
from inrarch.numeric.calibration import largest_magnitudes
from inrarch.numeric.cells import Box
from inrarch.numeric.choose import Widths, choose_formats
from inrarch.numeric.formats import MAX_DATA_BITS, MAX_WEIGHT_BITS, Formats, integer_bits
from inrarch.numeric.harmless import with_harmless_factors
from inrarch.numeric.judge import Judge
from inrarch.numeric.proofs import proven_formats, with_proofs
from inrarch.numeric.rounds import Rounds
from inrarch.numeric.samples import Real
from inrarch.numeric.search import Room, Search
from inrarch.numeric.trials import Trial, weight_widths
from inrarch.numeric.view import MATMULS, is_batch_product, name_of
from inrarch.numeric.width_cost import saving_factor_bits

AUTO = "auto"
_DATA_BITS = range(8, MAX_DATA_BITS + 1)
_WEIGHT_BITS = range(4, MAX_WEIGHT_BITS + 1)
_MOST_GUARD_BITS = 8


@dataclass(frozen=True, slots=True)
class Asked:
    """Widths in bits, or `auto`. factor_bits: None = products are whole. ranges: from `calibration` or `bounds`."""

    data_bits: int | str
    weight_bits: int | str
    guard_bits: int | str
    factor_bits: int | str | None
    ranges: str = "calibration"

    @property
    def searched(self) -> bool:
        """Whether any width is chosen by measured error; factors alone are not."""
        return AUTO in (self.data_bits, self.weight_bits, self.guard_bits)


@dataclass(frozen=True, slots=True)
class Job:
    """A graph as optimize writes it, and what its formats are for.

    calibration, test: [rows, coordinates]. box: bounds [coordinates] x 2 that hold the domain. limits: largest relative
    error by output. multiplier: signed widths of one multiplier block.
    """

    model: ir.Model
    calibration: Real
    test: Real
    box: Box
    limits: Mapping[str, float]
    multiplier: tuple[int, int]


def choose(job: Job, asked: Asked, *, must_meet: bool) -> Formats:
    """The formats asked for, with errors measured on the test rows and the tensors that are proven not to overflow.

    must_meet: the limits bind widths that are given, too. UserError where they are missed, and as `quantize`.
    """
    calibrated = largest_magnitudes(job.model, job.calibration)

    def at(widths: Widths) -> Formats:
        if asked.ranges == "bounds":
            return proven_formats(job.model, job.box, widths)
        return choose_formats(job.model, calibrated, widths)

    if asked.searched:
        formats = find_widths(job.model, at, calibrated, job.test, asked, job.limits, job.multiplier)
    else:
        widths = given_widths(asked, job.multiplier)
        if asked.factor_bits == AUTO and widths.factor_bits is not None:
            widths, formats = with_harmless_factors(job.model, at, widths, job.test)
        else:
            formats = Judge(job.model, job.test).measure(at(widths))
        if must_meet:
            require_limits(formats, job.limits)
    return with_proofs(job.model, job.box, formats)


def given_widths(asked: Asked, multiplier: tuple[int, int]) -> Widths:
    """The widths of a request without a search.

    `auto` factors: as wide as costs no multiplier more, if that is at least as wide as weights.
    """
    data_bits, weight_bits, guard_bits = int(asked.data_bits), int(asked.weight_bits), int(asked.guard_bits)
    factor_bits = asked.factor_bits
    if factor_bits == AUTO:
        saving = saving_factor_bits(data_bits, multiplier)
        factor_bits = saving if saving is not None and saving >= weight_bits else None
    return Widths(data_bits, weight_bits, guard_bits, None if factor_bits is None else int(factor_bits))


def find_widths(
    model: ir.Model,
    choose: Callable[[Widths], Formats],
    calibrated: Mapping[str, float],
    test: Real,
    asked: Asked,
    limits: Mapping[str, float],
    multiplier: tuple[int, int],
) -> Formats:
    """The cheapest formats that meet the limits on all rows of `test` [rows, coordinates], without overflow.

    choose: formats at given widths. calibrated: largest magnitudes. multiplier: signed widths of one multiplier block.
    Prints every trial. UserError where no widths meet the limits, with the best that was reached.
    """
    unseen = largest_magnitudes(model, test)
    rounds = Rounds(model, choose, test, {name: unseen[name] for name in limits}, limits, multiplier)
    for guard_bits in _guard_bits(asked.guard_bits, calibrated, unseen):
        room = _room(model, asked, guard_bits)
        widest = rounds.settled(lambda trials, room=room: Search(trials, room).widest())  # type: ignore[misc]
        if widest is not None:
            return _refined(rounds, room, widest).formats
        if rounds.best is None or not rounds.best.formats.overflows:
            break
    raise _unreachable(rounds.best, limits, asked)


def _refined(rounds: Rounds, room: Room, widest: Trial) -> Trial:
    """The cheapest confirmed formats below confirmed ones."""
    ceiling = rounds.settled(lambda trials: Search(trials, room).fewer_tiles(widest)) or widest
    found = Search(rounds.trials(), room).fewer_bits(ceiling)
    while found.widths != ceiling.widths:
        confirmed = rounds.confirmed(found.widths)
        if confirmed is not None:
            return confirmed
        found = Search(rounds.trials(), room).widened(found, ceiling)
    return ceiling


def require_limits(formats: Formats, limits: Mapping[str, float]) -> None:
    """UserError for the first output whose measured error is above its limit."""
    for name, limit in limits.items():
        error = formats.errors[name].max_rel
        if error > limit:
            raise UserError(
                f"the number formats have a relative error of {error:.3g} at output {name!r}",
                place="constraints.max_error",
                expected=f"at most {limit:.3g}",
                hint="set numeric.data_bits, weight_bits or guard_bits to auto, or allow a larger error",
                exit_code=1,
            )


def _unreachable(best: Trial | None, limits: Mapping[str, float], asked: Asked) -> UserError:
    fixed = [
        f"numeric.{key}"
        for key, value in (("data_bits", asked.data_bits), ("weight_bits", asked.weight_bits))
        if value != AUTO
    ]
    hint = f"set {' and '.join(fixed)} to auto, or " if fixed else ""
    if best is None:
        return UserError("no widths within the limits of the arithmetic exist", place="numeric", exit_code=1)
    if best.formats.overflows and best.excess <= 1:
        return UserError(
            f"{best.formats.overflows} values overflow with {best.widths.guard_bits} guard bits",
            place="numeric.guard_bits",
            expected="no overflow on rows that calibration did not see",
            hint="set numeric.guard_bits to auto, or calibrate on more samples",
            exit_code=1,
        )
    error = best.formats.errors[best.output].max_rel
    weights = "-".join(map(str, sorted({min(weight_widths(best.formats)), max(weight_widths(best.formats))})))
    return UserError(
        f"no widths meet the limits: at best (data {best.widths.data_bits}, weights {weights} bits) "
        f"the relative error of output {best.output!r} is {error:.3g}",
        place="constraints.max_error",
        expected=f"at most {limits[best.output]:.3g}",
        hint=f"{hint}allow output {best.output!r} at least {1.1 * error:.2g}",
        exit_code=1,
    )


def _options(given: int | str, every: Sequence[int]) -> Sequence[int]:
    return every if given == AUTO else (int(given),)


def _guard_bits(given: int | str, calibrated: Mapping[str, float], unseen: Mapping[str, float]) -> Sequence[int]:
    """Guard bits to try. `auto`: from 1, or so many that rows that calibration did not see stay within every range."""
    if given != AUTO:
        return (int(given),)
    needed = (integer_bits(peak) - integer_bits(calibrated[name]) for name, peak in unseen.items() if calibrated[name])
    return range(min(_MOST_GUARD_BITS, max(1, *needed)), _MOST_GUARD_BITS + 1)


def _room(model: ir.Model, asked: Asked, guard_bits: int) -> Room:
    return Room(
        _options(asked.data_bits, _DATA_BITS),
        _options(asked.weight_bits, _WEIGHT_BITS),
        guard_bits,
        asked.factor_bits,
        _layers(model),
    )


def _layers(model: ir.Model) -> list[frozenset[str]]:
    """Names of the products of two tensors by the number of matmuls on the longest way to them."""
    depths: dict[str, int] = {}
    layers: dict[int, set[str]] = {}
    for node in model.graph:
        depth = max((depths.get(name_of(value), 0) for value in node.inputs), default=0) + (node.op_type in MATMULS)
        depths.update({name_of(value): depth for value in node.outputs})
        if node.op_type == "Mul" or is_batch_product(node):
            layers.setdefault(depth, set()).add(str(node.name))
    return [frozenset(layers[depth]) for depth in sorted(layers)]
