"""Finds and loads a workspace: inrarch.yaml, every projects/<name>/project.yaml, and the variants of each."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterable
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from inrarch.boards import board_names, load_board
from inrarch.config.matrix import expand_matrix
from inrarch.config.model import Board, BrokenProject, ExecutorChoice, Project, Totals, Workspace
from inrarch.config.names import NAME_RULE, is_name
from inrarch.config.resolve import resolve_variant, variant_errors
from inrarch.config.schema import load_schema, with_defaults
from inrarch.config.tree import Tree, overlaid
from inrarch.config.validate import schema_errors
from inrarch.config.yaml12 import read_yaml
from inrarch.errors import UserError, combined, did_you_mean
from inrarch.paths import shown_path
from inrarch.stages import stage_names

WORKSPACE_FILE = "inrarch.yaml"
PROJECT_FILE = "project.yaml"


def find_root(start: Path | None = None) -> Path:
    """The workspace of a folder (default: the current one): the nearest folder at or above it that is one.

    A workspace has inrarch.yaml, or a pyproject.toml with [tool.doit], or projects/<name>/project.yaml.
    Raises `UserError` when there is none.
    """
    start = (start or Path.cwd()).resolve()
    for folder in (start, *start.parents):
        if is_workspace(folder):
            return folder
    raise UserError(
        f"no workspace at or above {start}",
        expected=f"{WORKSPACE_FILE}, projects/NAME/{PROJECT_FILE}, or a pyproject.toml with [tool.doit]",
        hint="`inrarch init NAME --onnx MODEL` makes a first project here",
    )


def is_workspace(folder: Path) -> bool:
    """Whether the folder itself is a workspace (see `find_root`)."""
    if (folder / WORKSPACE_FILE).is_file() or any(folder.glob(f"projects/*/{PROJECT_FILE}")):
        return True
    try:
        text = (folder / "pyproject.toml").read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return False
    return any(line.startswith(("[tool.doit]", "[tool.doit.")) for line in text.splitlines())


def load_workspace(root: Path, *, tools: Collection[str] | None = None) -> Workspace:
    """Load the workspace at `root` with all its projects. tools: the names that `tools:` may have; None = any.

    Raises `UserError` with all that is wrong with inrarch.yaml. A project that is wrong does not raise: it becomes
    one of `Workspace.broken`, so that it does not hinder the others.
    """
    root = root.resolve()
    settings, file = _load_settings(root)
    value = with_defaults(load_schema("workspace"), settings.value)
    folders = tuple(root / folder for folder in value["boards"])
    projects_folder = root / value["projects"]
    build = Path(os.path.normpath(root / value["build"]))
    store = None if value["store"] is None else Path(os.path.normpath(root / Path(value["store"]).expanduser()))
    errors = [
        *_folder_errors(settings, value, root, build),
        *_board_folder_errors(settings, folders),
        *_stage_errors(settings, value["stages"]),
    ]
    errors += [] if tools is None else _tool_errors(settings, value["tools"], tools)
    errors += _store_errors(settings, store, root, projects_folder, build)
    if errors:
        raise combined(errors)

    @cache
    def board(name: str) -> Board:
        return load_board(name, folders)

    defaults = settings.at(("defaults",)) if "defaults" in settings.value else Tree({}, {})
    projects: list[Project] = []
    broken: list[BrokenProject] = []
    for project_file in sorted(projects_folder.glob(f"[!.]*/{PROJECT_FILE}")):
        try:
            projects.append(_load_project(project_file, defaults, board_names(folders), board))
        except UserError as error:
            broken.append(BrokenProject(project_file.parent.name, project_file, error))
    return Workspace(
        root=root,
        file=file,
        projects_folder=projects_folder,
        build=build,
        store=store,
        boards=folders,
        jobs=_count(value["jobs"]),
        second_build=str(value["second_build"]),
        resources=_totals(value["resources"]),
        stages=MappingProxyType(value["stages"]),
        executor=_executor(value["executor"]),
        tools=MappingProxyType({name: _program(path, root) for name, path in sorted(value["tools"].items())}),
        projects=tuple(projects),
        broken=tuple(broken),
    )


def _load_settings(root: Path) -> tuple[Tree, Path | None]:
    file = root / WORKSPACE_FILE
    if not file.is_file():
        return Tree({}, {}), None
    tree = read_yaml(file)
    errors = schema_errors(tree, "workspace")
    if errors:
        raise combined(errors)
    return tree, file


def _load_project(file: Path, defaults: Tree, boards: tuple[str, ...], load_board: Callable[[str], Board]) -> Project:
    folder = file.parent
    if not is_name(folder.name):
        place = shown_path(folder)
        raise UserError(f"{folder.name!r} is not allowed as the name of a project", place=place, expected=NAME_RULE)
    tree = read_yaml(file)
    errors = schema_errors(tree, "project")
    if errors:
        raise combined(errors)
    tree = overlaid(defaults, tree)
    configs = expand_matrix(tree)
    wrong = {error.text(): error for config in configs.values() for error in variant_errors(config, folder, boards)}
    if wrong:
        raise combined(list(wrong.values()))
    variants = tuple(resolve_variant(folder.name, name, config, folder, load_board) for name, config in configs.items())
    return Project(folder.name, folder, file, tree.value.get("description", ""), variants)


def _folder_errors(settings: Tree, value: dict[str, Any], root: Path, build: Path) -> list[UserError]:
    """`clean` empties the build folder, so it must not be a place where something else lives."""
    errors = []
    projects = Path(os.path.normpath(root / value["projects"]))
    if "projects" in settings.value and not projects.is_dir():
        found = f"the folder of projects {value['projects']!r} does not exist"
        errors.append(settings.error(("projects",), found, expected="a folder"))
    if root.is_relative_to(build) or projects.is_relative_to(build) or build.is_relative_to(projects):
        found = f"the build folder {value['build']!r} holds the workspace or its projects, or lies among them"
        errors.append(settings.error(("build",), found, expected="a folder for nothing else, like 'build'"))
    if os.path.lexists(build) and not build.is_dir():
        kind = "a link to nothing" if build.is_symlink() else "a file"
        found, hint = (
            f"the build folder {shown_path(build)!r} is {kind}",
            "remove it, or set `build:` to another folder",
        )
        errors.append(settings.error(("build",), found, expected="a folder, or nothing", hint=hint))
    return errors


def _board_folder_errors(settings: Tree, folders: tuple[Path, ...]) -> list[UserError]:
    errors = []
    for index, folder in enumerate(folders):
        if not folder.is_dir():
            found = f"the board folder {shown_path(folder)!r} does not exist"
            errors.append(settings.error(("boards", index), found, expected="a folder"))
    return errors


def _stage_errors(settings: Tree, stages: dict[str, Any]) -> list[UserError]:
    errors = []
    known = stage_names()
    for name in stages:
        if name not in known:
            found, expected, hint = (
                f"no stage is called {name!r}",
                f"one of {', '.join(known)}",
                did_you_mean(name, known),
            )
            errors.append(settings.error(("stages", name), found, on="key", expected=expected, hint=hint))
    return errors


def _count(value: int | str) -> int | None:
    return None if value == "auto" else int(value)


def _totals(value: dict[str, Any]) -> Totals:
    licences = {name: int(count) for name, count in value["licences"].items()}
    return Totals(_count(value["cores"]), _count(value["memory_mb"]), MappingProxyType(licences))


def _executor(value: dict[str, Any]) -> ExecutorChoice:
    options = {name: MappingProxyType(section) for name, section in value.items() if isinstance(section, dict)}
    return ExecutorChoice(value["name"], value["staged"], MappingProxyType(options))


def _tool_errors(settings: Tree, configured: Iterable[str], known: Collection[str]) -> list[UserError]:
    errors = []
    for name in configured:
        if name not in known:
            expected, hint = f"one of {', '.join(known)}", did_you_mean(name, known)
            errors.append(
                settings.error(("tools", name), f"unknown tool {name!r}", on="key", expected=expected, hint=hint)
            )
    return errors


def _store_errors(settings: Tree, store: Path | None, root: Path, projects: Path, build: Path) -> list[UserError]:
    """The store must not lie where it would be taken for something else."""
    if store is None or store == build / ".store":
        return []
    projects = Path(os.path.normpath(projects))
    among = any(store.is_relative_to(folder) for folder in (build, projects))
    if not among and not root.is_relative_to(store) and not projects.is_relative_to(store):
        if store.is_dir() or not store.exists():
            return []
        found = f"the store {settings.value['store']!r} is a file"
    else:
        found = (
            f"the store {settings.value['store']!r} holds the workspace or its projects, or lies among them or in build"
        )
    return [settings.error(("store",), found, expected="a folder for nothing else, like '/shared/inrarch'")]


def _program(path: str, root: Path) -> str:
    """A command on PATH stays as it is; a path becomes absolute."""
    return str(root / Path(path).expanduser()) if "/" in path else path
