"""An independent simulator for tests: one cycle after the other, FIFOs as counters, nothing shared with the package."""

from __future__ import annotations

from typing import Any


def unroll(items: list[dict[str, Any]], start: int, program: bool) -> list[tuple[int, str, str]]:
    """(stage, read|write, stream) of every access, as listed, or (program) each body ordered by `at`."""
    result = []
    for item in sorted(items, key=lambda each: each["at"]) if program else items:
        if "repeat" in item:
            for iteration in range(item["repeat"]):
                result += unroll(item["body"], start + item["at"] + iteration * item["every"], program)
        else:
            kind = "read" if "read" in item else "write"
            result.append((start + item["at"], kind, item[kind]))
    return result


def simulate(
    network: dict[str, Any],
    depths: dict[str, int] | None,
    stuck: dict[str, tuple[str, str, int]] | None = None,
    until: int | None = None,
) -> dict[str, Any] | None:
    """Cycles, finish per process, high water, waits; None where the network deadlocks. DESIGN.md 7, read literally.

    stuck: in a deadlock, gets for each waiting process the access that does not happen: kind, stream, number from 1.
    until: None, too, where there are accesses from this cycle on.
    """
    streams = {each["name"]: each for each in network["streams"]}
    chains = {}
    for process in network["processes"]:
        accesses = unroll(process["schedule"], 0, program=False)
        chains[process["name"]] = sorted(accesses, key=lambda access: (access[0], access[1] == "write"))
    position = dict.fromkeys(chains, 0)
    last = dict.fromkeys(chains, (-1, -1))  # (time, stage) of the last access
    write_times: dict[str, list[int]] = {name: [] for name in streams}
    read_times: dict[str, list[int]] = {name: [] for name in streams}
    held = dict.fromkeys(streams, 0)
    waits: dict[tuple[str, str], int] = {}
    longest = max((access[0] for chain in chains.values() for access in chain), default=0)
    patience = longest + 5 + max((each.get("latency", 2) for each in streams.values()), default=2)
    idle = cycle = 0
    while any(position[name] < len(chain) for name, chain in chains.items()):
        if cycle == until:
            return None
        moved = False
        again = True
        gone = {name: len(times) for name, times in read_times.items()}  # read in cycles before this one
        while again:  # accesses within a cycle may enable each other where a stream has no latency
            again = False
            for name, chain in chains.items():
                while position[name] < len(chain):
                    stage, kind, stream = chain[position[name]]
                    time, previous = last[name]
                    if cycle < time + (stage - previous):
                        break
                    depth = None if depths is None else depths[stream]
                    writes, reads = write_times[stream], read_times[stream]
                    if kind == "read":
                        raw = streams[stream].get("latency", 1 if depth is not None and depth <= 2 else 2)
                        if len(reads) >= len(writes) or cycle < writes[len(reads)] + raw:
                            break
                        reads.append(cycle)
                    else:
                        if depth is not None and len(writes) >= depth:
                            freed = len(writes) - depth
                            if freed >= len(reads) or cycle < reads[freed] + 1:
                                break
                        writes.append(cycle)
                    waited = cycle - (time + stage - previous)
                    if waited:
                        waits[name, stream] = waits.get((name, stream), 0) + waited
                    last[name] = (cycle, stage)
                    position[name] += 1
                    moved = again = True
        for stream in streams:
            held[stream] = max(held[stream], len(write_times[stream]) - gone[stream])
        idle = 0 if moved else idle + 1
        if idle > patience:
            for name, chain in chains.items():
                if stuck is not None and position[name] < len(chain):
                    _, kind, stream = chain[position[name]]
                    stuck[name] = (kind, stream, 1 + len((read_times if kind == "read" else write_times)[stream]))
            return None
        cycle += 1
    finish = {}
    for process in network["processes"]:
        time, stage = last[process["name"]]
        finish[process["name"]] = 1 + time + max(0, process.get("end", stage) - stage)
    return {"cycles": max(finish.values(), default=0), "finish": finish, "high_water": held, "waits": waits}


def deadlocks_in_program_order(network: dict[str, Any], depths: dict[str, int]) -> bool:
    """Whether processes that make one access after the other, unpipelined, stand still before the end."""
    chains = {each["name"]: unroll(each["schedule"], 0, program=True) for each in network["processes"]}
    fill = dict.fromkeys(depths, 0)
    moved = True
    while moved:
        moved = False
        for chain in chains.values():
            while chain:
                _, kind, stream = chain[0]
                if (kind == "read" and fill[stream] == 0) or (kind == "write" and fill[stream] == depths[stream]):
                    break
                fill[stream] += 1 if kind == "write" else -1
                del chain[0]
                moved = True
    return any(chains.values())
