"""RTL of pointwise regions: words of the bit-true model, in the cycles of the simulator, at every interval."""

from __future__ import annotations

import random
from collections.abc import Sequence
from pathlib import Path

import pytest

from inrarch.errors import UserError
from inrarch.hardware.kernels import Source, code_of
from inrarch.hardware.layout import parse_layout
from inrarch.resources import data_folder
from inrarch.tools import process, verilator
from tests.hardware import small_design
from tests.hardware.random_operators import FUNCTIONS, OPERATORS, RandomNodes, random_functions, random_operators
from tests.hardware.region_bench import Case, region_case
from tests.rtl_bench import Bench
from tests.targets import U50

ONE_OF_A_KIND = ("Sin", "Cos", "Softplus", "Exp", "Tanh", "Reciprocal")


def case(
    nodes: RandomNodes, *, interval: int = 1, lanes: int = 1, rows: int = 60, stalls: bool = False, invocations: int = 1
) -> Case:
    model, formats = nodes.built()
    return region_case(
        model,
        formats,
        lanes=lanes,
        interval=interval,
        rows=rows,
        seed=len(formats.tensors),
        stalls=stalls,
        field_bits=32,
        invocations=invocations,
    )


def chained(seed: int, operators: Sequence[str], *, features: int, inputs: int) -> RandomNodes:
    """Nodes that read each other's results."""
    nodes = RandomNodes(seed, features, inputs, chained=True)
    for operator in operators:
        nodes.add(operator)
    return nodes


def drawn(seed: int) -> Case:
    """A region of about ten nodes with whatever interval, lanes, rows and stalls the seed gives."""
    draw = random.Random(seed)
    lanes, tokens = draw.choice((1, 1, 2, 3)), draw.choice((1, 2, 3, 5))
    operators = [*draw.choices(OPERATORS, k=draw.randint(1, 10)), *draw.choices(FUNCTIONS, k=draw.randint(0, 3))]
    draw.shuffle(operators)
    nodes = chained(seed, operators, features=lanes * tokens, inputs=draw.randint(1, 3))
    invocations, stalls = draw.choice((1, 1, 2)), draw.random() < 0.6
    interval = 1 + seed % 8
    return case(nodes, interval=interval, lanes=lanes, rows=24 // tokens, stalls=stalls, invocations=invocations)


def run_all(folder: Path, cases: Sequence[Case]) -> None:
    words = [len(each.expected) for each in cases]
    assert sum(len(set(each.expected)) for each in cases) > sum(words) / 2
    found = Bench(folder).run([each.instance for each in cases])
    for each, what in zip(cases, found, strict=True):
        each.check(what)


def test_regions_equal_the_model_in_the_predicted_cycles(tmp_path: Path) -> None:
    cases = [
        case(random_operators(1, 24)),
        case(random_operators(2, 24), interval=3, stalls=True),
        case(random_functions(3, ONE_OF_A_KIND), stalls=True),
        case(
            chained(4, ("Mul", "Sin", "Add", "Cos", "Mul", "Mul", "Where"), features=6, inputs=2),
            interval=2,
            lanes=2,
            rows=5,
            stalls=True,
            invocations=2,
        ),
        case(chained(5, ("Mul", "Sub", "Where", "Mul"), features=3, inputs=1), lanes=3, invocations=2),
    ]
    run_all(tmp_path, cases)


@pytest.mark.parametrize("interval", [1, 3])
def test_modules_have_no_warnings(tmp_path: Path, interval: int) -> None:
    operators = (*OPERATORS, *ONE_OF_A_KIND, "Mul", "Mul")
    made = case(chained(6, operators, features=4, inputs=2), interval=interval, lanes=2, rows=3)
    assert made.instance.rtl.body is not None
    (tmp_path / "region.sv").write_text(made.instance.rtl.body.replace("@MODULE@", "region"))
    folders = [part for kernel in ("common", "pointwise") for part in ("-y", data_folder("kernel_lib") / kernel)]
    command = (verilator.TOOL.find(), "--lint-only", "-Wall", *folders, "--top-module", "region", "region.sv")
    assert "%Warning" not in process.run(command, name="verilator", cwd=tmp_path).output


def test_a_node_that_starts_before_its_operands_are_there_is_refused() -> None:
    graph, network = small_design.model(), small_design.network()
    schedule = {"interval": 1, "latency": 24, "starts": [0, 0, 17], "instances": [None] * 3}
    network["processes"][2]["parameters"] |= schedule
    layout = parse_layout(network)
    nodes = {str(node.name): node for node in graph.graph}
    source = Source("sine", layout, graph, nodes, small_design.number_formats(graph), U50)
    with pytest.raises(UserError) as caught:
        code_of("pointwise").rtl(layout.units[2], source)
    assert str(caught.value) == (
        "unit 'sine': node 'n_ds' starts in stage 17; expected stage 18 or later, when its operand 'c' is there"
    )


@pytest.mark.slow
@pytest.mark.parametrize("batch", range(10))
def test_random_regions(tmp_path: Path, batch: int) -> None:
    run_all(tmp_path, [drawn(20 * batch + number) for number in range(20)])


@pytest.mark.slow
@pytest.mark.parametrize("interval", [1, 2, 5, 8])
def test_random_operators(tmp_path: Path, interval: int) -> None:
    run_all(tmp_path, [case(random_operators(10 * interval + seed, 55), interval=interval) for seed in range(3)])


@pytest.mark.slow
@pytest.mark.parametrize("batch", range(6))
def test_random_functions(tmp_path: Path, batch: int) -> None:
    cases = [case(random_functions(2 * batch + seed, FUNCTIONS), interval=1 + seed, rows=400) for seed in range(2)]
    run_all(tmp_path, cases)
