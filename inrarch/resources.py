"""Where the data files are: `schemas/` and `kernel_lib/`, top level of a checkout or `_data/` in a wheel."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


def data_folder(name: str) -> Path:
    """Folder ``schemas``, ``kernel_lib`` or ``boards`` of this installation.

    Raises FileNotFoundError when the installation is damaged.
    """
    for candidate in (_PACKAGE / "_data" / name, _PACKAGE.parent / name, _PACKAGE / name):
        if candidate.is_dir():
            return candidate
    raise FileNotFoundError(f"inrarch is installed without its data folder {name!r}; reinstall it")
