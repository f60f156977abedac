"""Every executor keeps the contract; there is one file for each."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import pytest

from inrarch.config.model import Totals
from inrarch.config.schema import load_schema
from inrarch.engine.code import stage_code
from inrarch.engine.digest import DigestCache
from inrarch.engine.executors import executor_names, open_executor
from inrarch.engine.executors.executor import Setting
from inrarch.errors import UserError
from inrarch.stages import stages

EXECUTOR: Any = load_schema("workspace")["properties"]["executor"]["properties"]


def test_the_schema_names_every_executor_and_no_other() -> None:
    assert sorted(EXECUTOR["name"]["enum"]) == executor_names()
    assert set(EXECUTOR) - {"name", "staged"} <= set(executor_names())


@pytest.mark.parametrize("name", executor_names())
def test_a_module_says_what_it_is_and_opens_an_executor(name: str) -> None:
    module = import_module(f"inrarch.engine.executors.{name}")
    assert module.__doc__.startswith(f"Executor `{name}`: ")
    assert callable(module.open_executor)


def test_an_unknown_executor_is_told_with_the_nearest_name() -> None:
    with pytest.raises(UserError) as caught:
        open_executor("slrum", Setting({}, Totals(), None, False))
    assert caught.value.text() == (
        "no executor is called 'slrum'; expected one of dask, local, slurm\nhint: did you mean 'slurm'?"
    )


@pytest.mark.parametrize("stage", stages(), ids=lambda stage: stage.name)
def test_no_executor_is_part_of_a_fingerprint(stage: Any, tmp_path: Any) -> None:
    code = stage_code(f"inrarch.stages.{stage.name}", DigestCache(tmp_path / "digests.db", writable=False))
    assert [name for name in code.files if "executor" in name or name.endswith(("tokens.py", "needs.py"))] == []
