from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from inrarch.engine import git_state as module
from inrarch.engine.digest import DigestCache, text_digest
from inrarch.engine.git_state import git_state


@pytest.fixture
def digests(tmp_path: Path) -> DigestCache:
    return DigestCache(tmp_path / "digests.db", writable=False)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    folder = tmp_path / "repository"
    (folder / "work space").mkdir(parents=True)
    git(folder, "init", "-q", "-b", "trunk")
    for name in ("a b.txt", "gone.txt", "same.txt", "é\n.txt"):
        (folder / "work space" / name).write_text(name)
    (folder / "outside.txt").write_text("outside")
    git(folder, "add", ".")
    git(folder, "commit", "-q", "-m", "one")
    return folder


def git(folder: Path, *arguments: str) -> str:
    named = ("-c", "user.name=T", "-c", "user.email=t@example.com", "-c", "commit.gpgsign=false")
    return subprocess.run(("git", *named, *arguments), cwd=folder, check=True, capture_output=True, text=True).stdout


def test_changed_deleted_renamed_and_new_files_of_the_workspace_are_told(
    repository: Path, digests: DigestCache
) -> None:
    root = repository / "work space"
    clean = git_state(root, digests)
    assert clean == {
        "commit": git(repository, "rev-parse", "HEAD").strip(),
        "branch": "trunk",
        "dirty": {},
        "dirty_count": 0,
        "dirty_digest": None,
    }
    (root / "a b.txt").write_text("changed")
    (root / "gone.txt").unlink()
    (root / "é\n.txt").rename(root / "renamed.txt")
    git(root, "add", "renamed.txt")
    (root / "new folder").mkdir()
    (root / "new folder" / "x").touch()
    (repository / "outside.txt").write_text("does not count")
    state = git_state(root, digests)
    assert state is not None
    assert state["dirty"] == {
        "a b.txt": text_digest("changed"),
        "gone.txt": None,
        "new folder": None,
        "renamed.txt": text_digest("é\n.txt"),
        "é\n.txt": None,
    }
    assert state["dirty_count"] == 5
    (root / "a b.txt").write_text("changed again")
    assert git_state(root, digests)["dirty_digest"] not in (None, state["dirty_digest"])


def test_a_long_list_is_cut_but_its_digest_is_not(
    repository: Path, digests: DigestCache, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MOST_DIRTY", 1)
    (repository / "1").touch()
    (repository / "2").touch()
    state = git_state(repository, digests)
    assert list(state["dirty"]) == ["1"]
    assert state["dirty_count"] == 2
    (repository / "2").write_text("other")
    assert git_state(repository, digests)["dirty_digest"] != state["dirty_digest"]


def test_a_repository_without_a_commit_and_one_that_is_detached(
    repository: Path, digests: DigestCache, tmp_path: Path
) -> None:
    git(repository, "checkout", "-q", "--detach")
    state = git_state(repository, digests)
    assert (state["branch"], len(state["commit"])) == (None, 40)
    (tmp_path / "empty").mkdir()
    git(tmp_path / "empty", "init", "-q", "-b", "trunk")
    state = git_state(tmp_path / "empty", digests)
    assert (state["branch"], state["commit"]) == ("trunk", None)


def test_no_repository_no_git_and_a_damaged_repository_are_fine(
    repository: Path, digests: DigestCache, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "plain").mkdir()
    assert git_state(tmp_path / "plain", digests) is None
    (tmp_path / "plain" / ".git").write_text("gitdir: nowhere")
    assert git_state(tmp_path / "plain", digests) is None
    assert git_state(repository, digests) is not None
    monkeypatch.setenv("PATH", str(tmp_path))
    assert git_state(repository, digests) is None


def test_nothing_that_the_repository_configures_is_run(repository: Path, digests: DigestCache) -> None:
    git(repository, "config", "core.fsmonitor", f"touch '{repository}/run'; false")
    assert git_state(repository, digests)["dirty"] == {}
    assert not (repository / "run").exists()
