"""Where data files are: in the package; `schemas/` and `kernel_lib/` beside it in a checkout, `_data/` in a wheel."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


def data_folder(name: str) -> Path:
    """Folder ``schemas``, ``kernel_lib``, or one of the package itself: ``boards``, ``report/templates``.

    Raises FileNotFoundError when the installation is damaged.
    """
    for candidate in (_PACKAGE / name, _PACKAGE / "_data" / name, _PACKAGE.parent / name):
        if candidate.is_dir():
            return candidate
    raise FileNotFoundError(f"inrarch is installed without its data folder {name!r}; reinstall it")
