"""Matrix expansion: order of the steps, names, and the full text of every error."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inrarch.config.matrix import expand_matrix, label
from inrarch.config.tree import Tree
from tests.config.folder import Folder


def names(text: str, folder: Folder) -> list[str]:
    folder.project(text)
    return [variant.name for variant in folder.loaded().variants]


def test_a_project_without_a_matrix_has_one_variant(folder: Folder) -> None:
    assert names("board: u50\n", folder) == ["default"]
    assert names("matrix: {}\n", folder) == ["default"]


def test_axes_are_multiplied_in_their_order(folder: Folder) -> None:
    text = "matrix: {axes: {board: [u50, u280], derivatives.order: [1, 2]}}"
    assert names(text, folder) == ["u50-order1", "u50-order2", "u280-order1", "u280-order2"]
    variant = folder.loaded().variants[3]
    assert (variant.board.name, variant.derivatives.order) == ("u280", 2)
    assert variant.full_name == "p@u280-order2"


def test_points_of_an_axis_can_be_named_and_change_whole_sections(folder: Folder) -> None:
    text = """
numeric: {guard_bits: 3, data_bits: 20}
matrix:
  axes:
    numeric: {fine: {data_bits: 27, weight_bits: 24}, coarse: {data_bits: 16}}
"""
    assert names(text, folder) == ["fine", "coarse"]
    fine, coarse = (variant.numeric for variant in folder.loaded().variants)
    assert (fine.data_bits, fine.weight_bits, fine.guard_bits) == (27, 24, 3)
    assert (coarse.data_bits, coarse.weight_bits, coarse.guard_bits) == (16, 18, 3)


def test_exclude_add_and_when_apply_in_this_order(folder: Folder) -> None:
    text = """
matrix:
  axes:
    board: [u50, u280]
    derivatives.order: {gradient: 1, hessian: 2}
  exclude:
    - {board: u280, derivatives.order: hessian}
    - {board: u280, derivatives.order: 2}
  add:
    - {board: u280, derivatives.order: 3, clock_mhz: 250}
    - {board: zcu102, derivatives.order: 2}
  when:
    - match: {board: u280}
      set: {verification.tolerance: 0.5, dataflow.rows: 8}
    - match: {derivatives.order: 3}
      set: {verification.tolerance: 0.25}
"""
    assert names(text, folder) == [
        "u50-gradient",
        "u50-hessian",
        "u280-gradient",
        "u280-order3-clock_mhz250",
        "zcu102-hessian",
    ]
    variants = folder.loaded().variants
    assert [variant.verification.tolerance for variant in variants] == [0.01, 0.01, 0.5, 0.25, 0.01]
    assert [variant.dataflow.rows for variant in variants] == [64, 64, 8, 8, 64]
    assert [variant.clock_mhz for variant in variants] == [300, 300, 300, 250, 300]


def test_points_can_be_added_without_axes(folder: Folder) -> None:
    assert names("matrix: {add: [{board: u50}, {board: u280, derivatives.order: 2}]}", folder) == ["u50", "u280-order2"]


def test_lanes_of_a_unit_can_be_an_axis(folder: Folder) -> None:
    text = """
