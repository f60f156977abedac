from __future__ import annotations

import pytest

from inrarch.output import give_up_output


@pytest.mark.parametrize(
    "error",
    [
        FileNotFoundError(2, "No such file or directory"),
        OSError(28, "No space left on device", "model.onnx"),
        OSError(),
    ],
)
def test_an_error_of_anything_but_the_output_is_not_hidden(error: OSError) -> None:
    with pytest.raises(OSError) as caught:
        give_up_output(error)
    assert caught.value is error
