"""From a checked configuration to dataclasses, and the checks beyond the schema with the full text of each error."""

from __future__ import annotations

import pytest

from inrarch.config.model import Constraints, Domain, Lanes
from tests.config.folder import Folder


def test_an_empty_project_has_the_defaults_of_the_schema(folder: Folder) -> None:
    variant = folder.variant("")
    assert variant.full_name == "p@default"
    assert variant.folder == folder.root / "projects/p"
    assert variant.model == folder.root / "projects/p/model.onnx"
    assert variant.board.name == "u50"
    assert variant.clock_mhz == 300
    assert variant.derivatives.wrt == ()
    assert variant.derivatives.order == 1
    assert variant.domain == Domain((-1.0,), (1.0,), None)
    assert variant.constraints == Constraints(0.8, 0.8, 0.8, 0.8, 0.8, None)
    assert variant.dataflow.pinned == ()
    assert variant.report.image == (64, 64)


def test_every_form_of_a_value_becomes_one_type(folder: Folder) -> None:
    folder.write("projects/p/points.npy", "")
    variant = folder.variant("""
derivatives: {wrt: x, order: 2.0, outputs: [y, y_d01], step: 1, max_coefficients: 7}
domain: {low: [0, -1], high: 1, samples_file: points.npy}
clock_mhz: 100
dataflow: {parallelism: {b: {inputs: 1, outputs: 2}, a: {inputs: 3, outputs: 4, coefficients: 2}}}
constraints: {dsp: 12.5%, bram: 100%, lut: 1, dsp_count: 12}
""")
    assert variant.derivatives.wrt == ("x",)
    assert (variant.derivatives.order, type(variant.derivatives.order)) == (2, int)
    assert variant.derivatives.outputs == ("y", "y_d01")
    assert (variant.derivatives.step, type(variant.derivatives.step)) == (1.0, float)
    assert variant.domain == Domain((0.0, -1.0), (1.0,), folder.root / "projects/p/points.npy")
    assert variant.clock_mhz == 100.0
    assert variant.dataflow.pinned == (("a", Lanes(3, 4, 2)), ("b", Lanes(1, 2)))
    assert variant.constraints == Constraints(0.125, 1.0, 0.8, 1.0, 0.8, 12)


def test_widths_are_numbers_or_auto(folder: Folder) -> None:
    numeric = folder.variant("").numeric
    assert (numeric.data_bits, numeric.weight_bits, numeric.guard_bits, numeric.factor_bits) == (24, 18, 2, "auto")
    assert (numeric.ranges, numeric.max_error) == ("calibration", None)
    numeric = folder.variant("""
numeric: {data_bits: auto, weight_bits: 16.0, guard_bits: auto, factor_bits: null, ranges: bounds}
constraints: {max_error: {1: 1e-3, 0: 1e-4, y_d0: 1}}
""").numeric
    assert (numeric.data_bits, numeric.weight_bits, numeric.guard_bits, numeric.factor_bits) == (
        "auto",
        16,
        "auto",
        None,
    )
    assert numeric.ranges == "bounds"
    assert numeric.max_error == (("0", 1e-4), ("1", 1e-3), ("y_d0", 1.0))
    assert folder.variant("constraints: {max_error: 1}").numeric.max_error == 1.0


