"""What the simulator of process networks says of a run of the RTL: several invocations, and a world that stalls."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from inrarch.fifo.load import build
from inrarch.fifo.network import Access, Network, Process, Repeat, last_stage
from inrarch.fifo.simulate import Simulation, Simulator
from inrarch.hardware.cosim import rhythm
from inrarch.hardware.rtl.description import Description, PortText


@dataclass(frozen=True, slots=True)
class Pace:
    """How the world behaves. invocations: one after the other. gaps: by port, before each word; none: never."""

    invocations: int
    gaps: Mapping[str, Sequence[int]] = field(default_factory=dict)


def port_words(port: PortText, rows: int) -> int:
    """Words of a port in one invocation of `rows` rows."""
    return port.words if port.once else port.words * rows


def with_ports(network: Network, design: Description) -> Network:
    """The network with a stream per port of the design, which sources read and sinks write, one word per stage.

    Not yet whole: the other ends of these streams are those of `with_world`.
    """
    accesses: dict[str, list[Repeat]] = {}
    for port in design.ports:
        access = Access(0, port.name, is_write=not port.is_input)
        accesses.setdefault(port.process, []).append(Repeat(0, port_words(port, design.rows), 1, (access,)))
    processes = tuple(
        replace(process, schedule=(*process.schedule, *accesses.get(process.name, ()))) for process in network.processes
    )
    return replace(network, processes=processes)


def with_world(network: Network, design: Description, pace: Pace) -> Network:
    """The network of a run: every process begins anew in the stage after its last one, and ports have another end.

    network: of one invocation, as `map` has written it.
    """
    joined = with_ports(network, design)
    processes = [_again(process, pace.invocations) for process in joined.processes]
    streams = list(network.streams)
    for port in design.ports:
        words = port_words(port, design.rows) * pace.invocations
        end = rhythm.giver if port.is_input else rhythm.taker
        processes.append(end(port.name, words, pace.gaps.get(port.name, ())))
        streams.append(rhythm.port(port.name, 32))
    return build(tuple(streams), tuple(processes), place="the network with its ports")


def random_pace(design: Description, invocations: int, share: float, seed: int) -> Pace:
    """Gaps at every port in a share of the cycles; equal for equal seeds. share 0: no gaps."""
    if not share:
        return Pace(invocations)
    generator = np.random.default_rng(seed)
    return Pace(
        invocations,
        {
            port.name: rhythm.random_gaps(port_words(port, design.rows) * invocations, share, generator)
            for port in design.ports
        },
    )


@dataclass(frozen=True, slots=True)
class Prediction:
    """cycles: until all is done, with `first` until the first invocation is. None: deadlock.

    finish: by process, cycles until it is done with all invocations. rests: cycles from its last access to its end.
    """

    cycles: int | None
    first: int | None
    finish: Mapping[str, int]
    high_water: Mapping[str, int]
    rests: Mapping[str, int]


def predict(network: Network, depths: Mapping[str, int], design: Description, pace: Pace) -> Prediction:
    """The simulation of a run. network: of one invocation. depths: of its streams."""
    names = [process.name for process in network.processes]
    whole = _simulate(network, depths, design, pace)
    one = whole if pace.invocations == 1 else _simulate(network, depths, design, replace(pace, invocations=1))
    rests = {process.name: _rest(process) for process in with_ports(network, design).processes}
    return Prediction(
        cycles=_latest(whole, names),
        first=_latest(one, names),
        finish={name: whole.finish[name] for name in names},
        high_water={stream.name: whole.high_water[stream.name] for stream in network.streams},
        rests=rests,
    )


def _simulate(network: Network, depths: Mapping[str, int], design: Description, pace: Pace) -> Simulation:
    run = with_world(network, design, pace)
    every = {**depths, **{port.name: rhythm.PORT_DEPTH for port in design.ports}}
    return Simulator(run).run(every)


def _latest(run: Simulation, names: Sequence[str]) -> int | None:
    """Cycles until the design is done; the world may take longer."""
    return None if run.cycles is None else max(run.finish[name] for name in names)


def _again(process: Process, invocations: int) -> Process:
    if invocations == 1:
        return process
    stages = max(last_stage(process.schedule), process.end or 0) + 1
    end = None if process.end is None else process.end + (invocations - 1) * stages
    return replace(process, schedule=(Repeat(0, invocations, stages, process.schedule),), end=end)


def _rest(process: Process) -> int:
    return max((process.end or 0) - last_stage(process.schedule), 0)
