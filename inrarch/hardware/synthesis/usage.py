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
from inrarch.hardware.synthesis.levels import Levels


def usage(design: Description, netlist: Netlist, network: Mapping[str, Any], target: Target) -> dict[str, Any]:
    """Resources of processes, streams and the whole, as `synth.schema.json` describes them.

    netlist: hierarchical, the memories of processes black boxes, whose resources are computed by
    `inrarch.dataflow.memories.rom`. network: network.json with the resources of the model. inner_registers: LUT and FF
    of the netlist that are not counted, as multiplier blocks have these registers.
    """
    costs = Costs(netlist)
    levels = Levels(netlist)
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
            "levels": levels.of_instance(design.top, f"u_{process.identifier}"),
        }
    for stream in design.streams:
        streams[stream.name] = asdict(costs.of_instance(design.top, f"fifo_{stream.identifier}"))
    parts = [Cost(**each[kind]) for each in processes.values() for kind in ("synthesised", "memories")]
    whole = total([*parts, *(Cost(**each) for each in streams.values())])
    inner = asdict(costs.inner_of(design.top))
    return {"total": asdict(whole), "inner_registers": inner, "processes": processes, "streams": streams}


def _memories(design: Description, process: ProcessText, target: Target) -> Cost:
    """The read-only memories beside a process, by formula."""
    return total(rom(memory.words, memory.bits, target) for memory in design.module(process.module).memories)
