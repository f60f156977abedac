from __future__ import annotations

import platform
from pathlib import Path

import pytest

from inrarch.engine.code import ABSENT, stage_code
from inrarch.engine.digest import DigestCache


@pytest.fixture
def reach(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Write modules of a package and get the files that one of them reaches."""
    package = f"package_of_{tmp_path.name}".replace("-", "_")
    monkeypatch.syspath_prepend(str(tmp_path))
    digests = DigestCache(tmp_path / "digests.db", writable=True)

    def find(modules: dict[str, str], start: str):
        for name, text in {"__init__.py": "", **modules}.items():
            path = tmp_path / package / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text.replace("PKG", package))
        return stage_code(f"{package}.{start}", digests)

    def names(modules: dict[str, str], start: str) -> set[str]:
        return {name.removeprefix(f"{package}/") for name in find(modules, start).files}

    names.code = find  # type: ignore[attr-defined]
    return names


def test_imports_are_followed_also_inside_functions(reach) -> None:
    modules = {
        "stage.py": "import PKG.direct\ndef run():\n    from PKG import lazy\n",
        "direct.py": "from .sub import name",
        "lazy.py": "",
        "sub/__init__.py": "name = 1",
        "unused.py": "",
    }
    assert reach(modules, "stage") == {"__init__.py", "stage.py", "direct.py", "lazy.py", "sub/__init__.py"}


def test_imports_for_the_type_checker_do_not_count(reach) -> None:
    modules = {
        "stage.py": "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import PKG.a\nelse:\n    import PKG.b\n",
        "a.py": "",
        "b.py": "",
    }
    assert reach(modules, "stage") == {"__init__.py", "stage.py", "b.py"}


def test_a_parent_package_counts_only_with_what_its_top_level_imports(reach) -> None:
    modules = {
        "stage.py": "from PKG.sub.one import x",
        "sub/__init__.py": "import PKG.top\ndef scan():\n    import pkgutil\n    import PKG.lazy\n",
        "sub/one.py": "",
        "sub/two.py": "",
        "top.py": "",
        "lazy.py": "",
    }
    assert reach(modules, "stage") == {"__init__.py", "stage.py", "sub/__init__.py", "sub/one.py", "top.py"}


def test_a_package_that_scans_itself_counts_as_a_whole(reach) -> None:
    modules = {
        "stage.py": "def run():\n    from PKG.ops import operators",
        "ops/__init__.py": "import pkgutil",
        "ops/sin.py": "import PKG.helper",
        "ops/deep/table.yaml": "1",
        "helper.py": "",
    }
    expected = {"__init__.py", "stage.py", "ops/__init__.py", "ops/sin.py", "ops/deep/table.yaml", "helper.py"}
    assert reach(modules, "stage") == expected


def test_asking_for_the_version_of_a_library_is_not_scanning(reach) -> None:
    modules = {
        "stage.py": "import PKG.sub",
        "sub/__init__.py": "from importlib.metadata import version",
        "sub/x.py": "",
    }
    assert reach(modules, "stage") == {"__init__.py", "stage.py", "sub/__init__.py"}


def test_circular_imports_end(reach) -> None:
    assert reach({"stage.py": "import PKG.a", "a.py": "import PKG.stage"}, "stage") == {
        "__init__.py",
        "stage.py",
        "a.py",
    }


def test_libraries_count_with_their_versions_but_the_standard_library_does_not(reach) -> None:
    import yaml

    code = reach.code({"stage.py": "import json, yaml\nimport a_library_that_is_not_there"}, "stage")
    assert code.libraries == {
        "python": platform.python_version(),
        "a_library_that_is_not_there": ABSENT,
        "pyyaml": yaml.__version__,
    }


def test_editing_a_reached_module_changes_its_digest(reach) -> None:
    before = reach.code({"stage.py": "import PKG.a", "a.py": "x = 1"}, "stage").files
    after = reach.code({"stage.py": "import PKG.a", "a.py": "x = 2"}, "stage").files
    assert {name.rpartition("/")[2] for name in before if before[name] != after[name]} == {"a.py"}
