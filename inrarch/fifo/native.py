"""The inner loop of the simulation in C++ (cpp/simulate.cpp), compiled at first use and kept for later ones.

The library is kept in the user's cache folder ($XDG_CACHE_HOME, else ~/.cache) under a digest of everything that it
depends on; where nothing can be written there, in a temporary folder for this one process. Without g++, or with
INRARCH_NATIVE=0 in the environment, `library` returns None, and `interpreted` does the same in Python.
"""

from __future__ import annotations

import ctypes
import os
import platform
import shutil
import tempfile
from contextlib import suppress
from functools import cache
from pathlib import Path
from weakref import finalize

import numpy as np

from inrarch.cache import digest_of, kept
from inrarch.errors import UserError
from inrarch.fifo.core import LAPS, Jump, Plans, Position
from inrarch.fifo.pieces import Integers
from inrarch.resources import data_folder
from inrarch.tools import gxx, process

SWITCH = "INRARCH_NATIVE"
"""Environment variable; 0: do without the compiled inner loop."""
FLAGS = ("-O3", "-std=c++17", "-shared", "-fPIC")
_PROCESS_COLUMNS, _PORT_COLUMNS = 8, 8  # 64-bit fields of Process and Port in network.hpp
_POINTER = ctypes.POINTER(ctypes.c_int64)


def library() -> ctypes.CDLL | None:
    """The compiled inner loop; None where it is switched off, g++ is missing, or g++ refuses the source."""
    return None if os.environ.get(SWITCH) == "0" else _library()


@cache
def _library() -> ctypes.CDLL | None:
    try:
        compiler = gxx.TOOL.find()
        version = gxx.TOOL.version(compiler)
        source = data_folder("fifo/cpp") / "simulate.cpp"
        return _declared(_loaded(source, compiler, version))
    except (UserError, OSError):
        return None


def _loaded(source: Path, compiler: Path, version: str) -> ctypes.CDLL:
    texts = [file.read_bytes() for file in (source, *sorted(source.parent.glob("*.hpp")))]
    name = f"simulate-{digest_of((*texts, *FLAGS, version, platform.machine()))}.so"
    folder = Path(tempfile.mkdtemp(prefix="inrarch-"))
    try:
        with suppress(OSError):
            return ctypes.CDLL(str(kept(name, lambda target: compile_library(source, target, compiler), folder)))
        compile_library(source, folder / name, compiler)  # the one that is kept is damaged
        return ctypes.CDLL(str(folder / name))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def compile_library(source: Path, target: Path, compiler: Path) -> None:
    """Compile to `target`. Raises UserError where the compiler fails."""
    process.run((compiler, *FLAGS, "-o", target, source), name="g++", timeout_s=300)


def _declared(found: ctypes.CDLL) -> ctypes.CDLL:
    word, handle, pointer = ctypes.c_int64, ctypes.c_void_p, ctypes.c_void_p
    small = ctypes.c_int32
    for name, result, arguments in (
        ("new", handle, (word, word, pointer, word, pointer, pointer)),
        ("delete", None, (handle,)),
        ("reset", None, (handle, pointer, pointer, pointer, small, small)),
        ("advance", small, (handle, word)),
        ("processes", _POINTER, (handle,)),
        ("ports", _POINTER, (handle,)),
        ("high", _POINTER, (handle,)),
        ("laps", _POINTER, (handle,)),
        ("ring", _POINTER, (handle, word)),
        ("in_flight", word, (handle, word, pointer, word)),
        ("jump", None, (handle, word, word, pointer, pointer, pointer, pointer, pointer)),
    ):
        function = getattr(found, f"inrarch_{name}")
        function.restype, function.argtypes = result, arguments
    return found


class NativeCore:
    """`inrarch.fifo.core.Core` in C++."""

    def __init__(self, plans: Plans, found: ctypes.CDLL) -> None:
        self._library = found
        self._words = plans.words
        processes, streams = len(plans.first) - 1, len(plans.words)
        tables = [np.ascontiguousarray(each, dtype=np.int64) for each in (plans.code, plans.segments, plans.first)]
        code, segments, first = (each.ctypes.data for each in tables)
        self._handle = found.inrarch_new(processes, streams, code, len(plans.code), segments, first)
        finalize(self, found.inrarch_delete, self._handle)
        view = np.ctypeslib.as_array
        self._processes = view(found.inrarch_processes(self._handle), (processes, _PROCESS_COLUMNS))
        self._ports = view(found.inrarch_ports(self._handle), (2 * streams, _PORT_COLUMNS))
        self._high = view(found.inrarch_high(self._handle), (streams,))
        self._laps = view(found.inrarch_laps(self._handle), (processes, LAPS))

    def reset(self, depths: Integers, lags: Integers, *, figures: bool, keep: bool) -> None:
        """See `Core.reset`."""
        depths, lags = np.ascontiguousarray(depths), np.ascontiguousarray(lags)
        pointers = (depths.ctypes.data, lags.ctypes.data, self._words.ctypes.data)
        self._library.inrarch_reset(self._handle, *pointers, figures, keep)

    def advance(self, until: int) -> int:
        """See `Core.advance`."""
        return int(self._library.inrarch_advance(self._handle, until))

    def position(self) -> Position:
        """See `Core.position`."""
        segment, offset, left, time, pending, _, state, _ = self._processes.T.copy()
        return Position(segment, offset, left, time, pending, state, self._ports[:, 0].copy(), self._ports[:, 7].copy())

    def high(self) -> Integers:
        """See `Core.high`."""
        return self._high

    def laps(self, process: int) -> Integers:
        """See `Core.laps`."""
        number = int(self._processes[process, 5])
        kept = self._laps[process]
        return kept[:number].copy() if number <= LAPS else np.roll(kept, -(number % LAPS))

    def in_flight(self, now: int) -> Integers:
        """See `Core.in_flight`."""
        most = 4 * len(self._words) + 16
        while True:
            found = np.zeros((most, 2), dtype=np.int64)
            number = int(self._library.inrarch_in_flight(self._handle, now, found.ctypes.data, most))
            if number <= most:
                return found[:number]
            most = number

    def jump(self, jump: Jump) -> None:
        """See `Core.jump`."""
        parts = (jump.offset, jump.left, jump.moved, jump.added, jump.waits)
        arrays = [np.ascontiguousarray(part, dtype=np.int64) for part in parts]
        self._library.inrarch_jump(self._handle, jump.now, jump.shift, *(each.ctypes.data for each in arrays))

    def times(self, port: int) -> Integers:
        """See `Core.times`."""
        number = int(self._ports[port, 0])
        return np.ctypeslib.as_array(self._library.inrarch_ring(self._handle, port), (number,)).copy()
