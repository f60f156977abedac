from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Any

import numpy as np
import pytest

from inrarch.report.curves import curve_rows
from inrarch.report.evidence import Evidence
from inrarch.report.gallery import Gallery
from inrarch.report.notation import Partial
from inrarch.report.page import fifo_rows, render
from inrarch.report.pictures import picture_rows
from inrarch.report.summary import summarise
from tests.report import sample

VOID = {"meta", "link", "br", "hr", "img", "input"}


class Reader(HTMLParser):
    """Collects tags and text, and demands that every element is closed in order."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words = ""
        self._open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words += data

    def close(self) -> None:
        super().close()
        assert not self._open


def page(evidence: Evidence, gallery: Gallery | None = None) -> tuple[str, Reader]:
    text = render(evidence, summarise(evidence), gallery or Gallery(reason="No pictures."))
    reader = Reader()
    reader.feed(text)
    reader.close()
    return text, reader


def test_rows_at_a_kink_are_counted_and_explained() -> None:
    _, plain = page(sample.full_evidence())
    assert "kink" not in plain.words
    evidence = sample.full_evidence(csim=sample.csim() | {"kinks": 3})
    assert summarise(evidence)["csim"]["kinks"] == 3
    _, reader = page(evidence)
    assert "3 of these rows are at a kink of a piecewise function" in " ".join(reader.words.split())
    assert "3 of 1,024 test rows are at a kink: errors of derivatives leave them out" in reader.words


def test_the_verdict_comes_first() -> None:
    _, reader = page(sample.full_evidence())
    assert reader.words.index("Verified") < reader.words.index("Accuracy")
    _, reader = page(sample.full_evidence(csim=sample.csim() | {"mismatches": 4}))
    assert "Failed" in reader.words
    assert "4 output words" in reader.words


@pytest.mark.parametrize("evidence", [sample.full_evidence(), sample.empty_evidence()], ids=["full", "empty"])
def test_every_section_is_there_and_the_links_reach_them(evidence: Evidence) -> None:
    _, reader = page(evidence)
    ids = {attributes["id"] for tag, attributes in reader.tags if tag == "section" and "id" in attributes}
    links = {(attributes["href"] or "").removeprefix("#") for tag, attributes in reader.tags if tag == "a"}
    assert links == ids - {"verdict"}


@pytest.mark.parametrize("absent", ["expanded", "optimized", "passes", "formats", "network", "depths", "csim", "cosim"])
def test_the_page_is_made_when_a_stage_did_not_run(absent: str) -> None:
    page(sample.full_evidence(**{absent: None}))


def test_nothing_is_loaded_from_outside() -> None:
    value = np.zeros((2, 2, 1))
    pictures = picture_rows({"y": Partial("y", ())}, {"y": value}, {"y": value})
    text, reader = page(sample.full_evidence(), Gallery(pictures=pictures))
    assert not re.search(r"https?:|@import|//[a-z]", text.replace("data:image/png;base64,", ""))
    assert {tag for tag, _ in reader.tags}.isdisjoint({"script", "link", "iframe", "object"})
    sources = [attributes["src"] for tag, attributes in reader.tags if tag == "img"]
    assert len(sources) == 3
    assert all(source and source.startswith("data:image/png;base64,") for source in sources)
    assert set(re.findall(r"url\(([^)]*)\)", text)) == {"#arrow"}


def renamed(name: str) -> Evidence:
    """The sample with a hostile name wherever a name from a model or a YAML file can stand."""
    network: dict[str, Any] = sample.network()
    network["processes"][1]["name"] = name
    network["processes"][1] |= {"kernel": name, "kind": name, "text": [name, name]}
    network["streams"][0]["to"] = network["streams"][1]["from"] = name
    network["streams"][2]["name"] = name
    network["model"]["bottleneck"] = name
    formats = sample.formats()
    formats["tensors"][name] = formats["tensors"]["y"] | {"kind": name}
    formats["tables"] = {name: formats["tables"]["sin"] | {"function": name}}
    board = sample.SETTINGS["board"] | {"name": name, "title": name, "part": name}
    settings = sample.SETTINGS | {"project": name, "variant": name, "board": board, "method": name}
    csim = sample.csim() | {"mismatches": 1}
    csim["outputs"][name] = csim["outputs"]["y"] | {"max_rel": 1.0}
    return sample.full_evidence(
        settings=settings,
        outputs={name: Partial(name, (0,))},
        network=network,
        formats=formats,
        csim=csim,
        tools={name: name},
        inputs={name: name},
        passes=sample.passes() | {"changes": {name: 1}},
    )


def test_strings_from_models_and_yaml_are_escaped() -> None:
    name = "<script>alert('x')</script>\"><img src=x onerror=alert(1)>"
    value = np.zeros((2, 2, 1))
    outputs = {name: Partial(name, (0,))}
    gallery = Gallery(
        pictures=picture_rows(outputs, {name: value}, {name: value}),
        curves=curve_rows(outputs, {name: value[0]}, {name: value[0]}),
        reason=name,
        axes=name,
    )
    text, reader = page(renamed(name), gallery)
    assert "<script" not in text
    assert all("onerror" not in attributes for _, attributes in reader.tags)
    assert reader.words.count("<script>alert('x')</script>") > 10


def test_every_process_and_stream_is_in_the_drawing_once() -> None:
    text, _ = page(sample.full_evidence())
    drawing = text[text.index('<svg class="diagram"') :].partition("</svg>")[0]
    for process in sample.network()["processes"]:
        assert drawing.count(f"<title>{process['name']}</title>") == 1
    for stream in sample.network()["streams"]:
        assert drawing.count(f"<title>{stream['name']}: ") == 1


def test_the_same_evidence_gives_the_same_bytes() -> None:
    assert page(sample.full_evidence())[0] == page(sample.full_evidence())[0]


def test_the_estimates_carry_the_name_of_their_model() -> None:
    _, reader = page(sample.full_evidence())
    assert "model estimate (map)" in reader.words
    assert "exact event simulation of the process network" in reader.words


def test_the_page_draws_the_roofline_and_says_what_energy_is() -> None:
    text, _ = page(sample.full_evidence())
    roof = text[text.index('<section id="roof">') :].partition("</section>")[0]
    assert roof.count('class="mark"') == 2
    assert "all DSP slices" in roof
    assert "DSP slices per product: 0.5" in roof
    energy = text[text.index('<section id="energy">') :].partition("</section>")[0]
    assert "estimate" in energy
    assert energy.count("<dt>") == 7
    assert "a model" in energy


def test_a_page_without_a_network_has_no_roofline() -> None:
    text, _ = page(sample.empty_evidence())
    roof = text[text.index('<section id="roof">') :].partition("</section>")[0]
    assert "<svg" not in roof
    assert "not mapped" in roof


def test_fifos_show_memory_what_is_unused_and_which_bind() -> None:
    depths = sample.depths() | {"limit": 6312, "one_less": {"s_pre": None, "s_act_a": 6330, "s_act_b": 6312}}
    depths["depths"] |= {"s_pre": 5, "s_act_a": 16, "s_act_b": 64}
    depths["high_water"] |= {"s_act_a": 16, "s_act_b": 60}
    rows = {row["name"]: row for row in fifo_rows(sample.full_evidence(depths=depths))}
    expected = {
        "s_in": ("registers", 1, 48, None),
        "s_pre": ("LUTs", 4, 360, "deadlock"),
        "s_act_a": ("LUTs", 0, 1152, 18),
        "s_act_b": ("block RAM", 4, 4608, 0),
    }
    for name, values in expected.items():
        row = rows[name]
        assert (row["memory"], row["unused"], row["total_bits"], row["loss"]) == values
    _, reader = page(sample.full_evidence(depths=depths))
    assert "2 streams bind: with one word less the network deadlocks or takes more cycles." in reader.words
    assert "+18" in reader.words
    _, plain = page(sample.full_evidence())
    assert "streams bind" not in plain.words


def test_cycles_of_the_rtl_stand_beside_the_predicted_ones() -> None:
    _, reader = page(sample.full_evidence())
    words = " ".join(reader.words.split())
    assert "simulated cycle by cycle on 256 test rows (4 calls one right after the other), takes 6 312 cycles" in words
    assert "in 25 % of the cycles12 288028 00428 004" in words
    assert "Every process ended in the predicted cycle" in words
    _, reader = page(sample.full_evidence(cosim=sample.cosim() | {"exact": False}))
    assert "That is not all as predicted." in reader.words
    _, reader = page(sample.full_evidence(cosim=None, not_run={"cosim": "no simulator"}))
    assert "The RTL was not simulated: no simulator." in reader.words
