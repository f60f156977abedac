"""Toy stages that record when they run, to see what ran at the same time."""

from __future__ import annotations

from collections import Counter

from tests.engine.toy import Toy

RECORD = """
    def note(event):
        with open(os.environ["TOY_RUNS"] + ".overlap", "a") as stream:
            stream.write(event + " NAME\\n")
    note("begin"); time.sleep(SECONDS); note("end")
"""


def write_recording_stage(
    toy: Toy, name: str, after: tuple[str, ...] = (), keys: tuple[str, ...] = (), seconds: float = 0.15
) -> None:
    """A stage that takes so many seconds."""
    toy.write_stage(name, after, keys, body=RECORD.strip().replace("SECONDS", str(seconds)).replace("NAME", name))


def most(toy: Toy, *names: str) -> int:
    """How many of these stages ran at a time at most; no name = of all."""
    counts = [0]
    running: Counter[str] = Counter()
    for line in (toy.root / "runs.txt.overlap").read_text().splitlines():
        event, name = line.split()
        running[name] += 1 if event == "begin" else -1
        counts.append(sum(count for each, count in running.items() if not names or each in names))
    return max(counts)


def together(toy: Toy, one: str, other: str) -> bool:
    """Whether both stages ever ran at a time."""
    running: Counter[str] = Counter()
    for line in (toy.root / "runs.txt.overlap").read_text().splitlines():
        event, name = line.split()
        running[name] += 1 if event == "begin" else -1
        if running[one] and running[other]:
            return True
    return False
