"""The comparison page: one file over many variants, without any reference to the outside but the reports' links."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import jinja2

from inrarch.report.comparison import Entry, State, make_plots, make_table, shown
from inrarch.report.metrics import title
from inrarch.report.notation import count, figure
from inrarch.report.plot import HEIGHT, WIDTH

# Not all in `templates`, on which the report stage depends: a change of this page must not make the reports run again.
_TEMPLATES = [Path(__file__).resolve().parent / name for name in ("compare_templates", "templates")]
_WORDS: dict[State, str] = {
    "verified": "verified",
    "failed": "FAILED",
    "outdated": "out of date",
    "absent": "not built",
}


def render_comparison(entries: Sequence[Entry]) -> str:
    """The page as text. Every string of a model or of a YAML file is escaped by the templates."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_TEMPLATES),
        undefined=jinja2.StrictUndefined,
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(count=count, figure=figure, shown=shown, title=title)
    states = Counter(entry.state for entry in entries)
    return environment.get_template("compare.html.j2").render(
        entries=entries,
        table=make_table(entries),
        plots=make_plots(entries),
        size=(WIDTH, HEIGHT),
        words=_WORDS,
        counts=[(state, states[state], word) for state, word in _WORDS.items() if states[state]],
        projects=list(dict.fromkeys(entry.project for entry in entries)),
    )