dataflow: {parallelism: {l1: {inputs: 2, outputs: 2}}}
matrix: {axes: {dataflow.parallelism.l1.inputs: [2, 4]}}
"""
    assert names(text, folder) == ["inputs2", "inputs4"]
    assert [variant.dataflow.pinned[0][1].inputs for variant in folder.loaded().variants] == [2, 4]


@pytest.mark.parametrize(
    ("key", "value", "text"),
    [
        ("board", "u50", "u50"),
        ("derivatives.order", 2, "order2"),
        ("derivatives.step", 1e-3, "step0.001"),
        ("domain.low", -1, "low-1"),
        ("constraints.dsp", "80%", "dsp80"),
        ("constraints.dsp_count", None, "dsp_countnone"),
        ("report.image", [64, 32], "image64_32"),
        ("derivatives.wrt", ["x", "t"], "x_t"),
        ("model", "nets/big net.onnx", "nets_big_net.onnx"),
        ("model", "../net.onnx", "model.._net.onnx"),
        ("numeric", {"data_bits": 3}, None),
        ("domain.low", [[1], 2], None),
        ("model", "x" * 50, None),
        ("derivatives.outputs", [], "outputs"),
    ],
)
def test_labels_of_values(key: str, value: object, text: str | None) -> None:
    assert label(key, value) == text


@given(
    st.dictionaries(
        st.sampled_from(["board", "derivatives.order", "numeric.data_bits", "clock_mhz"]),
        st.lists(st.integers(1, 99), min_size=1, max_size=3, unique=True),
        min_size=1,
    )
)
def test_the_variants_of_axes_are_their_product_with_different_names(axes: dict[str, list[int]]) -> None:
    value = {"matrix": {"axes": axes}}
    found = expand_matrix(Tree(value, {}))
    assert len(found) == len(list(product(*axes.values())))
    for config in found.values():
        assert "matrix" not in config.value


@pytest.mark.parametrize(
    ("matrix", "message"),
    [
        (
            "axes: {bord: [u50]}",
            "projects/p/project.yaml:1:17: unknown configuration key 'bord'; expected a key of project.yaml in dotted "
            "form, like derivatives.order\n{excerpt}\nhint: did you mean 'board'?",
        ),
        (
            "axes: {order: [1]}",
            "projects/p/project.yaml:1:17: unknown configuration key 'order'; expected a key of project.yaml in dotted "
            "form, like derivatives.order\n{excerpt}\nhint: did you mean 'derivatives.order'?",
        ),
        (
            "axes: {matrix.axes: [1]}",
            "projects/p/project.yaml:1:17: unknown configuration key 'matrix.axes'; expected a key of project.yaml in "
            "dotted form, like derivatives.order\n{excerpt}",
        ),
        (
            "axes: {board: [u50, u50]}",
            "projects/p/project.yaml:1:30: the axis 'board' has two points of the name 'u50'; expected different "
            "points\n{excerpt}\nhint: give the points of an axis names: `board: {{name: value, other: value}}`",
        ),
        (
            "axes: {numeric: [{data_bits: 3}]}",
            "projects/p/project.yaml:1:27: no name can be made from this value of 'numeric'; expected a short value or "
            "a named one\n{excerpt}\nhint: give the points of an axis names: `numeric: {{name: value, other: value}}`",
        ),
        (
            "axes: {board: [u50, u280]}, exclude: [{board: u51}]",
            "projects/p/project.yaml:1:56: no variant has board = 'u51', so matrix.exclude[0] matches nothing; "
            "expected one of u50, u280\n{excerpt}\nhint: did you mean 'u50'?",
        ),
        (
            "axes: {board: [u50]}, exclude: [{derivatives.order: 1}]",
            "projects/p/project.yaml:1:43: 'derivatives.order' is no axis of the matrix; expected one of board\n"
            "{excerpt}",
        ),
        (
            "axes: {board: [u50]}, exclude: [{board: u50}]",
            "projects/p/project.yaml:1:41: every variant is excluded; expected at least one that is left\n{excerpt}",
        ),
        (
            "axes: {board: [u50]}, add: [{clock_mhz: 100}]",
            "projects/p/project.yaml:1:38: matrix.add[0] gives no value to board; expected a value for every axis\n"
            "{excerpt}",
        ),
        (
            "axes: {board: [u50]}, add: [{board: u50}]",
            "projects/p/project.yaml:1:38: two variants have the name 'u50'; expected different names\n{excerpt}\n"
            "hint: remove one of them, or give the values of an axis names of your own",
        ),
        (
            "axes: {board: [u50]}, when: [{match: {board: u50}, set: {board: u280}}]",
            "projects/p/project.yaml:1:67: 'board' is an axis, so the name of the variant would be wrong; expected a "
            "key that is not an axis\n{excerpt}",
        ),
        (
            "axes: {numeric: {a: {data_bits: 20}}, numeric.data_bits: [18, 20]}",
            "projects/p/project.yaml:1:48: the axes 'numeric' and 'numeric.data_bits' both set numeric.data_bits; "
            "expected axes that set different keys\n{excerpt}",
        ),
        (
            "axes: {dataflow.parallelism.n: {b: {inputs: 1, outputs: 2}}, dataflow: {a: {parallelism: auto}}}",
            "projects/p/project.yaml:1:17: the axes 'dataflow' and 'dataflow.parallelism.n' both set "
            "dataflow.parallelism.n; expected axes that set different keys\n{excerpt}",
        ),
        (
            "axes: {numeric: {a: {data_bits: 20}}}, add: [{numeric: a, numeric.data_bits: 18}]",
            "projects/p/project.yaml:1:68: 'numeric' and 'numeric.data_bits' both set numeric.data_bits; expected keys "
            "that do not overlap\n{excerpt}",
        ),
        (
            "axes: {numeric.data_bits: [9]}, when: [{match: {numeric.data_bits: 9}, set: {numeric: {data_bits: 20}}}]",
            "projects/p/project.yaml:1:87: 'numeric.data_bits' is an axis, so the name of the variant would be wrong; "
            "expected a key that is not an axis\n{excerpt}",
        ),
        (
            "axes: {board: [u50]}, when: [{match: {board: u50}, set: {clock: 280}}]",
            "projects/p/project.yaml:1:67: unknown configuration key 'clock'; expected a key of project.yaml in dotted "
            "form, like derivatives.order\n{excerpt}\nhint: did you mean 'clock_mhz'?",
        ),
        (
            "when: [{match: {board: u50}, set: {clock_mhz: 280}}]",
            "projects/p/project.yaml:1:26: 'board' is no axis of the matrix; expected one of (there are none)\n"
            "{excerpt}",
        ),
    ],
)
def test_what_is_wrong_with_a_matrix(matrix: str, message: str, folder: Folder) -> None:
    text = f"matrix: {{{matrix}}}\n"
    found = folder.error(text)
    column = int(found.split(":")[2])
    excerpt = f"    1 | {text.rstrip()}\n      | {' ' * (column - 1)}^"
    assert found == message.format(excerpt=excerpt)


def test_axes_and_settings_may_speak_of_different_keys_of_one_section(folder: Folder) -> None:
    folder.project(
        "matrix: {axes: {numeric: {wide: {weight_bits: 20}}, numeric.data_bits: [18, 20]}, "
        "add: [{numeric: wide, numeric.data_bits: 22}]}"
    )
    variants = folder.loaded().variants
    assert [each.numeric.data_bits for each in variants] == [18, 20, 22]
    assert {each.numeric.weight_bits for each in variants} == {20}
    folder.project(
        "matrix: {axes: {numeric.data_bits: [18, 20]}, "
        "when: [{match: {numeric.data_bits: 20}, set: {numeric: {guard_bits: 3}}}]}"
    )
    assert [(each.numeric.data_bits, each.numeric.guard_bits) for each in folder.loaded().variants][1] == (20, 3)


def test_values_that_never_occur_together_match_nothing(folder: Folder) -> None:
    found = folder.error("""
