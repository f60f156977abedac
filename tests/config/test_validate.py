"""What the schemas refuse: the full text of each kind of error, all errors of a file, marked at key or value."""

from __future__ import annotations

from pathlib import Path

import pytest

from inrarch.config.validate import schema_errors, shown
from inrarch.config.yaml12 import parse_yaml


def texts(text: str, schema: str = "project") -> list[str]:
    return [error.text() for error in schema_errors(parse_yaml(text, Path("f.yaml")), schema)]


PROJECT_KEYS = (
    "description, model, derivatives, domain, numeric, board, clock_mhz, dataflow, fifo, constraints, verification, "
    "implementation, report, matrix"
)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "derivatives:\n  ordr: 2\n",
            "f.yaml:2:3: unknown key 'ordr' in derivatives; expected one of wrt, order, outputs, terms, coordinates, "
            "columns, direction, step, method, max_coefficients, parameters, by\n    2 |   ordr: 2\n      |   ^\n"
            "hint: did you mean 'order'?",
        ),
        (
            "order: 2\n",
            f"f.yaml:1:1: unknown key 'order'; expected one of {PROJECT_KEYS}\n    1 | order: 2\n      | ^\n"
            "hint: did you mean 'derivatives.order'?",
        ),
        (
            "rows: 2\n",
            f"f.yaml:1:1: unknown key 'rows'; expected one of {PROJECT_KEYS}\n    1 | rows: 2\n      | ^\n"
            "hint: did you mean 'dataflow.rows' or 'verification.rows' or 'verification.cosim.rows'?",
        ),
        (
            "Clock-MHz: 2\n",
            f"f.yaml:1:1: unknown key 'Clock-MHz'; expected one of {PROJECT_KEYS}\n    1 | Clock-MHz: 2\n      | ^\n"
            "hint: did you mean 'clock_mhz'?",
        ),
        (
            "derivatives: {order: 0}\n",
            "f.yaml:1:22: derivatives.order is 0; expected an integer of at least 1\n"
            "    1 | derivatives: {order: 0}\n      |                      ^",
        ),
        (
            "derivatives: {order: -1}\n",
            "f.yaml:1:22: derivatives.order is -1; expected an integer of at least 1\n"
            "    1 | derivatives: {order: -1}\n      |                      ^",
        ),
        (
            "derivatives: {method: tailor}\n",
            "f.yaml:1:23: derivatives.method is 'tailor'; expected 'auto' or 'taylor' or 'reverse' or 'mixed'\n"
            "    1 | derivatives: {method: tailor}\n      |                       ^\nhint: did you mean 'taylor'?",
        ),
        (
            "derivatives: {wrt: [x, x]}\n",
            "f.yaml:1:20: derivatives.wrt has an entry twice; expected each entry once\n"
            "    1 | derivatives: {wrt: [x, x]}\n      |                    ^",
        ),
        (
            "derivatives: {wrt: 3}\n",
            "f.yaml:1:20: derivatives.wrt is 3; expected a text or a list, each a text\n"
            "    1 | derivatives: {wrt: 3}\n      |                    ^",
        ),
        (
            "numeric: {data_bits: 2.5}\n",
            "f.yaml:1:22: numeric.data_bits is 2.5; expected an integer from 8 to 32 or 'auto'\n"
            "    1 | numeric: {data_bits: 2.5}\n      |                      ^",
        ),
        (
            "numeric: {weight_bits: Auto}\n",
            "f.yaml:1:24: numeric.weight_bits is 'Auto'; expected an integer from 4 to 27 or 'auto'\n"
            "    1 | numeric: {weight_bits: Auto}\n      |                        ^",
        ),
        (
            "numeric: {ranges: bound}\n",
            "f.yaml:1:19: numeric.ranges is 'bound'; expected 'calibration' or 'bounds'\n"
            "    1 | numeric: {ranges: bound}\n      |                   ^\nhint: did you mean 'bounds'?",
        ),
        (
            "constraints: {max_error: {0: -1e-3}}\n",
            "f.yaml:1:30: constraints.max_error.0 is -0.001; expected a number above 0\n"
            "    1 | constraints: {max_error: {0: -1e-3}}\n      |                              ^",
        ),
        (
            "constraints: {max_error: small}\n",
            "f.yaml:1:26: constraints.max_error is 'small'; expected a number above 0 or a mapping or null\n"
            "    1 | constraints: {max_error: small}\n      |                          ^",
        ),
        (
            "derivatives: {step: .nan}\n",
            "f.yaml:1:21: derivatives.step is .nan; expected a number above 0\n"
            "    1 | derivatives: {step: .nan}\n      |                     ^",
        ),
        (
            "domain: {low: -.inf}\n",
            "f.yaml:1:15: domain.low is -.inf; expected a number or a list of at least 1, each a number\n"
            "    1 | domain: {low: -.inf}\n      |               ^",
        ),
        (
            "clock_mhz: 0\n",
            "f.yaml:1:12: clock_mhz is 0; expected a number above 0 and of at most 2000 or null\n"
            "    1 | clock_mhz: 0\n      |            ^",
        ),
        (
            "constraints: {dsp: 80}\n",
            "f.yaml:1:20: constraints.dsp is 80; expected a number above 0 and of at most 1 or a text like '80%'\n"
            "    1 | constraints: {dsp: 80}\n      |                    ^",
        ),
        (
            "constraints: {ff: 101%}\n",
            "f.yaml:1:19: constraints.ff is '101%'; expected a number above 0 and of at most 1 or a text like '80%'\n"
            "    1 | constraints: {ff: 101%}\n      |                   ^",
        ),
        (
            "domain: {samples_file: points.csv}\n",
            "f.yaml:1:24: domain.samples_file is 'points.csv'; expected a text like 'samples.npy' or null\n"
            "    1 | domain: {samples_file: points.csv}\n      |                        ^",
        ),
        (
            "domain:\n",
            "f.yaml:1:8: domain is empty; expected a mapping with the keys low, high, samples_file\n"
            "    1 | domain:\n      |        ^",
        ),
        (
            "report: {image: [3]}\n",
            "f.yaml:1:17: report.image is a list of 1; expected a list of 2, each an integer from 0 to 4096\n"
            "    1 | report: {image: [3]}\n      |                 ^",
        ),
        (
            "report: {image: [64, x]}\n",
            "f.yaml:1:22: report.image[1] is 'x'; expected an integer from 0 to 4096\n"
            "    1 | report: {image: [64, x]}\n      |                      ^",
        ),
        (
            "dataflow: {parallelism: full}\n",
            "f.yaml:1:25: dataflow.parallelism is 'full'; expected 'auto' or a mapping\n"
            "    1 | dataflow: {parallelism: full}\n      |                         ^",
        ),
        (
            "dataflow: {parallelism: {l1: {inputs: 0, outputs: 2}}}\n",
            "f.yaml:1:39: dataflow.parallelism.l1.inputs is 0; expected an integer of at least 1\n"
            "    1 | dataflow: {parallelism: {l1: {inputs: 0, outputs: 2}}}\n"
            "      |                                       ^",
        ),
        (
            "dataflow: {parallelism: {l1: {inputs: 2}}}\n",
            "f.yaml:1:26: the key 'outputs' is missing in dataflow.parallelism.l1; expected outputs: an integer of at "
            "least 1\n    1 | dataflow: {parallelism: {l1: {inputs: 2}}}\n      |                          ^",
        ),
        (
            "matrix: {axes: {board: {a b: u50}}}\n",
            "f.yaml:1:25: 'a b' is not allowed as a name in matrix.axes.board; expected letters, digits and _.-, "
            "beginning with a letter or digit, like 'fast'\n    1 | matrix: {axes: {board: {a b: u50}}}\n"
            "      |                         ^",
        ),
        (
            "matrix: {exclude: [{}]}\n",
            "f.yaml:1:20: matrix.exclude[0] is an empty mapping; expected at least one entry\n"
            "    1 | matrix: {exclude: [{}]}\n      |                    ^",
        ),
        (
            "- 1\n",
            f"f.yaml:1:1: the file is a list of 1; expected a mapping with the keys {PROJECT_KEYS}\n"
            "    1 | - 1\n      | ^",
        ),
    ],
)
def test_what_the_project_schema_refuses(text: str, message: str) -> None:
    assert texts(text) == [message]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "jobs: 0\n",
            "f.yaml:1:7: jobs is 0; expected an integer from 1 to 1024\n    1 | jobs: 0\n      |       ^",
        ),
        (
            "jobs: all\n",
            "f.yaml:1:7: jobs is 'all'; expected 'auto' or an integer from 1 to 1024\n"
            "    1 | jobs: all\n      |       ^",
        ),
        (
            "boards: mine\n",
            "f.yaml:1:9: boards is 'mine'; expected a list, each a text\n    1 | boards: mine\n      |         ^",
        ),
        (
            "defaults: {matrix: {}}\n",
            "f.yaml:1:12: unknown key 'matrix' in defaults; expected one of "
            + PROJECT_KEYS.removesuffix(", matrix")
            + "\n    1 | defaults: {matrix: {}}\n      |            ^",
        ),
        (
            "numeric: {}\n",
            "f.yaml:1:1: unknown key 'numeric'; expected one of projects, build, store, boards, jobs, "
            "resources, stages, executor, second_build, tools, defaults\n"
            "    1 | numeric: {}\n      | ^\nhint: did you mean 'defaults.numeric'?",
        ),
    ],
)
def test_what_the_workspace_schema_refuses(text: str, message: str) -> None:
    assert texts(text, "workspace") == [message]