def test_variants_are_hashable_values(folder: Folder) -> None:
    folder.project("")
    assert folder.loaded().variants[0] == folder.loaded().variants[0]
    assert len({folder.loaded().variants[0], folder.loaded().variants[0]}) == 1


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "model: modle.onnx\n",
            "projects/p/project.yaml:1:8: the model 'modle.onnx' does not exist; expected a file\n"
            "    1 | model: modle.onnx\n      |        ^\nhint: did you mean 'model.onnx'?",
        ),
        (
            "model: x\n",
            "projects/p/project.yaml:1:8: the model 'x' does not exist; expected a file\n"
            "    1 | model: x\n      |        ^\nhint: the folder has model.onnx",
        ),
        (
            "model: .\n",
            "projects/p/project.yaml:1:8: the model '.' is a folder; expected a file\n"
            "    1 | model: .\n      |        ^\nhint: the folder has model.onnx",
        ),
        (
            "model: /dev/null\n",
            "projects/p/project.yaml:1:8: the model '/dev/null' is not a plain file; expected a file\n"
            "    1 | model: /dev/null\n      |        ^\nhint: the folder has model.onnx",
        ),
        (
            "domain: {samples_file: points.npy}\n",
            "projects/p/project.yaml:1:24: the samples file 'points.npy' does not exist; expected a file\n"
            "    1 | domain: {samples_file: points.npy}\n      |                        ^\n"
            "hint: relative paths start at projects/p",
        ),
        (
            "derivatives: {parameters: [w], order: 2}\n",
            "projects/p/project.yaml:1:39: order 2 beside derivatives.parameters; expected order 1: one reverse sweep\n"
            "    1 | derivatives: {parameters: [w], order: 2}\n      |                                       ^\n"
            "hint: a gradient of derivatives by the coordinates has these as `outputs`: [y_laplacian]",
        ),
        (
            "derivatives: {by: vjp, order: 3}\n",
            "projects/p/project.yaml:1:31: order 3 beside derivatives.by: vjp; expected order 1: one reverse sweep\n"
            "    1 | derivatives: {by: vjp, order: 3}\n      |                               ^\n"
            "hint: a gradient of derivatives by the coordinates has these as `outputs`: [y_laplacian]",
        ),
        (
            "domain: {low: 1, high: 1}\n",
            "projects/p/project.yaml:1:24: coordinate 0 has the lower bound 1 and the upper bound 1; expected "
            "low < high\n    1 | domain: {low: 1, high: 1}\n      |                        ^",
        ),
        (
            "domain: {low: [0, 2]}\n",
            "projects/p/project.yaml:1:1: coordinate 1 has the lower bound 2 and the upper bound 1; expected "
            "low < high\n    1 | domain: {low: [0, 2]}\n      | ^",
        ),
        (
            "domain: {low: [0, 0], high: [1, 1, 1]}\n",
            "projects/p/project.yaml:1:29: domain.high has 3 bounds, domain.low has 2; expected one bound per "
            "coordinate in both\n    1 | domain: {low: [0, 0], high: [1, 1, 1]}\n      |                             ^",
        ),
        (
            "board: u55\n",
            "projects/p/project.yaml:1:8: unknown board 'u55'; expected one of kv260, pynq_z2, u280, u50, ulx3s_85f, "
            "zcu102\n    1 | board: u55\n      |        ^\nhint: did you mean 'u50'?",
        ),
        (
            "board: ../boards/u50\n",
            "projects/p/project.yaml:1:8: unknown board '../boards/u50'; expected one of kv260, pynq_z2, u280, u50, "
            "ulx3s_85f, zcu102\n    1 | board: ../boards/u50\n      |        ^",
        ),
        (
            "report: {image: [0, 64]}\n",
            "projects/p/project.yaml:1:17: report.image is 0 x 64 pixels; expected height and width, or [0, 0] for no "
            "pictures\n    1 | report: {image: [0, 64]}\n      |                 ^",
        ),
    ],
)
def test_what_a_schema_cannot_see_is_refused(text: str, message: str, folder: Folder) -> None:
    assert folder.error(text) == message


def test_a_project_without_a_model_is_told_where_to_put_it(folder: Folder) -> None:
    folder.write("projects/p/project.yaml", "board: u50\n")
    (broken,) = folder.load().broken
    assert broken.error.text() == (
        "projects/p/project.yaml:1:1: the model 'model.onnx' does not exist; expected a file\n"
        "    1 | board: u50\n      | ^\nhint: copy the trained network to projects/p/model.onnx"
    )


def test_all_errors_of_the_second_kind_come_at_once(folder: Folder) -> None:
    found = folder.error("model: x\nboard: u55\ndomain: {low: 3}\nreport: {image: [0, 1]}\n")
    assert found.count("projects/p/project.yaml:") == 4
