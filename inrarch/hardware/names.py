"""Legal names for generated code: recognisable, unique, deterministic; a model's string enters no file but as one."""

from __future__ import annotations

import re
import unicodedata

MAX_LENGTH = 60

_CPP = """
    alignas alignof and and_eq asm atomic_cancel atomic_commit atomic_noexcept auto bitand bitor bool break case catch
    char char8_t char16_t char32_t class co_await co_return co_yield compl concept const const_cast consteval
    constexpr constinit continue decltype default delete do double dynamic_cast else enum explicit export extern false
    final float for friend goto if import inline int long module mutable namespace new noexcept not not_eq nullptr
    operator or or_eq override private protected public reflexpr register reinterpret_cast requires return short
    signed sizeof static static_assert static_cast struct switch synchronized template this thread_local throw true
    try typedef typeid typename union unsigned using virtual void volatile wchar_t while xor xor_eq
"""
"""Keywords of C++ (ISO/IEC 14882, [lex.key]) and its alternative tokens."""
_SYSTEMVERILOG = """
    always assign assume begin bind bit buf byte cell checker clocking config constraint context cover cross design
    disable edge end endmodule event expect first force function generate global implies include initial inout input
    instance integer interface join large library local logic loop matches medium modport nand negedge nor output
    package packed parameter posedge priority program property pulldown pullup pure rand real ref reg repeat restrict
    sample scalared sequence small soft solve specify strength strong supply0 supply1 table task time timeprecision
    timeunit tri type unique var vectored wait weak wire with within wor
"""
"""Keywords of SystemVerilog (IEEE 1800, annex B) that a tensor may well be called."""
_OURS = """
    ap_int ap_uint assert axis errno feature fixed hls inputs inrarch lane linux main null out signal std stderr stdin
    stdout tokens unix eof
"""
"""Names that the generated files use, and macros of standard headers."""
_RESERVED = frozenset(f"{_CPP} {_SYSTEMVERILOG} {_OURS}".split())


def identifier(text: str) -> str:
    """`text` as an identifier of C++ and SystemVerilog: ASCII letters, digits, single underscores; MAX_LENGTH at most.

    Other characters become `_` (accents are dropped); keywords and names that the generated code needs get `v_` in
    front, and so does a leading digit.
    """
    ascii_text = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode("ascii")
    name = re.sub(r"[^A-Za-z0-9]+", "_", ascii_text).strip("_")[:MAX_LENGTH].rstrip("_")
    if not name or name[0].isdigit() or name.lower() in _RESERVED:
        name = f"v_{name}".rstrip("_")
    return name


class Namer:
    """Unique identifiers within one scope: the same text gives the same name, different texts give different names.

    Names differ by more than case, because they become file names too.
    """

    def __init__(self) -> None:
        self._by_text: dict[str, str] = {}
        self._taken: set[str] = set()

    def __call__(self, text: str) -> str:
        """The name of `text` in this scope."""
        if text not in self._by_text:
            base = identifier(text)
            name, number = base, 1
            while name.lower() in self._taken:
                number += 1
                name = f"{base}_{number}"
            self._taken.add(name.lower())
            self._by_text[text] = name
        return self._by_text[text]
