"""manifest.json of each variant on the toy pipeline: what it says, when it is written, when it goes."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from typing import Any

from jsonschema import Draft7Validator

from inrarch.engine.digest import canonical, text_digest
from inrarch.resources import data_folder
from tests.engine.toy import Toy, make_toy


def manifest_path(toy: Toy, variant: str = "p/v") -> Path:
    return toy.root / "build" / variant / "manifest.json"


def manifest(toy: Toy, variant: str = "p/v") -> dict[str, Any]:
    value: dict[str, Any] = json.loads(manifest_path(toy, variant).read_text())
    schema = json.loads((data_folder("schemas") / "manifest.schema.json").read_text())
    Draft7Validator.check_schema(schema)
    Draft7Validator(schema).validate(value)
    return value


def test_it_says_what_the_results_are_and_all_they_were_made_from(toy: Toy) -> None:
    toy.doit("build")
    value = manifest(toy)
    content = value["content"]
    assert value["digest"] == text_digest(canonical(content))
    assert (content["project"], content["variant"]) == ("p", "v")
    assert list(content["stages"]) == ["first", "second", "third"]
    first, second = content["stages"]["first"], content["stages"]["second"]
    assert first["files"] == {"model": {"path": "input.txt", "sha256": text_digest("one")}}
    assert second["settings"] == {"scale": 1}
    assert second["inputs"] == {"first": first["outputs"]["digest"]}
    assert first["outputs"]["files"]["out.txt"] == {"sha256": text_digest("one"), "bytes": 3}
    assert second["fingerprint"] == toy.payload("second").resolve().parent.name
    assert re.match(r"3\.\d+", second["libraries"]["python"])
    assert content["code"]["toy/second.py"] == text_digest((toy.root / "toy" / "second.py").read_text())
    assert value["git"] is None
    assert sorted(value["provenance"]["stages"]) == ["first", "second", "third"]


def test_content_and_digest_depend_on_no_place_host_or_time(toy: Toy, tmp_path_factory) -> None:
    other = make_toy(tmp_path_factory.mktemp("elsewhere"))
    toy.doit("build")
    other.doit("build", "-n", "3")
    ours, theirs = manifest(toy), manifest(other)
    assert ours["content"] == theirs["content"]
    assert ours["digest"] == theirs["digest"]
    text = json.dumps(ours["content"])
    assert str(toy.root) not in text
    assert ours["provenance"]["host"] not in text


def test_a_build_with_nothing_to_do_leaves_it_alone(toy: Toy) -> None:
    toy.doit("build")
    before = manifest_path(toy).stat()
    toy.doit("build")
    assert manifest_path(toy).stat().st_ino == before.st_ino
    manifest_path(toy).write_text("{}")
    toy.doit("build")
    assert manifest(toy)["content"]["project"] == "p"


def test_it_tells_of_the_new_results_after_a_change(toy: Toy) -> None:
    toy.doit("build")
    before = manifest(toy)
    toy.write_variants(("p", "v", {"scale": 1, "board": "u280"}))
    toy.doit("build")
    after = manifest(toy)
    assert after["content"]["stages"]["third"]["settings"] == {"board": "u280"}
    assert after["content"]["stages"]["second"] == before["content"]["stages"]["second"]
    assert after["digest"] != before["digest"]


def test_it_goes_when_a_result_does_and_then_tells_of_what_is_left(toy: Toy) -> None:
    toy.doit("build")
    toy.write_variants(("p", "v", {"scale": 1, "board": "u280", "fail": "third"}))
    toy.delay("third", 30)
    toy.runs()
    build = toy.start("build")
    toy.wait_for_run("third")
    assert not manifest_path(toy).exists(), "no old manifest beside new results"
    build.kill()
    build.communicate()
    toy.delay("third", None)
    toy.doit("build", code=1)
    assert list(manifest(toy)["content"]["stages"]) == ["first", "second"]


def test_stages_after_the_last_one_asked_for_count_if_they_are_up_to_date(toy: Toy) -> None:
    toy.doit("build")
    manifest_path(toy).unlink()
    toy.doit("build", "--until", "second")
    assert list(manifest(toy)["content"]["stages"]) == ["first", "second", "third"]
    manifest_path(toy).unlink()
    toy.write_variants(("p", "v", {"scale": 1, "board": "u280"}))
    toy.doit("build", "--until", "second")
    assert list(manifest(toy)["content"]["stages"]) == ["first", "second"]


def test_each_variant_of_a_build_has_its_own_and_others_are_left_alone(toy: Toy) -> None:
    toy.write_variants(("p", "a", {"scale": 1}), ("p", "b", {"scale": 2}))
    toy.doit("build", "p@a")
    assert not manifest_path(toy, "p/b").exists()
    before = manifest_path(toy, "p/a").stat()
    toy.doit("build", "p@b")
    assert manifest(toy, "p/b")["content"]["stages"]["second"]["settings"] == {"scale": 2}
    assert manifest_path(toy, "p/a").stat().st_ino == before.st_ino


def test_clean_removes_it(toy: Toy) -> None:
    toy.doit("build")
    assert manifest_path(toy).exists()
    toy.doit("clean")
    assert not (toy.root / "build" / "p").exists()


def git(folder: Path, *arguments: str) -> str:
    named = ("-c", "user.name=T", "-c", "user.email=t@example.com", "-c", "commit.gpgsign=false")
    return subprocess.run(("git", *named, *arguments), cwd=folder, check=True, capture_output=True, text=True).stdout


def test_it_names_the_commit_and_is_written_anew_after_one(toy: Toy) -> None:
    (toy.root / ".gitignore").write_text("build/\n__pycache__/\nruns.txt\n")
    git(toy.root, "init", "-q", "-b", "trunk")
    git(toy.root, "add", ".")
    git(toy.root, "commit", "-q", "-m", "one")
    toy.doit("build")
    before = manifest(toy)
    assert before["git"] == {
        "commit": git(toy.root, "rev-parse", "HEAD").strip(),
        "branch": "trunk",
        "dirty": {},
        "dirty_count": 0,
        "dirty_digest": None,
    }
    (toy.root / "notes.txt").write_text("new")
    toy.doit("build")
    after = manifest(toy)
    assert after["git"]["dirty"] == {"notes.txt": text_digest("new")}
    assert after["digest"] == before["digest"]
