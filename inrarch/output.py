"""Standard output that cannot be written: its reader has gone (`| head`), or the disk is full (`> FILE`)."""

from __future__ import annotations

import errno
import os
import sys
from contextlib import suppress

_FAULTS_OF_THE_TARGET = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO}


def give_up_output(error: OSError) -> int:
    """Let everything printed from now on go nowhere; returns the exit code: 0 when the reader has gone, else 2.

    An error that does not come from the output is raised again.
    """
    reader_has_gone = isinstance(error, BrokenPipeError)
    if error.filename is not None or not (reader_has_gone or error.errno in _FAULTS_OF_THE_TARGET):
        raise error
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    if reader_has_gone:
        return 0
    with suppress(OSError):  # both may lead to the same full disk
        print(f"the output cannot be written: {os.strerror(error.errno or 0).lower()}", file=sys.stderr, flush=True)
    return 2
