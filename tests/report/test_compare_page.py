from __future__ import annotations

import re
from dataclasses import replace

from inrarch.report.compare_page import render_comparison
from inrarch.report.comparison import Entry
from tests.report.test_comparison import MATRIX, entry
from tests.report.test_page import Reader


def page(*entries: Entry) -> tuple[str, Reader]:
    text = render_comparison(entries)
    reader = Reader()
    reader.feed(text)
    reader.close()
    return text, reader


def test_every_variant_has_a_row_with_its_figures_and_a_link_to_its_report() -> None:
    entries = [replace(each, page=f"net/{each.variant}/report/index.html") for each in MATRIX]
    text, reader = page(*entries)
    links = [attributes["href"] for tag, attributes in reader.tags if tag == "a"]
    assert links == [each.page for each in entries]
    assert text.count("<tr>") == len(entries) + 1
    assert "8 verified" in reader.words
    assert 'data-v="0.01"' in text


def test_variants_without_a_report_are_listed_without_figures() -> None:
    _, reader = page(
        *MATRIX,
        entry(state="failed", verdict="4 output words differ"),
        entry(state="outdated", metrics=None),
        entry(state="absent", metrics=None),
    )
    assert "8 verified, 1 FAILED, 1 out of date, 1 not built" in " ".join(reader.words.split())
    assert "doit build" in reader.words
    titles = [attributes.get("title") for tag, attributes in reader.tags if tag == "span"]
    assert "4 output words differ" in titles


def test_a_page_without_anything_to_plot_says_so() -> None:
    text, reader = page(entry())
    assert "<svg" not in text
    assert "There is nothing to plot" in reader.words


def test_nothing_is_loaded_from_outside() -> None:
    text, reader = page(*MATRIX)
    assert not re.search(r"https?:|@import|url\(|//[a-z]", text)
    assert {tag for tag, _ in reader.tags}.isdisjoint({"link", "iframe", "object", "img"})
    assert all("src" not in attributes for _, attributes in reader.tags)


def test_names_of_projects_and_values_are_escaped() -> None:
    name = "<script>alert('x')</script>\"><img src=x onerror=alert(1)>"
    hostile = [
        replace(
            each,
            project=name,
            variant=f"{name}{number}",
            page=f"{name}.html",
            verdict=name,
            configuration={**each.configuration, "board": f"{name}{number % 2}", name: f"{name}{number}"},
        )
        for number, each in enumerate(MATRIX)
    ]
    text, reader = page(*hostile, replace(hostile[0], project=f"2{name}"))
    assert text.count("<script") == 1
    assert all("onerror" not in attributes for _, attributes in reader.tags)
    assert {tag for tag, _ in reader.tags}.isdisjoint({"img"})
    assert reader.words.count("<script>alert('x')</script>") > 20


def test_the_table_is_whole_without_a_script() -> None:
    text, _ = page(*MATRIX)
    table = text[text.index("<table") : text.index("</table>")]
    assert "<button" not in table
    assert 'id="how" hidden' in text


def test_the_same_variants_give_the_same_bytes() -> None:
    assert page(*MATRIX)[0] == page(*MATRIX)[0]
