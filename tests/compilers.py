"""How g++ is called in tests: without optimisation, as most designs there compile longer than they run."""

from __future__ import annotations

import pytest

from inrarch.hardware.cosim import compiling
from inrarch.stages import csim

_OF_USERS = {module: module.FLAGS for module in (csim, compiling)}


def compile_quickly(patch: pytest.MonkeyPatch) -> None:
    """C simulation and co-simulation of this process compile without optimisation."""
    for module, flags in _OF_USERS.items():
        patch.setattr(module, "FLAGS", tuple("-O0" if flag.startswith("-O") else flag for flag in flags))


def compile_as_users_do(patch: pytest.MonkeyPatch) -> None:
    """The flags of the package, for wide designs."""
    for module, flags in _OF_USERS.items():
        patch.setattr(module, "FLAGS", flags)
