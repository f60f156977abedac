"""What boards, families and fabrics share: YAML files found by name, shipped ones and one's own, read and checked."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from inrarch.config.tree import Tree
from inrarch.errors import combined, did_you_mean

SHIPPED = Path(__file__).parent
"""The boards that come with inrarch; families and fabrics are folders in it."""


def yaml_files(*folders: Path | None) -> dict[str, Path]:
    """The YAML file of each name, in rising order; one in a later folder hides one of its name in an earlier."""
    files = {file.stem: file for folder in folders if folder is not None for file in folder.glob("*.yaml")}
    return dict(sorted(files.items()))


def read_checked(file: Path, schema: str) -> Tree:
    """The content of a file that satisfies its schema. Raises `UserError` with all that is wrong."""
    from inrarch.config.validate import schema_errors
    from inrarch.config.yaml12 import read_yaml

    tree = read_yaml(file)
    if errors := schema_errors(tree, schema):
        raise combined(errors)
    return tree


def named_file(tree: Tree, key: str, files: Mapping[str, Path], what: str, own: str) -> Path:
    """The file that `key` names; `own` says where one's own `{name}` would be. Raises `UserError` for another name."""
    name = tree.value[key]
    if name in files:
        return files[name]
    expected = f"one of {', '.join(files)}, or {own.format(name=name)}"
    raise tree.error((key,), f"unknown {what} {name!r}", expected=expected, hint=did_you_mean(name, files))
