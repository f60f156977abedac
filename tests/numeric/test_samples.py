import numpy as np
import onnx_ir as ir
import pytest
from onnx import helper

from inrarch.errors import UserError
from inrarch.graph.load import load_model
from inrarch.numeric.samples import (
    box_samples,
    chunk_rows,
    chunks,
    coordinate_count,
    file_samples,
    split_samples,
    to_feeds,
)
from tests.models import build_model, siren


def model_with(inputs):
    nodes = [helper.make_node("Sin", [name], [f"{name}_sin"]) for name in inputs]
    return load_model(build_model(nodes, inputs, {f"{name}_sin": shape for name, shape in inputs.items()}))


def test_box_samples_stay_in_the_box_and_begin_with_its_corners():
    samples = box_samples((-1.0, 0.0), (1.0, 5.0), 2, 100, 3, corners=True)
    assert samples.shape == (100, 2)
    assert samples[:4].tolist() == [[-1, 0], [-1, 5], [1, 0], [1, 5]]
    assert (samples >= [-1, 0]).all()
    assert (samples <= [1, 5]).all()


def test_one_bound_serves_all_coordinates_and_the_seed_decides():
    first = box_samples((-2.0,), (2.0,), 3, 50, (0, 1), corners=False)
    assert np.array_equal(first, box_samples((-2.0,), (2.0,), 3, 50, (0, 1), corners=False))
    assert not np.array_equal(first, box_samples((-2.0,), (2.0,), 3, 50, (0, 2), corners=False))


def test_corners_are_left_out_where_they_do_not_fit():
    assert box_samples((0.0,), (1.0,), 20, 8, 0, corners=True).shape == (8, 20)


def test_wrong_number_of_bounds_is_an_error():
    with pytest.raises(UserError) as error:
        box_samples((-1.0, -1.0), (1.0,), 3, 10, 0, corners=True)
    assert str(error.value) == "domain.low: 2 bounds; expected 3, one per coordinate, or one number for all"


def test_bounds_out_of_order_are_an_error():
    with pytest.raises(UserError) as error:
        box_samples((1.0,), (1.0,), 2, 10, 0, corners=True)
    assert str(error.value) == "domain: coordinate 0 runs from 1 to 1; expected finite bounds with low < high"


def test_samples_come_from_npy_and_npz(tmp_path):
    rows = np.arange(6, dtype=np.float32).reshape(3, 2)
    np.save(tmp_path / "s.npy", rows)
    np.savez(tmp_path / "s.npz", anything=rows)
    for name in ("s.npy", "s.npz"):
        assert np.array_equal(file_samples(tmp_path / name, 2), rows)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (
            np.zeros((4, 3)),
            "found an array of shape (4, 3); expected (samples, 2): one column per coordinate of the model",
        ),
        (np.zeros(4), "found an array of shape (4,); expected (samples, 2): one column per coordinate of the model"),
        (
            np.zeros((0, 2)),
            "found an array of shape (0, 2); expected (samples, 2): one column per coordinate of the model",
        ),
        (np.array([[0, 1], [2, np.nan]]), "found nan in row 1, column 1; expected finite numbers"),
        (np.array([[np.inf, 1.0]]), "found inf in row 0, column 0; expected finite numbers"),
        (np.array([["a", "b"]]), "found an array of <U1; expected numbers"),
    ],
)
def test_bad_arrays_say_what_was_found_and_expected(tmp_path, content, message):
    path = tmp_path / "samples.npy"
    np.save(path, content)
    with pytest.raises(UserError) as error:
        file_samples(path, 2)
    assert str(error.value) == f"{path}: {message}"


def test_a_missing_file_another_format_and_several_arrays_are_errors(tmp_path):
    missing, text, many = tmp_path / "a.npy", tmp_path / "b.npy", tmp_path / "c.npz"
    text.write_text("1 2 3")
    np.savez(many, first=np.zeros((1, 2)), second=np.zeros((1, 2)))
    for path, message in (
        (missing, "there is no such file; expected samples as .npy or .npz"),
        (text, "not a numpy array; expected samples as .npy or .npz"),
        (many, "found the arrays ['first', 'second']; expected exactly one array"),
    ):
        with pytest.raises(UserError) as error:
            file_samples(path, 2)
        assert str(error.value) == f"{path}: {message}"


def test_every_fifth_row_of_a_file_is_held_back():
    calibration, held_back = split_samples(np.arange(12.0)[:, None], "s.npy")
    assert held_back.ravel().tolist() == [4, 9]
    assert calibration.ravel().tolist() == [0, 1, 2, 3, 5, 6, 7, 8, 10, 11]


def test_coordinates_count_through_the_inputs():
    model = model_with({"a": ["N", 2], "b": ["N", 3]})
    samples = np.arange(10.0).reshape(2, 5)
    feeds = to_feeds(model, samples)
    assert coordinate_count(model) == 5
    assert np.array_equal(feeds["a"], samples[:, :2])
    assert np.array_equal(feeds["b"], samples[:, 2:])


def test_axes_between_batch_and_coordinates_and_a_fixed_batch_are_filled_with_rows():
    samples = np.arange(14.0).reshape(7, 2)
    feeds = to_feeds(model_with({"a": ["N", 3, 2]}), samples)
    assert feeds["a"].shape == (3, 3, 2)
    assert np.array_equal(feeds["a"].reshape(-1, 2)[:8], samples[[0, 1, 2, 3, 4, 5, 6, 0]])
    model = model_with({"a": [4, 2]})
    assert to_feeds(model, samples)["a"].shape == (8, 2)
    assert [part["a"].shape for part in chunks(model, to_feeds(model, samples))] == [(4, 2), (4, 2)]


def test_chunks_bound_the_memory_and_lose_no_row():
    model = load_model(siren((2, 256, 256, 3)))
    step = chunk_rows(model)
    samples = np.random.default_rng(0).uniform(size=(2 * step + 5, 2))
    parts = list(chunks(model, {"x": samples}))
    assert [len(part["x"]) for part in parts] == [step, step, 5]
    assert step * (2 * 3 * 256 + 3) <= 8_000_000
    assert np.array_equal(np.concatenate([part["x"] for part in parts]), samples)


def test_inputs_of_different_length_are_an_error():
    model = model_with({"a": ["N", 2], "b": ["N", 3]})
    with pytest.raises(UserError) as error:
        list(chunks(model, {"a": np.zeros((3, 2)), "b": np.zeros((4, 3))}))
    assert str(error.value) == "inputs with different numbers of rows: [3, 4]; expected the same for all inputs"


def test_an_input_without_batch_or_without_fixed_coordinates_is_an_error():
    with pytest.raises(UserError) as error:
        to_feeds(model_with({"a": [2]}), np.zeros((3, 2)))
    assert str(error.value) == "input 'a' has no batch axis; expected shape [batch, ..., coordinates]"
    model = model_with({"a": ["N", 2]})
    model.graph.inputs[0].shape = ir.Shape(["N", "d"])
    with pytest.raises(UserError) as error:
        coordinate_count(model)
    assert str(error.value) == (
        "the last axis of input 'a' has no fixed size; expected a model whose coordinates are its last axis"
    )
