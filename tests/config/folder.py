"""A workspace folder for tests: files are written as texts, loaded, and their errors read as texts."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from inrarch.config.load import load_workspace
from inrarch.config.model import Project, Variant, Workspace


@dataclass(frozen=True, slots=True)
class Folder:
    root: Path

    def write(self, name: str, text: str) -> Path:
        """Write a file, and the folders above it."""
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    def project(self, text: str, name: str = "p") -> Path:
        """Write a project whose model.onnx exists (loading a configuration does not look into it)."""
        self.write(f"projects/{name}/model.onnx", "")
        return self.write(f"projects/{name}/project.yaml", text)

    def load(self) -> Workspace:
        return load_workspace(self.root)

    def loaded(self) -> Project:
        """The only project, which must be right."""
        workspace = self.load()
        assert not workspace.broken, workspace.broken[0].error.text()
        return workspace.projects[0]

    def variant(self, text: str) -> Variant:
        """The only variant of a project of that text."""
        self.project(text)
        (variant,) = self.loaded().variants
        return variant

    def error(self, text: str) -> str:
        """What is wrong with a project of that text."""
        self.project(text)
        (broken,) = self.load().broken
        return broken.error.text()
