from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from inrarch.engine.digest import DigestCache
from inrarch.engine.store import Artefact, Store
from inrarch.engine.view import View
from inrarch.errors import UserError

INGREDIENTS = {"format": 1, "stage": "map", "settings": {"rows": 64}}


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / ".store", tmp_path / ".tmp", DigestCache(tmp_path / "digests.db", writable=True))


def publish(store: Store, text: str = "{}") -> Artefact:
    prepared = store.folder.parent / "prepared"
    (prepared / "payload" / "sub").mkdir(parents=True)
    (prepared / "payload" / "network.json").write_text(text)
    (prepared / "payload" / "sub" / "data.bin").write_bytes(b"\0\1")
    (prepared / "log.txt").write_text("said something")
    return store.publish(prepared, INGREDIENTS, {"host": "somewhere"})


def test_a_published_artefact_is_found_with_its_record(store: Store) -> None:
    artefact = publish(store)
    found = store.find(artefact.fingerprint)
    assert found == artefact
    assert (found.payload / "network.json").read_text() == "{}"
    assert found.record["provenance"] == {"host": "somewhere"}
    assert sorted(found.record["payload"]["files"]) == ["network.json", "sub/data.bin"]
    assert not (store.folder.parent / "prepared").exists()


def test_the_payload_digest_depends_on_content_alone(store: Store) -> None:
    first = publish(store)
    shutil.rmtree(store.folder)
    assert publish(store).digest == first.digest
    assert publish(store, "[]").digest != first.digest


def edit(artefact: Artefact) -> None:
    (artefact.payload / "network.json").write_text("[]")


def truncate(artefact: Artefact) -> None:
    (artefact.payload / "sub" / "data.bin").write_bytes(b"\0")


def lose(artefact: Artefact) -> None:
    (artefact.payload / "network.json").unlink()


def add(artefact: Artefact) -> None:
    (artefact.payload / "extra").write_text("")


def damage_record(artefact: Artefact) -> None:
    (artefact.folder / "record.json").write_text('{"format"')


def swap_record(artefact: Artefact) -> None:
    record = json.loads((artefact.folder / "record.json").read_text())
    record["ingredients"]["settings"]["rows"] = 32
    (artefact.folder / "record.json").write_text(json.dumps(record))


@pytest.mark.parametrize(
    ("harm", "fault"),
    [
        (edit, "the artefact was damaged (network.json)"),
        (truncate, "the artefact was damaged (sub/data.bin)"),
        (lose, "the artefact was damaged (network.json)"),
        (add, "the artefact was damaged (extra)"),
        (damage_record, "the artefact was damaged (record.json)"),
        (swap_record, "the artefact was damaged (record.json)"),
        (lambda artefact: shutil.rmtree(artefact.folder), "the artefact is gone"),
    ],
)
def test_a_harmed_artefact_counts_as_absent(store: Store, harm, fault: str) -> None:
    artefact = publish(store)
    harm(artefact)
    assert store.find(artefact.fingerprint) is None
    assert store.inspect(artefact.fingerprint)[1] == fault
    assert store.find(publish(store).fingerprint) == artefact


def test_a_forgotten_artefact_counts_as_absent_until_published_again(store: Store) -> None:
    artefact = publish(store)
    assert store.forget(artefact.fingerprint)
    assert store.find(artefact.fingerprint) is None
    assert store.find(publish(store).fingerprint) == artefact
    assert not store.forget("0" * 64)


def test_a_payload_with_a_link_is_refused(store: Store, tmp_path: Path) -> None:
    (tmp_path / "p" / "payload").mkdir(parents=True)
    (tmp_path / "p" / "payload" / "link").symlink_to("/etc/hostname")
    with pytest.raises(ValueError, match="plain files only, not 'link'"):
        store.publish(tmp_path / "p", INGREDIENTS, {})
    assert not store.folder.exists()


def test_the_view_shows_a_result_by_a_relative_link_and_remembers_a_retired_one(tmp_path: Path) -> None:
    view = View(tmp_path)
    link = view.path("p", "v", "map")
    assert view.show(link, "a" * 64)
    assert not view.show(link, "a" * 64)
    assert link.readlink().as_posix() == f"../../.store/{'a' * 64}/payload"
    view.retire(link)
    assert view.target(link) is None
    assert view.last(link) == "a" * 64
    view.show(link, "b" * 64)
    assert view.last(link) == "b" * 64
    assert view.shown() == {link: "b" * 64}
    view.remove(link)
    assert list(tmp_path.iterdir()) == []


def test_the_view_never_replaces_what_it_did_not_make(tmp_path: Path) -> None:
    view = View(tmp_path)
    link = view.path("p", "v", "map")
    link.mkdir(parents=True)
    with pytest.raises(UserError) as caught:
        view.show(link, "a" * 64)
    assert str(caught.value) == (
        f"{link}: is in the way of a result; expected nothing here that the build did not make\n"
        "hint: move it out of the build directory"
    )