def test_all_errors_of_a_file_come_at_once_from_top_to_bottom() -> None:
    found = texts(
        "board: 3\nderivatives: {ordr: 1, step: 0}\nnumeric: {data_bits: x, weight_bits: true}\nclock: 3\nreport: 1\n"
    )
    assert [text.split(";")[0] for text in found] == [
        "f.yaml:1:8: board is 3",
        "f.yaml:2:15: unknown key 'ordr' in derivatives",
        "f.yaml:2:30: derivatives.step is 0",
        "f.yaml:3:22: numeric.data_bits is 'x'",
        "f.yaml:3:38: numeric.weight_bits is true",
        "f.yaml:4:1: unknown key 'clock'",
        "f.yaml:5:9: report is 1",
    ]


@pytest.mark.parametrize(
    "text",
    [
        "derivatives: {wrt: x, order: 2.0, step: 1e-3}",
        "verification: {rows: 4e3}",
        "constraints: {dsp: 1, bram: 100%, lut: '0.5%', ff: 12.5%}",
        "domain: {low: [0, -1], high: 1, samples_file: a/b.npz}",
        "dataflow: {parallelism: {'/net/Gemm 1': {inputs: 1, outputs: 2}}}",
        "{}",
    ],
)
def test_what_is_right_is_accepted(text: str) -> None:
    assert texts(text) == []


def test_values_are_shown_short() -> None:
    assert shown(None) == "empty"
    assert shown("x" * 100) == repr("x" * 60 + "...")
    assert shown([1, 2]) == "a list of 2"
    assert shown({}) == "a mapping"
    assert shown(1.5) == "1.5"
    assert shown(False) == "false"
