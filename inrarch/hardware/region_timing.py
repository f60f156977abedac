"""When the values of a region's pipeline are where: the words that hold them from their producer to their readers.

Time counts stages after a token's reads, in which its fields are registered: a value that is made at time m stands on
its wire in stage m + 1. A token begins every `interval` stages; a value that stays on its wire for `held` stages (1:
the next token's, or nothing, follows) then waits in words that each hold it for `interval` stages.
"""

from __future__ import annotations

from dataclasses import dataclass

from inrarch.hardware.rtl.text import instance


@dataclass(frozen=True, slots=True)
class Value:
    """A wire. made: None for a constant, which is always there. held: stages in which the wire has it."""

    wire: str
    bits: int
    made: int | None = None
    held: int = 1


class Pipeline:
    """The waiting words of one module, and the enables of their registers."""

    def __init__(self, interval: int) -> None:
        self.interval = interval
        self._words: dict[Value, set[int]] = {}

    def enable(self, stage: int) -> str:
        """What lets a register take what stands in front of it in the stages of a token's `stage` alone."""
        return "advance" if self.interval == 1 else f"hold[{stage % self.interval}]"

    def at(self, value: Value, time: int) -> str:
        """The wire on which the value stands `time` stages after the token's start."""
        if value.made is None:
            return value.wire
        assert time >= value.made
        word = -(-max(time - value.made - value.held + 1, 0) // self.interval)
        self._words.setdefault(value, set()).add(word)
        return _word(value, word)

    def lines(self) -> list[str]:
        """The words that were asked for, and their registers."""
        lines: list[str] = []
        for value, asked in self._words.items():
            assert value.made is not None
            before = 0
            for word in sorted(asked - {0}):
                lines.append(f"    logic [{value.bits - 1}:0] {_word(value, word)};")
                lines += instance(
                    "inrarch_delay",
                    f"keep_{_word(value, word)}",
                    {"BITS": value.bits, "CYCLES": word - before},
                    {
                        "clk": "clk",
                        "enable": self.enable(value.made + value.held),
                        "in": _word(value, before),
                        "out": _word(value, word),
                    },
                )
                before = word
        return lines


def _word(value: Value, word: int) -> str:
    return value.wire if word == 0 else f"{value.wire}_{word}"
