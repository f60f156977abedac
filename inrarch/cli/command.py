"""What a subcommand of `inrarch` is: a name, a line of help, its options, a function."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Command:
    """The declaration of a subcommand; the module `inrarch/cli/<name>.py` exports it as COMMAND ("_" for "-").

    configure adds the arguments to a parser; run does the work and returns the exit code.
    """

    name: str
    summary: str
    configure: Callable[[argparse.ArgumentParser], None]
    run: Callable[[argparse.Namespace], int]
