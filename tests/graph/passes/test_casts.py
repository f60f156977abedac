import pytest

from inrarch.graph.passes.casts import run
from tests.graph.passes.graphs import graph, lines, rewritten

F32, F64, I32, I64 = 1, 11, 6, 7


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"g (double[N,2] x) => (double[N,2] y) {{ a = Cast<to={F64}>(x) y = Sin(a) }}", "y = Sin(x)"),
        (
            f"g (float[N,2] x) => (float[N,2] y) {{ a = Cast<to={F64}>(x) b = Cast<to={F32}>(a) y = Sin(b) }}",
            "y = Sin(x)",
        ),
        (
            f"g (int32[N,2] x) => (double[N,2] y) {{ a = Cast<to={I64}>(x) y = Cast<to={F64}>(a) }}",
            "y = Cast(x)",
        ),
    ],
)
def test_casts_that_change_nothing_disappear(text: str, expected: str) -> None:
    assert rewritten(run, text) == [expected]


@pytest.mark.parametrize(
    "text",
    [
        f"g (double[N,2] x) => (double[N,2] y) {{ a = Cast<to={F32}>(x) y = Cast<to={F64}>(a) }}",
        f"g (int64[N,2] x) => (int64[N,2] y) {{ a = Cast<to={F64}>(x) y = Cast<to={I64}>(a) }}",
        f"g (int32[N,2] x) => (float[N,2] y) {{ a = Cast<to={I64}>(x) b = Neg(a) y = Cast<to={F32}>(b) }}",
    ],
    ids=["rounds", "large integers", "something between"],
)
def test_casts_that_lose_something_stay(text: str) -> None:
    model = graph(text)
    assert run(model) == 0
    assert lines(model) == lines(graph(text))
