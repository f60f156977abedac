"""What names of projects, variants and matrix points are made of: safe in paths, in doit and on a command line."""

from __future__ import annotations

import re

NAME_RULE = "letters, digits and _.-, beginning with a letter or digit, at most 64 of them"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")


def is_name(text: str) -> bool:
    """Whether the text is legal as a name (`NAME_RULE`)."""
    return _NAME.fullmatch(text) is not None
