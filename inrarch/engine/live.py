"""The live view of a build in a terminal, drawn by `rich` (an extra): stages that run, counts, elapsed and left.

The view stands below the lines of finished stages, which scroll away above it, and leaves nothing behind.
"""

from __future__ import annotations

import importlib.util
import os
from typing import IO, TYPE_CHECKING

from inrarch.engine.durations import in_words
from inrarch.engine.progress import Progress, State

if TYPE_CHECKING:
    from rich.console import RenderableType

_PER_SECOND = 4


def is_possible(stream: IO[str]) -> bool:
    """Whether the stream is a terminal that can redraw lines, and rich is installed."""
    return (
        stream.isatty()
        and os.environ.get("TERM", "dumb") not in ("dumb", "unknown")
        and importlib.util.find_spec("rich") is not None
    )


class LiveView:
    """Draws a `Progress` at the bottom of a terminal from creation to `close`."""

    def __init__(self, stream: IO[str], progress: Progress) -> None:
        from rich.console import Console
        from rich.live import Live

        self._progress = progress
        self._console = Console(file=stream, highlight=False)
        self._live = Live(
            console=self._console,
            get_renderable=self._render,
            refresh_per_second=_PER_SECOND,
            transient=True,
            redirect_stdout=False,
        )
        self._live.start()
        # rich hides the cursor; a build that is killed could not bring it back.
        self._console.show_cursor(True)

    def write(self, text: str) -> None:
        """Print lines above the view."""
        from rich.text import Text

        self._live.refresh()  # without the stage that the text tells of
        self._console.print(Text(text), soft_wrap=True)

    def close(self) -> None:
        """Remove the view from the terminal."""
        self._live.stop()

    def _render(self) -> RenderableType:
        from rich.text import Text

        lines = view_lines(self._progress.state(), max(1, self._console.height - 4))
        return Text("\n".join(lines), no_wrap=True, overflow="ellipsis")


def view_lines(state: State, most: int) -> list[str]:
    """The lines of the view: at most `most` of the stages that run, and a line of totals."""
    width = max((len(each.name) for each in state.running), default=0)
    lines = []
    for each in state.running[:most]:
        usual = f" of about {in_words(each.expected_s)}" if each.expected_s else ""
        lines.append(f"  {each.name:<{width}}  {in_words(each.elapsed_s)}{usual}")
    if len(state.running) > most:
        lines.append(f"  and {len(state.running) - most} more")
    return [*lines, totals(state)]


def totals(state: State) -> str:
    """`[5/9] 1 running, 5 done, 3 waiting | 12.3 s elapsed, about 40 s left`."""
    done = sum(state.counts.values())
    failed = state.counts.get("failed", 0) + state.counts.get("broken", 0)
    counts = [f"{len(state.running)} running", f"{done} done", f"{state.waiting} waiting"]
    if failed:
        counts.insert(2, f"{failed} failed")
    text = f"[{done}/{state.total}] {', '.join(counts)} | {in_words(state.elapsed_s)} elapsed"
    if state.left_s is None:
        return text
    return f"{text}, {'more than' if state.at_least else 'about'} {in_words(state.left_s)} left"
