from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from inrarch.engine.digest import DigestCache, canonical, list_files, tree_digest
from inrarch.errors import UserError


@pytest.fixture
def digests(tmp_path: Path) -> DigestCache:
    return DigestCache(tmp_path / "cache" / "digests.db", writable=True)


def settle(path: Path) -> None:
    """Let a file be old enough for the cache."""
    time.sleep(max(0.0, 0.12 - (time.time() - path.stat().st_ctime)))


def test_an_edit_that_keeps_size_and_mtime_changes_the_digest(tmp_path: Path, digests: DigestCache) -> None:
    path = tmp_path / "weights.bin"
    path.write_text("aaaa")
    settle(path)
    before, status = digests.file(path), path.stat()
    path.write_text("bbbb")
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert path.stat().st_mtime_ns == status.st_mtime_ns
    assert digests.file(path) != before


def test_a_file_changed_a_moment_ago_is_not_cached(tmp_path: Path, digests: DigestCache) -> None:
    path = tmp_path / "weights.bin"
    path.write_text("aaaa")
    digests.file(path)
    assert digests._database.execute("SELECT count(*) FROM files") == (0,)


def test_a_settled_file_is_read_once(tmp_path: Path, digests: DigestCache, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "weights.bin"
    path.write_text("aaaa")
    settle(path)
    first = digests.file(path)
    monkeypatch.setattr("hashlib.file_digest", lambda *_: pytest.fail("read again"))
    assert digests.file(path) == first


def test_a_damaged_cache_is_started_anew(tmp_path: Path) -> None:
    path = tmp_path / "digests.db"
    path.write_bytes(b"not a database, but longer than its header would be" * 100)
    digests = DigestCache(path, writable=True)
    assert digests.note("key", lambda: "value") == "value"
    digests.close()
    assert DigestCache(path, writable=False).note("key", lambda: pytest.fail("lost")) == "value"


def test_a_cache_that_may_not_write_leaves_the_build_directory_alone(tmp_path: Path) -> None:
    digests = DigestCache(tmp_path / "build" / "digests.db", writable=False)
    digests.note("key", lambda: "value")
    assert not (tmp_path / "build").exists()


def test_a_missing_file_is_an_error_that_names_it(tmp_path: Path, digests: DigestCache) -> None:
    with pytest.raises(UserError) as caught:
        digests.file(tmp_path / "absent.onnx")
    assert str(caught.value) == f"{tmp_path}/absent.onnx: cannot be read: No such file or directory"


def test_the_digest_of_a_folder_depends_on_names_and_contents_but_not_on_compiled_python(
    tmp_path: Path, digests: DigestCache
) -> None:
    (tmp_path / "d" / "__pycache__").mkdir(parents=True)
    (tmp_path / "d" / "a").write_text("1")
    first = digests.path(tmp_path / "d")
    (tmp_path / "d" / "__pycache__" / "a.pyc").write_text("x")
    assert digests.path(tmp_path / "d") == first
    (tmp_path / "d" / "a").rename(tmp_path / "d" / "b")
    assert digests.path(tmp_path / "d") != first
    assert list(list_files(tmp_path / "d")) == ["b"]


def test_canonical_text_does_not_depend_on_the_order_of_keys() -> None:
    assert canonical({"b": 1, "a": [1.5, None]}) == canonical({"a": [1.5, None], "b": 1}) == '{"a":[1.5,null],"b":1}'
    assert tree_digest({"a": "1", "b": "2"}) == tree_digest({"b": "2", "a": "1"})
    with pytest.raises(ValueError, match="not JSON compliant"):
        canonical(float("nan"))
