"""The pruned SIREN: its zeros, and the picture that is left."""

from __future__ import annotations

import numpy as np

from tests.projects.example import model, psnr_of_picture


def test_three_quarters_of_the_weights_between_hidden_layers_are_zero() -> None:
    arrays = [value.const_value.numpy() for value in model("siren_pruned").graph.initializers.values()]
    hidden = [array for array in arrays if array.shape == (128, 128)]
    assert [np.count_nonzero(array) / array.size for array in hidden] == [0.25] * 3
    assert all(np.all(array) for array in arrays if array.ndim == 2 and array.shape != (128, 128))


def test_no_neuron_is_cut_off() -> None:
    arrays = [value.const_value.numpy() for value in model("siren_pruned").graph.initializers.values()]
    for array in arrays:
        if array.ndim == 2:
            assert (array != 0).any(axis=0).all()
            assert (array != 0).any(axis=1).all()


def test_it_shows_its_picture_above_35_db() -> None:
    assert psnr_of_picture("siren_pruned") > 35  # its README says 36.4
