from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
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
    shutil.rmtree(store.folder)
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


def forget_sizes(artefact: Artefact) -> None:
    record = json.loads((artefact.folder / "record.json").read_text())
    for entry in record["payload"]["files"].values():
        del entry["bytes"]
    (artefact.folder / "record.json").write_text(json.dumps(record))


def garble_record(artefact: Artefact) -> None:
    (artefact.folder / "record.json").write_bytes(b"\xff\0[1]")


def lead_nowhere(artefact: Artefact) -> None:
    (artefact.payload / "network.json").unlink()
    (artefact.payload / "network.json").symlink_to("nowhere")


def empty(artefact: Artefact) -> None:
    shutil.rmtree(artefact.folder)
    artefact.folder.mkdir()


def lose_payload(artefact: Artefact) -> None:
    shutil.rmtree(artefact.payload)


def become_a_file(artefact: Artefact) -> None:
    shutil.rmtree(artefact.folder)
    artefact.folder.write_text("")


def become_a_link(artefact: Artefact) -> None:
    shutil.rmtree(artefact.folder)
    artefact.folder.symlink_to("nowhere")


@pytest.mark.parametrize(
    ("harm", "fault"),
    [
        (forget_sizes, "the artefact was damaged (record.json)"),
        (garble_record, "the artefact was damaged (record.json)"),
        (lead_nowhere, "the artefact was damaged (network.json)"),
        (empty, "the artefact was damaged (record.json)"),
        (lose_payload, "the artefact was damaged (network.json)"),
        (become_a_file, "the artefact was damaged (record.json)"),
        (become_a_link, "the artefact was damaged (record.json)"),
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


def test_the_second_of_two_publishers_gets_the_artefact_of_the_first(store: Store) -> None:
    first = publish(store, "first")
    second = publish(store, "second")
    assert second == first
    assert (second.payload / "network.json").read_text() == "first"
    assert not (store.folder.parent / "prepared").exists()


def test_of_many_processes_that_publish_at_once_one_wins_and_all_get_its_artefact(store: Store, tmp_path: Path) -> None:
    script = f"""
import sys, time
from pathlib import Path
from inrarch.engine.digest import DigestCache
from inrarch.engine.store import Store
root, me = Path({str(tmp_path)!r}), sys.argv[1]
for turn in range(20):
    ingredients = {{"format": 1, "turn": turn}}
    prepared = root / f"prepared-{{me}}-{{turn}}"
    (prepared / "payload").mkdir(parents=True)
    for index in range(5):
        (prepared / "payload" / f"{{index}}.txt").write_text(me * 1000)
    while not (root / "go").exists():
        time.sleep(0.001)
    store = Store(root / "shared", root / "shared" / ".incoming", DigestCache(root / me, writable=True), root / me)
    artefact = store.publish(prepared, ingredients, {{"job": me}})
    assert store.find(artefact.fingerprint).record["provenance"] == artefact.record["provenance"], "not one winner"
    print(turn, artefact.record["provenance"]["job"])
"""
    publishers = [
        subprocess.Popen([sys.executable, "-c", script, name], stdout=subprocess.PIPE, text=True) for name in "abcd"
    ]
    (tmp_path / "go").touch()
    outputs = [publisher.communicate(timeout=60)[0] for publisher in publishers]
    assert [publisher.returncode for publisher in publishers] == [0] * 4
    assert outputs[0].count("\n") == 20
    assert set(outputs) == {outputs[0]}
    assert sorted(path.name for path in tmp_path.iterdir() if path.name.startswith("prepared")) == []
    assert list((tmp_path / "shared" / ".incoming").iterdir()) == []


def test_a_refused_publication_leaves_what_was_prepared(store: Store, tmp_path: Path) -> None:
    full = Store(
        tmp_path / "full", tmp_path / "full" / ".incoming", DigestCache(tmp_path / "d", writable=False), tmp_path
    )
    full.folder.mkdir()
    full.staging.write_text("in the way")
    (tmp_path / "prepared" / "payload").mkdir(parents=True)
    (tmp_path / "prepared" / "payload" / "a").write_text("a")
    with pytest.raises(OSError, match="File exists"):
        full.publish(tmp_path / "prepared", INGREDIENTS, {})
    assert store.publish(tmp_path / "prepared", INGREDIENTS, {}).digest


def test_a_forgotten_artefact_of_a_shared_store_is_forgotten_for_one_workspace_only(tmp_path: Path) -> None:
    digests = DigestCache(tmp_path / "digests.db", writable=True)
    ours, theirs = (
        Store(tmp_path / "shared", tmp_path / "shared" / ".incoming", digests, tmp_path / name)
        for name in ("us", "them")
    )
    artefact = publish(ours)
    assert ours.forget(artefact.fingerprint)
    assert ours.find(artefact.fingerprint) is None
    assert theirs.find(artefact.fingerprint) == artefact
    assert publish(ours, "other").digest != artefact.digest
    assert ours.find(artefact.fingerprint) == theirs.find(artefact.fingerprint) != artefact


def test_the_time_of_last_use_is_kept_to_the_hour(store: Store) -> None:
    artefact = publish(store)
    for age_s, kept in ((600, True), (7200, False)):
        then = time.time() - age_s
        os.utime(artefact.folder, (then, then))
        store.mark_used(artefact)
        assert (abs(artefact.folder.stat().st_mtime - then) < 1) is kept
        assert store.find(artefact.fingerprint) == artefact


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


def test_the_view_shows_artefacts_of_a_store_elsewhere_by_an_absolute_link(tmp_path: Path) -> None:
    view = View(tmp_path / "build")
    link = view.path("p", "v", "map")
    assert view.show(link, "a" * 64, tmp_path / "shared" / ("a" * 64))
    assert link.readlink() == tmp_path / "shared" / ("a" * 64) / "payload"
    assert view.target(link) == "a" * 64
    assert not view.show(link, "a" * 64, tmp_path / "moved" / ("a" * 64)), "the same result in another place"
    assert link.readlink() == tmp_path / "moved" / ("a" * 64) / "payload"
    assert view.shown() == {link: "a" * 64}


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
