"""The configuration as frozen dataclasses: what every stage reads. Defaults live in the JSON Schemas, not here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from inrarch.config.fabric import Fabric
from inrarch.errors import UserError


@dataclass(frozen=True, slots=True)
class Derivatives:
    """What is asked of the network.

    wrt: names of the model's inputs to differentiate by; empty = its only input.
    order: highest order of the tower (0 = value only is refused).
    outputs: names of the outputs wanted (`y`, `y_d01`, `y_laplacian`), which then decide the order; empty = all up to
    `order`, or all `terms` where there are some.
    terms: operators by name, each the coefficients of its partial derivatives (`d01`; the empty text is the value).
    coordinates: numbers of those that `order` and the named operators take; empty = all.
    columns: entries of the last axis that are kept, by output of the model; of others all.
    direction: vector of the operators `directional`, `directional2`, …; empty = none.
    step: the seed; order k comes out multiplied by step**k.
    method: `auto`, `taylor`, `reverse` or `mixed`.
    max_coefficients: refuse a tower with more Taylor coefficients than this.
    parameters: initializers of the model to differentiate by, as sums over the rows of an invocation; empty = none.
    by: `gradient`, or `vjp` (products of a vector, a new input, with the Jacobian).
    """

    wrt: tuple[str, ...]
    order: int
    outputs: tuple[str, ...]
    terms: tuple[tuple[str, tuple[tuple[str, float], ...]], ...]
    coordinates: tuple[int, ...]
    columns: tuple[tuple[str, tuple[int, ...]], ...]
    direction: tuple[float, ...]
    step: float
    method: str
    max_coefficients: int
    parameters: tuple[str, ...] = ()
    by: str = "gradient"


@dataclass(frozen=True, slots=True)
class Domain:
    """Where the network is used: a box of coordinates, or samples in a file.

    low, high: bounds per coordinate (or one number for all), in the units of the network's input.
    samples_file: `.npy` or `.npz` of shape (samples, coordinates); None = uniform samples in the box.
    """

    low: tuple[float, ...]
    high: tuple[float, ...]
    samples_file: Path | None


Bits = int | Literal["auto"]
"""A width, or the word for a choice by measured error."""


@dataclass(frozen=True, slots=True)
class Numeric:
    """Number format policy: data and weight widths in bits, guard bits above the calibrated range.

    factor_bits: to which one factor of a product is rounded; None = neither is. ranges: `calibration` or `bounds`.
    max_error: `constraints.max_error`, the largest relative error of all outputs, or by order (`"1"`) and output;
    None = the tolerance of verification.
    """

    policy: str
    data_bits: Bits
    weight_bits: Bits
    guard_bits: Bits
    factor_bits: Bits | None
    ranges: str
    calibration_samples: int
    calibration_seed: int
    max_error: float | tuple[tuple[str, float], ...] | None


@dataclass(frozen=True, slots=True)
class Lanes:
    """Parallelism of one matmul unit: multipliers = inputs x outputs x coefficients.

    coefficients: of a jet that are multiplied at the same time; None = all that the unit has.
    """

    inputs: int
    outputs: int
    coefficients: int | None = None


@dataclass(frozen=True, slots=True)
class Dataflow:
    """rows: batch rows per invocation of the kernel. pinned: lanes by name of unit, rising; the rest is automatic.

    objective: what the rest is chosen for: `throughput`, `latency`, `area` or `energy`.
    sparse: `auto`, `always` or `never`: which matmul units leave the zeros of their weights out.
    """

    rows: int
    pinned: tuple[tuple[str, Lanes], ...]
    objective: str = "throughput"
    sparse: str = "auto"


@dataclass(frozen=True, slots=True)
class Constraints:
    """What a design has to keep to.

    dsp, bram, uram, lut, ff: at most this share of the board, in (0, 1]. dsp_count, bram18: at most so many.
    latency_us: at most this long for one invocation. rows_per_s: at least so many, invocations on end. None = no limit.
    """

    dsp: float
    bram: float
    uram: float
    lut: float
    ff: float
    dsp_count: int | None
    bram18: int | None = None
    latency_us: float | None = None
    rows_per_s: float | None = None


@dataclass(frozen=True, slots=True)
class Cosim:
    """The simulation of the RTL.

    rows: test rows, filled up to whole invocations; 0 = it is left out. stalls: share of the cycles in which ports
    stall in a second run; 0 = no such run. waveform: keep one of the first invocation.
    """

    rows: int
    stalls: float
    waveform: bool


@dataclass(frozen=True, slots=True)
class Verification:
    """rows: test rows of the C simulation. tolerance: largest relative error against float64 (max|err|/max|ref|)."""

    rows: int
    seed: int
    tolerance: float
    cosim: Cosim


@dataclass(frozen=True, slots=True)
class ReportOptions:
    """image: pixels (height, width) of the rendered outputs for two coordinates; (0, 0) = no pictures."""

    image: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Resources:
    """What a device offers: LUTs, flip-flops, DSP slices, 18-kbit block RAMs (BRAM18), UltraRAM blocks."""

    lut: int
    ff: int
    dsp: int
    bram18: int
    uram: int


@dataclass(frozen=True, slots=True)
class DspMode:
    """Something that multiplier blocks do besides one plain product each.

    operands: signed widths of each product, the wider one first. products: made at once by `slices` blocks. form:
    `separate`, `shared_factor` (one factor is common to all products) or `sum` (only the sum comes out).
    """

    operands: tuple[int, int]
    products: int
    slices: int
    form: str


@dataclass(frozen=True, slots=True)
class Dsp:
    """The multiplier block of a device family.

    multiplier: signed widths of one product, the wider one first (27, 18). accumulator_bits, pre_adder_bits (0 = none):
    widths of its adders. registers: stages of a multiply-add at full speed.
    """

    name: str
    multiplier: tuple[int, int]
    accumulator_bits: int
    pre_adder_bits: int
    registers: int
    modes: tuple[DspMode, ...]


@dataclass(frozen=True, slots=True)
class Family:
    """A device family: what its members have in common."""

    name: str
    title: str
    dsp: Dsp
    fabric: Fabric


@dataclass(frozen=True, slots=True)
class PlaceAndRoute:
    """How nextpnr builds for a board. device: its options. baud: of the serial line to the host.

    pins: (signal, pin) of `oscillator`, `receive` and `transmit`.
    """

    device: tuple[str, ...]
    oscillator_mhz: float
    baud: int
    pins: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Board:
    """One target board. place_and_route: None where no open tool does that."""

    name: str
    title: str
    vendor: str
    family: Family
    part: str
    resources: Resources
    memory: str
    clock_mhz: float
    place_and_route: PlaceAndRoute | None = None

    @property
    def dsp_shape(self) -> tuple[int, int]:
        """Signed multiplier widths of one DSP slice, the wider operand first (27, 18)."""
        return self.family.dsp.multiplier


@dataclass(frozen=True, slots=True)
class Fifo:
    """How FIFOs are sized. objective: `words`, `bits`, `bram18` or `luts`. slack: share of cycles that may be lost.

    share: whether late readers of the same words may get one delay line.
    """

    objective: str
    slack: float
    time_limit_s: float
    share: bool


@dataclass(frozen=True, slots=True)
class Implementation:
    """Which open tools run behind the RTL: Yosys for resources, nextpnr for timing and a bitstream."""

    synthesis: bool
    place_and_route: bool


@dataclass(frozen=True, slots=True)
class Variant:
    """One point of a project's matrix, with everything resolved: what a build builds.

    name: `default` when the project has no matrix; stable, made of letters, digits, `_`, `-`, `.`.
    folder: the project's folder (absolute). clock_mhz: asked for, or the board's typical clock.
    """

    project: str
    name: str
    folder: Path
    model: Path
    derivatives: Derivatives
    domain: Domain
    numeric: Numeric
    dataflow: Dataflow
    fifo: Fifo
    constraints: Constraints
    verification: Verification
    implementation: Implementation
    report: ReportOptions
    board: Board
    clock_mhz: float
    description: str

    @property
    def full_name(self) -> str:
        """`project@variant`, the name used on the command line."""
        return f"{self.project}@{self.name}"


@dataclass(frozen=True, slots=True)
class Project:
    """A project whose configuration is right. folder, file: absolute; file is its project.yaml."""

    name: str
    folder: Path
    file: Path
    description: str
    variants: tuple[Variant, ...]


@dataclass(frozen=True, slots=True)
class BrokenProject:
    """A project that cannot be built, and all that is wrong with its configuration."""

    name: str
    file: Path
    error: UserError


@dataclass(frozen=True, slots=True)
class Totals:
    """What there is for all stages together: cores, memory in MiB (None = what the machine has), licences by name."""

    cores: int | None = None
    memory_mb: int | None = None
    licences: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ExecutorChoice:
    """Which executor runs the stages, and the settings of each by its name.

    staged: stages get their inputs with the request and send their result back; no common file system is needed.
    """

    name: str = "local"
    staged: bool = False
    options: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Workspace:
    """A folder of projects.

    root, projects_folder, build (all artefacts), boards (extra folders): absolute. file: its inrarch.yaml, or None.
    store: absolute, of artefacts shared with other workspaces or machines; None = only `build/.store`.
    jobs: stages that may run at the same time, or None = as many as the executor has room for. stages: what stages
    need, where the workspace says it: `cores`, `memory_mb`, `licences` by name of stage. tools: program (absolute path
    or command on PATH) by name of tool. second_build: `refuse` or `wait`, while another build is using the folder.
    projects, broken: by rising name; a broken project does not hinder the others. Choose with `select_variants`.
    """

    root: Path
    file: Path | None
    projects_folder: Path
    build: Path
    store: Path | None
    boards: tuple[Path, ...]
    jobs: int | None
    second_build: str
    resources: Totals
    stages: Mapping[str, Mapping[str, Any]]
    executor: ExecutorChoice
    tools: Mapping[str, str]
    projects: tuple[Project, ...]
    broken: tuple[BrokenProject, ...]
