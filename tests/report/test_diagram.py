from __future__ import annotations

import re
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from inrarch.report.diagram import Box, draw, layers_of
from tests.report import sample


@st.composite
def networks(draw_value: Any) -> dict[str, Any]:
    """Random acyclic networks, streams in any order."""
    size = draw_value(st.integers(1, 25))
    pairs = [(a, b) for b in range(size) for a in range(b)]
    edges = draw_value(st.lists(st.sampled_from(pairs), max_size=40)) if pairs else []
    return {
        "processes": [sample.process(f"p{i}", "fork", 4) for i in range(size)],
        "streams": [sample.stream(f"s{i}", f"p{a}", f"p{b}") for i, (a, b) in enumerate(edges)],
    }


def test_a_layer_is_the_longest_path_from_a_source() -> None:
    edges = [("a", "b"), ("b", "c"), ("a", "c"), ("c", "d"), ("x", "d")]
    assert layers_of(["a", "b", "c", "d", "x"], edges) == {"a": 0, "b": 1, "c": 2, "d": 3, "x": 0}


def test_a_cycle_is_drawn_too() -> None:
    layer = layers_of(["a", "b", "c"], [("a", "b"), ("b", "a"), ("b", "c"), ("c", "c")])
    assert layer == {"a": 0, "b": 1, "c": 2}


def test_the_depth_and_the_high_water_mark_stand_at_the_stream() -> None:
    link = next(link for link in draw(sample.network(), sample.depths()).links if link.name == "s_act")
    assert (link.above, link.below) == ("72 b", "depth 2")
    assert link.title == "s_act: sine to fork, 72 bits, depth 2, at most 1 used"


def test_without_depths_the_streams_are_still_drawn() -> None:
    assert {link.below for link in draw(sample.network(), None).links} == {""}


def test_long_names_are_shortened_in_the_middle_and_kept_in_full() -> None:
    long = sample.process("hidden_layer_number_three_matmul", "fork", 4)
    (box,) = draw({"processes": [long], "streams": []}, None).boxes
    assert (box.name, box.label) == ("hidden_layer_number_three_matmul", "hidden_la…e_matmul")


def test_a_process_says_what_it_computes() -> None:
    boxes = {box.name: box for box in draw(sample.network(), None).boxes}
    assert (boxes["layer0"].lines, boxes["layer0"].kind) == (("what it does", "how wide"), "product")
    foreign = {"name": "p", "schedule": []}
    (box,) = draw({"processes": [foreign], "streams": []}, None).boxes
    assert (box.lines, box.kind) == (("process",), "other")


def overlap(a: Box, b: Box) -> bool:
    return a.x < b.x + b.width and b.x < a.x + a.width and a.y < b.y + b.height and b.y < a.y + a.height


@settings(max_examples=60, deadline=None)
@given(networks())
def test_every_process_and_stream_is_drawn_once_inside_and_boxes_do_not_overlap(network: dict[str, Any]) -> None:
    diagram = draw(network, None)
    assert [box.name for box in diagram.boxes] == [p["name"] for p in network["processes"]]
    assert [link.name for link in diagram.links] == [s["name"] for s in network["streams"]]
    for i, box in enumerate(diagram.boxes):
        assert box.x >= 0
        assert box.y >= 0
        assert box.x + box.width <= diagram.width
        assert box.y + box.height <= diagram.height
        assert not any(overlap(box, other) for other in diagram.boxes[i + 1 :])


@settings(max_examples=60, deadline=None)
@given(networks())
def test_every_line_starts_at_its_writer_and_ends_at_its_reader(network: dict[str, Any]) -> None:
    diagram = draw(network, None)
    boxes = {box.name: box for box in diagram.boxes}
    for stream, link in zip(network["streams"], diagram.links, strict=True):
        numbers = re.findall(r"-?\d+(?:\.\d+)?", link.path)
        source, target = boxes[stream["from"]], boxes[stream["to"]]
        assert abs(float(numbers[0]) - (source.x + source.width)) < 0.1
        assert source.y < float(numbers[1]) < source.y + source.height
        end = float(numbers[-1]) if link.path.rsplit(" ", 2)[-2] == "H" else float(numbers[-2])
        assert abs(end - target.x) < 0.1
