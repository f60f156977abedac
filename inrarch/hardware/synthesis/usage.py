"""What each process and each stream of a design takes of the device, beside what the model says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from inrarch.dataflow.cost import Cost, total
from inrarch.dataflow.memories import rom
from inrarch.dataflow.target import Target
from inrarch.hardware.rtl.description import Description, ProcessText
from inrarch.hardware.synthesis.cells import Costs, Netlist
from inrarch.hardware.synthesis.paths import Path, Paths


def usage(design: Description, netlist: Netlist, network: Mapping[str, Any], target: Target) -> dict[str, Any]:
    """Resources of processes, streams and the whole; of each process the longest path that ends in it, and that of all.

    netlist: hierarchical, the memories of processes black boxes, whose resources are computed by
    `inrarch.dataflow.memories.rom`. network: network.json with the resources of the model. `inner_registers` are
    LUT and FF of the netlist that are not counted, as multiplier blocks have these registers.
    """
    costs = Costs(netlist)
    timed = target.fabric.timing is not None
    paths = Paths(netlist, target.fabric.timing).into_instances(design.top)
    model = {process["name"]: process["resources"] for process in network["processes"]}
    processes, streams = {}, {}
    for process in design.processes:
        synthesised = costs.of_instance(design.top, f"u_{process.identifier}")
        memories = _memories(design, process, target)
        processes[process.name] = {
            "module": process.module,
            "synthesised": asdict(synthesised),
            "memories": asdict(memories),
            "model": model[process.name],
            "path": _path(paths[f"u_{process.identifier}"], timed),
        }
    for stream in design.streams:
        streams[stream.name] = asdict(costs.of_instance(design.top, f"fifo_{stream.identifier}"))
    parts = [Cost(**each[kind]) for each in processes.values() for kind in ("synthesised", "memories")]
    whole = total([*parts, *(Cost(**each) for each in streams.values())])
    units = {f"process {each.name}": f"u_{each.identifier}" for each in design.processes}
    units |= {f"stream {each.name}": f"fifo_{each.identifier}" for each in design.streams}
    longest = max(units, key=lambda unit: paths[units[unit]])
    return {
        "total": asdict(whole),
        "inner_registers": asdict(costs.inner_of(design.top)),
        "longest_path": {"unit": longest, **_path(paths[units[longest]], timed)},
        "processes": processes,
        "streams": streams,
    }


def _path(path: Path, timed: bool) -> dict[str, Any]:
    """ns with wires and in cells alone (None: the fabric has no delays), cells on it, and the registers at its ends."""
    return {
        "ns": path.ps / 1000 if timed else None,
        "logic_ns": path.logic_ps / 1000 if timed else None,
        "levels": path.levels,
        "begin": path.begin,
        "end": path.end,
    }


def _memories(design: Description, process: ProcessText, target: Target) -> Cost:
    """The read-only memories beside a process, by formula."""
    return total(rom(memory.words, memory.bits, target) for memory in design.module(process.module).memories)
