"""Modules of kernel_lib/common: control keeps the chain of accesses, rounding is the model's, counters and memories."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pytest

from inrarch.dataflow.kernels.steps import evenly
from inrarch.numeric.arithmetic import round_shift, saturate
from inrarch.numeric.formats import Format
from tests.kernel_lib.traces import Signals, Traced, check


def _control(reads: int, writes: int, seed: int, cycles: int = 300) -> Traced:
    """Random accesses in random stages; the chain says when each of them happens, and so when it is offered."""
    draw = random.Random(seed)
    count = reads + writes
    share = draw.choice([0.2, 0.5, 0.9])
    able = [[draw.random() < share for _ in range(count)] for _ in range(cycles)]
    offered = [[False] * count for _ in range(cycles)]
    taken = [[False] * count for _ in range(cycles)]
    due_in: list[list[bool]] = [[False] * count]
    advances: list[bool] = [False]
    begin = 1  # of the stage; cycle 0 is the reset
    while True:
        due = [draw.random() < 0.6 for _ in range(count)]
        time, made = begin, {}
        for access in [access for access in range(count) if due[access]]:
            turn = time
            time = next((cycle for cycle in range(turn, cycles) if able[cycle][access]), cycles)
            for cycle in range(turn, min(time + 1, cycles)):
                offered[cycle][access] = True
            made[access] = time
        for cycle in range(begin, min(time + 1, cycles)):
            due_in.append(due)
            advances.append(cycle == time)
            for access, when in made.items():
                taken[cycle][access] = when < cycle
        if time >= cycles - 1:
            break
        begin = time + 1
    pack = _packed
    return Traced(
        "inrarch_control",
        {"READS": reads, "WRITES": writes},
        {"reset": 1, "read_due": reads, "write_due": writes, "in_valid": reads, "out_ready": writes},
        {"in_ready": reads, "out_valid": writes, "taken": reads, "advance": 1},
        [
            {
                "reset": cycle == 0,
                "read_due": pack(due_in[cycle][:reads]),
                "write_due": pack(due_in[cycle][reads:]),
                "in_valid": pack(able[cycle][:reads]),
                "out_ready": pack(able[cycle][reads:]),
            }
            for cycle in range(cycles)
        ],
        [{}]
        + [
            {
                "in_ready": pack(offered[cycle][:reads]),
                "out_valid": pack(offered[cycle][reads:]),
                "taken": pack(taken[cycle][:reads]),
                "advance": advances[cycle],
            }
            for cycle in range(1, cycles)
        ],
    )


def _packed(flags: list[bool]) -> int:
    return sum(flag << place for place, flag in enumerate(flags))


def test_control_keeps_the_chain_of_accesses(tmp_path: Path) -> None:
    shapes = [(1, 1), (2, 1), (1, 3), (3, 2), (5, 4)]
    check([_control(*shape, seed) for seed, shape in enumerate(shapes * 4)], tmp_path)


def _round(in_bits: int, shift: int, out_bits: int, seed: int) -> Traced:
    numbers = np.random.default_rng(seed)
    lowest, highest = -(1 << (in_bits - 1)), (1 << (in_bits - 1)) - 1
    values = numbers.integers(lowest, highest + 1, 60, dtype=np.int64)
    near = numbers.integers(-4, 5, 30, dtype=np.int64) + (1 << max(min(shift, in_bits) - 1, 0)) * numbers.integers(
        -3, 4
    )
    values = np.clip(np.concatenate([values, near, [lowest, highest, 0, -1]]), lowest, highest)
    expected = saturate(round_shift(values, shift), Format(out_bits, 0)).values
    return Traced(
        "inrarch_round",
        {"IN_BITS": in_bits, "SHIFT": shift, "OUT_BITS": out_bits},
        {"in": in_bits},
        {"out": out_bits},
        [{"in": value} for value in values.tolist()],
        [{"out": value} for value in expected.tolist()],
        clocked=False,
    )


def _roundings(count: int, seed: int) -> list[Traced]:
    draw = random.Random(seed)
    cases = []
    for number in range(count):
        in_bits = draw.choice([1, 2, 8, 24, 39, 45])
        shift = draw.choice([0, 1, draw.randint(-10, in_bits + 4), in_bits - 1, in_bits, in_bits + 1])
        cases.append(_round(in_bits, shift, draw.choice([1, 2, 8, 24, 32, 60]), number))
    return cases


def test_rounding_is_that_of_the_model(tmp_path: Path) -> None:
    check(_roundings(60, 1), tmp_path)


@pytest.mark.slow
def test_many_roundings(tmp_path: Path) -> None:
    check(_roundings(600, 2), tmp_path)


def _delay(module: str, bits: int, stages: int, seed: int) -> Traced:
    """What came `stages` enabled cycles earlier; with a reset, zeros before that."""
    draw = random.Random(seed)
    has_reset = module == "inrarch_delay_reset"
    line: list[int] = [0] * stages if has_reset else []
    stimulus: list[Signals] = [{"reset": 1}] if has_reset else []
    expected: list[Signals] = [{}] * len(stimulus)
    for _ in range(100):
        given: Signals = {"enable": draw.random() < 0.6, "in": draw.getrandbits(bits)}
        out = given["in"] if stages == 0 else line[-stages] if len(line) >= stages else None
        expected.append({} if out is None else {"out": out})
        stimulus.append(given)
        if given["enable"]:
            line.append(given["in"])
    inputs = {"enable": 1, "in": bits} | ({"reset": 1} if has_reset else {})
    return Traced(module, {"BITS": bits, "CYCLES": stages}, inputs, {"out": bits}, stimulus, expected)


def _rom(words: int, bits: int, style: int, folder: Path) -> Traced:
    draw = random.Random(words)
    content = [draw.getrandbits(bits) for _ in range(words)]
    name = f"rom{words}.hex"
    (folder / name).write_text("".join(f"{word:x}\n" for word in content), encoding="utf-8")
    data: Signals = {}
    stimulus, expected = [], []
    for _ in range(100):
        given: Signals = {"enable": draw.random() < 0.6, "address": draw.randrange(words)}
        stimulus.append(given)
        expected.append(data)
        if given["enable"]:
            data = {"data": content[given["address"]]}
    parameters = {"WORDS": words, "BITS": bits, "STYLE": style, "FILE": f'"{name}"'}
    inputs = {"enable": 1, "address": max((words - 1).bit_length(), 1)}
    return Traced("inrarch_rom", parameters, inputs, {"data": bits}, stimulus, expected)


def _buffer(words: int, bits: int, style: int) -> Traced:
    """A word is never read in the cycle in which it is written."""
    draw = random.Random(words * bits)
    content = [0] * words
    data: Signals = {}
    stimulus, expected = [], []
    for _ in range(100):
        given: Signals = {
            "enable": draw.random() < 0.6, "write": draw.random() < 0.5, "in": draw.getrandbits(bits),
            "write_place": draw.randrange(words), "read_place": draw.randrange(words),
        }  # fmt: skip
        if given["write_place"] == given["read_place"]:
            given["write"] = 0
        stimulus.append(given)
        expected.append(data)
        if given["enable"]:
            data = {"data": content[given["read_place"]]}
            if given["write"]:
                content[given["write_place"]] = given["in"]
    place = max((words - 1).bit_length(), 1)
    inputs = {"enable": 1, "write": 1, "write_place": place, "in": bits, "read_place": place}
    parameters = {"WORDS": words, "BITS": bits, "STYLE": style}
    return Traced("inrarch_buffer", parameters, inputs, {"data": bits}, stimulus, expected)


def _product(a_bits: int, b_bits: int, wide: int, narrow: int) -> Traced:
    """What the factors were three enabled cycles earlier."""
    draw = random.Random(a_bits * b_bits)
    products: list[int] = []
    stimulus, expected = [], []
    ends = [(-(1 << bits - 1), (1 << bits - 1) - 1, 0) for bits in (a_bits, b_bits)]
    for _ in range(200):
        a, b = (draw.choice(end) if draw.random() < 0.3 else draw.randrange(end[0], end[1] + 1) for end in ends)
        given: Signals = {"enable": draw.random() < 0.8, "a": a % (1 << a_bits), "b": b % (1 << b_bits)}
        stimulus.append(given)
        expected.append({"out": products[-3] % (1 << a_bits + b_bits)} if len(products) >= 3 else {})
        if given["enable"]:
            products.append(a * b)
    parameters = {"A_BITS": a_bits, "B_BITS": b_bits, "WIDE": wide, "NARROW": narrow}
    inputs = {"enable": 1, "a": a_bits, "b": b_bits}
    return Traced("inrarch_product", parameters, inputs, {"out": a_bits + b_bits}, stimulus, expected)


def _turns(period: int, events: int, seed: int) -> Traced:
    draw = random.Random(seed)
    due = evenly(events, period)
    stage, stimulus, expected = 0, [{"reset": 1}], [Signals()]
    for _ in range(200):
        given: Signals = {"advance": draw.random() < 0.7, "reset": draw.random() < 0.01}
        stimulus.append(given)
        expected.append({"due": bool(due[stage % period])})
        stage = 0 if given["reset"] else stage + given["advance"]
    parameters = {"PERIOD": period, "EVENTS": events}
    return Traced("inrarch_turns", parameters, {"reset": 1, "advance": 1}, {"due": 1}, stimulus, expected)


def _iterations(iterations: int, drain: int, seed: int) -> Traced:
    draw = random.Random(seed)
    period = iterations + drain
    stage, stimulus, expected = 0, [{"reset": 1}], [Signals()]
    for _ in range(200):
        given: Signals = {"advance": draw.random() < 0.7}
        stimulus.append(given)
        expected.append({"running": stage % period < iterations, "last": stage % period == period - 1})
        stage += given["advance"]
    parameters = {"ITERATIONS": iterations, "DRAIN": drain}
    outputs = {"running": 1, "last": 1}
    return Traced("inrarch_iterations", parameters, {"reset": 1, "advance": 1}, outputs, stimulus, expected)


def test_delays_memories_and_counters(tmp_path: Path) -> None:
    delays = [_delay("inrarch_delay", bits, stages, stages) for bits in (1, 9) for stages in (0, 1, 2, 5)]
    delays += [_delay("inrarch_delay_reset", bits, stages, stages) for bits in (1, 9) for stages in (1, 2, 5)]
    roms = [_rom(words, bits, style, tmp_path) for words, bits, style in ((1, 8, 0), (2, 70, 1), (100, 13, 2))]
    turns = [_turns(period, events, period) for period, events in ((1, 1), (5, 2), (7, 7), (8, 1), (12, 9))]
    counters = [_iterations(*shape, 3) for shape in ((1, 0), (1, 1), (4, 0), (5, 3), (1, 6), (8, 8))]
    buffers = [_buffer(words, bits, style) for words, bits, style in ((2, 8, 0), (5, 30, 1), (64, 70, 2), (9, 3, 3))]
    check([*delays, *roms, *buffers, *turns, *counters], tmp_path)


def test_products(tmp_path: Path) -> None:
    few = [(1, 1), (1, 2), (2, 1), (2, 2), (1, 9), (9, 2), (2, 24), (40, 2), (3, 3)]
    sizes = [*few, (18, 18), (24, 18), (18, 25), (24, 24), (27, 24), (32, 32), (5, 36)]
    check([_product(*size, *shape) for size in sizes for shape in ((27, 18), (18, 18))], tmp_path)