matrix:
  axes: {board: [u50, u280], derivatives.order: [1, 2]}
  exclude:
    - {board: u50, derivatives.order: 2}
  when:
    - match: {board: u50, derivatives.order: 2}
      set: {clock_mhz: 100}
""")
    assert found == (
        "projects/p/project.yaml:7:14: matrix.when[0].match matches nothing; expected values that some variant has "
        "together\n    7 |     - match: {board: u50, derivatives.order: 2}\n      |              ^\n"
        "hint: the nearest variant is 'u50-order1'"
    )


def test_an_axis_is_not_set_behind_its_name(folder: Folder) -> None:
    found = folder.error("""
matrix:
  axes: {numeric.data_bits: [16, 20], board: [u50]}
  when:
    - match: {board: u50}
      set: {numeric: {guard_bits: 1, data_bits: 30}}
""")
    assert "'numeric.data_bits' is an axis, so the name of the variant would be wrong" in found
    assert found.startswith("projects/p/project.yaml:6:13: ")


def test_any_key_can_be_an_axis_parallelism_formats_constraints_and_lists_too(folder: Folder) -> None:
    text = """
matrix:
  axes:
    dataflow.parallelism:
      auto: auto
      wide: {l1: {inputs: 2, outputs: 4}}
    numeric.data_bits: [16, 24]
    constraints.dsp: [80%, 0.5]
    constraints.dsp_count: [null, 100]
    report.image: [[8, 8], [0, 0]]
"""
    found = names(text, folder)
    assert len(found) == 32
    assert found[0] == "auto-data_bits16-dsp80-dsp_countnone-image8_8"
    assert found[-1] == "wide-data_bits24-dsp0.5-dsp_count100-image0_0"
    last = folder.loaded().variants[-1]
    assert last.dataflow.pinned[0][1].outputs == 4
    assert (last.numeric.data_bits, last.constraints.dsp, last.constraints.dsp_count) == (24, 0.5, 100)
    assert last.report.image == (0, 0)


def test_a_name_that_is_too_long_for_a_folder_is_refused(folder: Folder) -> None:
    label = "a" * 39
    axes = ", ".join(
        f"{key}: {{{label}{index}: 8}}" for index, key in enumerate(["dataflow.rows", "verification.rows"])
    )
    assert len(names(f"matrix: {{axes: {{{axes}}}}}", folder)[0]) == 81
    more = f"{axes}, numeric.calibration_samples: {{{label}x: 99}}"
    found = folder.error(f"matrix: {{axes: {{{more}}}}}")
    assert "the name of a variant has 122 characters: 'aaaa" in found
    assert "; expected at most 120\n" in found
    assert "hint: give the values of the axes short names of your own: `key: {name: value, other: value}`" in found


def test_an_entry_that_excludes_what_another_excludes_too_is_no_error(folder: Folder) -> None:
    text = "matrix: {axes: {board: [u50, u280]}, exclude: [{board: u50}, {board: u50}]}"
    assert names(text, folder) == ["u280"]


def test_too_many_variants_are_refused_before_they_are_made(folder: Folder) -> None:
    numbers = list(range(1, 201))
    found = folder.error(f"matrix: {{axes: {{dataflow.rows: {numbers}, verification.rows: {numbers}}}}}")
    assert "the axes make 40,000 variants; expected at most 10,000" in found


def test_a_value_that_the_schema_refuses_is_marked_in_the_matrix_once(folder: Folder) -> None:
    found = folder.error("""
matrix:
  axes:
    board: [u50, u280]
    derivatives.order: [1, 0]
  when:
    - match: {board: u50}
      set: {numeric.data_bits: 99}
""")
    assert found == (
        "projects/p/project.yaml:8:32: numeric.data_bits is 99; expected an integer from 8 to 32\n"
        "    8 |       set: {numeric.data_bits: 99}\n      |                                ^\n"
        "projects/p/project.yaml:5:28: derivatives.order is 0; expected an integer of at least 1\n"
        "    5 |     derivatives.order: [1, 0]\n      |                            ^"
    )
