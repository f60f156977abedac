"""Templates: an undefined name is an error, and integers are all that a table of numbers may hold."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from inrarch.resources import data_folder

if TYPE_CHECKING:
    import jinja2

LINE_LENGTH = 120


def environment() -> jinja2.Environment:
    """The templates of inrarch/hardware/templates, for text that is C++, Tcl or a configuration file (never HTML)."""
    import jinja2

    made = jinja2.Environment(
        loader=jinja2.FileSystemLoader(data_folder("hardware/templates")),
        undefined=jinja2.StrictUndefined,
        autoescape=False,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    made.filters["numbers"] = numbers
    return made


def numbers(integers: Iterable[int], indent: int = 0) -> str:
    """Comma-separated integers in lines of at most LINE_LENGTH characters, each line indented."""
    lines, line = [], ""
    room = LINE_LENGTH - indent
    for integer in integers:
        text = f"{int(integer)},"
        if line and len(line) + 1 + len(text) > room:
            lines.append(line)
            line = text
        else:
            line = f"{line} {text}" if line else text
    lines.append(line)
    return "\n".join(" " * indent + each for each in lines).rstrip(",")


def render(made: jinja2.Environment, template: str, **values: Any) -> str:
    """One file's text."""
    return made.get_template(template).render(**values)
