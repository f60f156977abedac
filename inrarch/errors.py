"""The one error type for a user's mistake: place, found, expected, hint; printed without a traceback."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from difflib import get_close_matches

REPORT_IT = "this is a fault of inrarch: please report it with the model and its project.yaml"
"""The hint where what was checked is our own work, not the user's."""


class UserError(Exception):
    """Something the user can mend.

    Parameters
    ----------
    found:
        What was found, as a sentence fragment without a full stop.
    place:
        Where: ``file:line:column``, ``model.onnx: node 'sin_1'``, or None.
    expected:
        What would have been right.
    hint:
        What to do next (a command, the nearest valid name, a package to install).
    excerpt:
        Lines to show under the message (a source line and its caret, the last lines of a log).
    exit_code:
        As doit's: 1 a stage failed, 2 a stage or tool broke, 3 nothing was started.
    """

    def __init__(
        self,
        found: str,
        *,
        place: str | None = None,
        expected: str | None = None,
        hint: str | None = None,
        excerpt: str | None = None,
        exit_code: int = 3,
    ) -> None:
        self.found = found
        self.place = place
        self.expected = expected
        self.hint = hint
        self.excerpt = excerpt
        self.exit_code = exit_code
        super().__init__(self.text())

    def text(self) -> str:
        """The whole message, as it is printed."""
        head = f"{self.place}: " if self.place else ""
        line = f"{head}{self.found}"
        if self.expected:
            line += f"; expected {self.expected}"
        parts = [line]
        if self.excerpt:
            parts.append(self.excerpt)
        if self.hint:
            parts.append(f"hint: {self.hint}")
        return "\n".join(parts)


def did_you_mean(word: str, known: Iterable[str]) -> str | None:
    """``did you mean 'x'?`` for the nearest known name, or None when nothing is near."""
    near = get_close_matches(word, list(known), n=1, cutoff=0.6)
    return f"did you mean {near[0]!r}?" if near else None


def combined(errors: Sequence[UserError]) -> UserError:
    """One error that shows all of `errors` (at least one), in their order; its exit code is the largest of theirs."""
    if len(errors) == 1:
        return errors[0]
    return UserError("\n".join(error.text() for error in errors), exit_code=max(error.exit_code for error in errors))
