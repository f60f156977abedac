"""What is wrong with a network file is said by the name of the stream, with counts and processes."""

from __future__ import annotations

from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from inrarch.errors import UserError
from inrarch.fifo.depths import read_depths
from inrarch.fifo.load import load, parse
from tests.fifo.test_simulate import reconvergent


def message(network: Any) -> str:
    with pytest.raises(UserError) as error:
        parse(network)
    return error.value.text()


def changed(**changes: Any) -> dict[str, Any]:
    network = deepcopy(reconvergent(delay=4))
    for path, value in changes.items():
        target: Any = network
        *parents, last = path.split("__")
        for key in parents:
            target = target[int(key) if key.isdigit() else key]
        target[int(last) if last.isdigit() else last] = value
    return network


def test_counts_that_differ_are_an_error_with_both_processes() -> None:
    assert message(changed(processes__1__schedule__0__repeat=63)) == (
        "network: stream 'long' is written 64 times by process 'fork' and read 63 times by process 'work'; "
        "expected as many reads as writes"
    )


def test_a_stream_without_a_reader_is_an_error() -> None:
    assert message(changed(processes__2__schedule=[])) == (
        "network: stream 'short' is read by no process; expected exactly one process by which it is read"
    )


def test_two_readers_are_an_error_with_the_remedy() -> None:
    extra = [*reconvergent(4)["processes"], {"name": "spy", "schedule": [{"at": 0, "read": "short"}]}]
    assert message(changed(processes=extra)) == (
        "network: stream 'short' is read by 'join' (64 times) and 'spy' (1 times); "
        "expected exactly one process by which it is read\nhint: let the writer write to one stream per reader"
    )


def test_two_writers_are_an_error() -> None:
    extra = [*reconvergent(4)["processes"], {"name": "spy", "schedule": [{"at": 0, "write": "short"}]}]
    assert message(changed(processes=extra)) == (
        "network: stream 'short' is written by 'fork' (64 times) and 'spy' (1 times); "
        "expected exactly one process by which it is written"
    )


def test_unknown_stream_names_the_place_and_the_nearest() -> None:
    assert message(changed(processes__1__schedule__0__body__0={"at": 0, "read": "logn"})) == (
        "network: process 'work', schedule[0].body[0]: unknown stream 'logn'; expected a name listed under `streams`\n"
        "hint: did you mean 'long'?"
    )


def test_names_are_unique() -> None:
    assert message(changed(streams__1__name="short")).startswith("network: more than one stream is named 'short'")
    assert message(changed(processes__1__name="fork")).startswith("network: more than one process is named 'fork'")


def test_the_schema_is_checked_with_the_place() -> None:
    assert message(changed(streams__2__bits=0)) == (
        "network: streams[2].bits: 0 is less than the minimum of 1; expected what schemas/network.schema.json says"
    )
    assert message([]).startswith("network: [] is not of type 'object'")


def test_an_unknown_key_gets_the_nearest_known_one() -> None:
    assert message(changed(streams__0__latancy=1)) == (
        "network: streams[0]: unknown key 'latancy'; expected what schemas/network.schema.json says\n"
        "hint: did you mean 'latency'?"
    )


def test_a_misspelt_key_is_told_before_the_one_that_is_missing_for_it() -> None:
    network = reconvergent(delay=4)
    network["stream"] = network.pop("streams")
    assert message(network) == (
        "network: unknown key 'stream'; expected what schemas/network.schema.json says\nhint: did you mean 'streams'?"
    )
    del network["stream"]
    assert message(network).startswith("network: 'streams' is a required property; expected ")


def test_an_item_is_one_of_read_write_repeat() -> None:
    assert message(changed(processes__1__schedule__0={"at": 0, "read": "long", "write": "late"})) == (
        "network: processes[1].schedule[0]: an item with `at`, `read`, `write`; "
        "expected what schemas/network.schema.json says\n"
        "hint: each item has `at` and exactly one of `read`, `write`, `repeat`"
    )


def test_runs_whose_cycles_do_not_fit_in_64_bits_are_refused() -> None:
    # fork 64, work 63 * 10^18 + 5, join 64 stages; 3 * 64 words that may take 3 cycles each
    assert message(changed(processes__1__schedule__0__every=10**18)) == (
        "network: the schedules may take 63,000,000,000,000,000,709 cycles; "
        "expected at most 1,152,921,504,606,846,976 (2^60)"
    )


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b'{"streams": [}', ":1:14: is not JSON: Expecting value"),
        (b"\xff\xfe", ": is not UTF-8 text"),
        (b"[" * 100_000, ": is nested too deeply"),
        (None, ": cannot be read: no such file or directory"),
    ],
)
def test_files_that_are_not_json_are_clear_errors(tmp_path: Path, content: bytes | None, expected: str) -> None:
    path = tmp_path / "network.json"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(UserError) as error:
        load(path)
    assert error.value.text().startswith(f"{path}{expected}")


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ('{"depths": {"short": 2, "long": 2}}', "no depth for stream 'late'; expected a depth for every stream"),
        (
            '{"depths": {"short": 2, "long": 2, "lat": 2}}',
            "unknown stream 'lat'; expected a stream of the network\nhint: did you mean 'late'?",
        ),
        (
            '{"depths": {"short": 0, "long": 2, "late": 2}}',
            "depths.short: 0 is less than the minimum of 1; expected what schemas/depths.schema.json says",
        ),
    ],
)
def test_depths_must_fit_the_network(tmp_path: Path, content: str, expected: str) -> None:
    path = tmp_path / "depths.json"
    path.write_text(content)
    with pytest.raises(UserError) as error:
        read_depths(path, parse(reconvergent(4)))
    assert error.value.text() == f"{path}: {expected}"
