"""The code of a stage: the digests of every module that its run can reach, found without importing anything.

From the stage's module on, imports are followed statically through `inrarch` (and the stage's own package), also those
inside functions. Three rules keep the result both safe and small:

1. `from a.b import c` reaches the module `a.b.c` if there is one, else the module `a.b`.
2. A package that is reached only because a module of it is imported runs its top level, no more: imports inside its
   functions are not followed.
3. A module that finds others by scanning (it imports `pkgutil` or `importlib`) reaches its whole folder.

Imports under `if TYPE_CHECKING:` never run and do not count.
"""

from __future__ import annotations

import ast
import importlib.util
import json
import platform
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from inrarch.engine.digest import DigestCache

_SCANNERS = {"pkgutil", "importlib"}
_NOT_SCANNING = {"importlib.metadata", "importlib.resources"}
_DISTRIBUTIONS = {"yaml": "pyyaml", "onnx_ir": "onnx-ir", "google": "protobuf"}
ABSENT = "not installed"
"""Stands for the version of a library that is imported somewhere but is not there (or is of unknown name)."""


@dataclass(frozen=True, slots=True)
class StageCode:
    """files: digest by path (`inrarch/stages/expand.py`). libraries: version by name (`numpy`, also `python`)."""

    files: dict[str, str]
    libraries: dict[str, str]


@dataclass(frozen=True, slots=True)
class Import:
    """One import statement. name: of `from module import name`, else empty. level: dots of a relative import."""

    module: str
    name: str
    level: int
    lazy: bool


def stage_code(module: str, digests: DigestCache) -> StageCode:
    """What the run of the stage in `module` (a dotted name) can reach."""
    reach = _Reach(digests, frozenset({"inrarch", module.partition(".")[0]}))
    reach.visit(module, whole=True)
    versions = {name: library_version(name) for name in ("python", *sorted(reach.libraries))}
    return StageCode(dict(sorted(reach.files.items())), versions)


class _Reach:
    """The walk: what was reached so far."""

    def __init__(self, digests: DigestCache, packages: frozenset[str]) -> None:
        self.files: dict[str, str] = {}
        self.libraries: set[str] = set()
        self._digests = digests
        self._packages = packages
        self._seen: set[tuple[str, bool]] = set()
        self._folders: dict[str, Path | None] = {}
        self._paths: dict[str, Path | None] = {}

    def visit(self, module: str, *, whole: bool) -> None:
        """Add a module and what it reaches; `whole` follows the imports inside its functions too (rule 2)."""
        if (module, whole) in self._seen:
            return
        self._seen.add((module, whole))
        parent = module.rpartition(".")[0]
        if parent:
            self.visit(parent, whole=False)
        path = self._file(module)
        top = self._folder(module.partition(".")[0])
        if path is None or top is None:
            return
        digest = self._digests.file(path)
        self.files[path.relative_to(top.parent).as_posix()] = digest
        is_package = path.name == "__init__.py"
        imports, scans = self._imports(path, digest)
        for statement in imports:
            if whole or not statement.lazy:
                self._follow(statement, module if is_package else parent)
        if scans and whole:
            self._visit_folder(path.parent, top)

    def _follow(self, statement: Import, package: str) -> None:
        module = statement.module
        if statement.level:
            base = package.split(".")[: len(package.split(".")) - statement.level + 1]
            module = ".".join([*base, module] if module else base)
        top = module.partition(".")[0]
        if top not in self._packages:
            if top not in sys.stdlib_module_names:
                self.libraries.add(_DISTRIBUTIONS.get(top, top))
            return
        if statement.name and self._file(f"{module}.{statement.name}") is not None:
            module = f"{module}.{statement.name}"
        self.visit(module, whole=True)

    def _visit_folder(self, folder: Path, top: Path) -> None:
        for path in sorted(folder.rglob("*")):
            if "__pycache__" in path.parts or not path.is_file():
                continue
            relative = path.relative_to(top.parent)
            if path.suffix == ".py":
                parts = relative.with_suffix("").parts
                self.visit(".".join(parts[:-1] if parts[-1] == "__init__" else parts), whole=True)
            else:
                self.files[relative.as_posix()] = self._digests.file(path)

    def _imports(self, path: Path, digest: str) -> tuple[list[Import], bool]:
        note = self._digests.note(f"imports 1 {digest}", lambda: _parse(path))
        imports, scans = json.loads(note)
        return [Import(*row) for row in imports], scans

    def _file(self, module: str) -> Path | None:
        """The source file of a module, or None: a name inside a module, or no module at all."""
        if module not in self._paths:
            top, *rest = module.split(".")
            folder = self._folder(top)
            path = folder.joinpath(*rest) if folder else None
            candidates = (path / "__init__.py", path.with_name(f"{path.name}.py")) if path else ()
            self._paths[module] = next((candidate for candidate in candidates if candidate.is_file()), None)
        return self._paths[module]

    def _folder(self, package: str) -> Path | None:
        """The folder of a top-level package."""
        if package not in self._folders:
            spec = importlib.util.find_spec(package)
            found = list(spec.submodule_search_locations or ()) if spec else []
            self._folders[package] = Path(found[0]).resolve() if found else None
        return self._folders[package]


def _parse(path: Path) -> str:
    """JSON: the import statements of a file and whether it scans for modules."""
    imports = list(_statements(ast.parse(path.read_bytes(), str(path)), lazy=False))
    named = {f"{item.module}.{item.name}" if item.name else item.module for item in imports if not item.level}
    scans = any(name.partition(".")[0] in _SCANNERS and not _is_harmless(name) for name in named)
    return json.dumps([[[item.module, item.name, item.level, item.lazy] for item in imports], scans])


def _is_harmless(name: str) -> bool:
    return any(name == harmless or name.startswith(f"{harmless}.") for harmless in _NOT_SCANNING)


def _statements(node: ast.AST, *, lazy: bool) -> Iterator[Import]:
    if isinstance(node, ast.Import):
        yield from (Import(alias.name, "", 0, lazy) for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        yield from (Import(node.module or "", alias.name, node.level, lazy) for alias in node.names)
    else:
        inside = lazy or isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        for child in _running_children(node):
            yield from _statements(child, lazy=inside)


def _running_children(node: ast.AST) -> Iterable[ast.AST]:
    """The children of a node, without what only a type checker reads."""
    if isinstance(node, ast.If):
        test = node.test
        name = test.attr if isinstance(test, ast.Attribute) else test.id if isinstance(test, ast.Name) else ""
        if name == "TYPE_CHECKING":
            return node.orelse
    return ast.iter_child_nodes(node)


@cache
def library_version(name: str) -> str:
    """The version of a library that is installed here, or of `python`; ABSENT if there is none."""
    from importlib.metadata import PackageNotFoundError, version

    if name == "python":
        return platform.python_version()
    try:
        return version(name)
    except PackageNotFoundError:
        return ABSENT
