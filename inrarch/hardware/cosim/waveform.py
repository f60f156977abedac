"""All signals of the top as an FST file, which GTKWave and Surfer open."""

from __future__ import annotations

import gzip
import shutil
import struct
from pathlib import Path

from inrarch.errors import REPORT_IT, UserError
from inrarch.fifo.network import Network
from inrarch.hardware.cosim.compiling import Toolchain
from inrarch.hardware.cosim.models import build_program
from inrarch.hardware.cosim.monolith import monolith
from inrarch.hardware.cosim.prediction import Pace
from inrarch.hardware.cosim.rows import Rows
from inrarch.hardware.cosim.run import Inputs, simulate
from inrarch.hardware.rtl.description import Description

_DATE = slice(9 + 8 * 8 + 1 + 128, 9 + 8 * 8 + 1 + 128 + 26)
"""Of the header: block type and length, eight 64-bit fields, time scale, writer, then the date."""
_NO_DATE = b"Thu Jan  1 00:00:00 1970\n\0"
_COMPRESSED = 254  # block type: a whole FST file, by gzip


def write_waveform(
    tools: Toolchain, design: Description, folder: Path, network: Network, rows: Rows, scratch: Path, target: Path
) -> None:
    """Simulate the first invocation in the top, as Verilator makes one model of it. A clock cycle is 1 ns in the file.

    folder: of rtl.json. scratch: made here. Equal designs and rows give equal bytes.
    Raises UserError where the top does not end.
    """
    shutil.copytree(folder, scratch / "rtl")
    (scratch / "run").mkdir()
    whole = monolith(design, scratch / "rtl")
    program = build_program(tools, whole.modules, scratch / "rtl", scratch, 1, traced=True)
    first = {name: words[: len(words) // rows.invocations] for name, words in rows.inputs.items()}
    cycles = 1 + max(sum(network.words.values()), 1)
    inputs = Inputs(first, network.words, Pace(1), limit=1000 * cycles, seed=1)
    run = simulate(program, whole, scratch / "rtl", scratch / "run", inputs, waveform=scratch / "raw.fst")
    if run.ending != "complete":
        raise UserError(
            f"the top in SystemVerilog had not ended after {inputs.limit:,} cycles",
            expected="the end of the first invocation, as with FIFOs in C++",
            hint=f"{REPORT_IT}; `verification: {{cosim: {{waveform: false}}}}` does without",
            exit_code=2,
        )
    target.write_bytes(compressed((scratch / "raw.fst").read_bytes()))


def compressed(content: bytes) -> bytes:
    """An FST file without its date and compressed as a whole (format: the appendix of GTKWave's manual)."""
    same = bytearray(content)
    same[_DATE] = _NO_DATE
    packed = gzip.compress(bytes(same), mtime=0)
    return struct.pack(">BQQ", _COMPRESSED, 16 + len(packed), len(same)) + packed
