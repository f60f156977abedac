"""Against MLflow's own stores in files, where MLflow is installed (extra `mlflow`); nothing of it is replaced."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from inrarch.engine.digest import DigestCache
from inrarch.engine.fingerprint import fingerprint
from inrarch.engine.mlflow_export import export_runs
from inrarch.engine.stores import Stores
from inrarch.errors import UserError
from tests.run_records import record, variant

INGREDIENTS = {"format": 1, "stage": "report"}
REPORT = fingerprint(INGREDIENTS)
BAD = {"passed": False, "summary": "bad"}
RECORDS = [
    record("20261121-130303-6ae1", variant("net@a", report=REPORT), variant("net@b", report=REPORT, verdict=BAD)),
    record("20261121-140404-0000", variant("other@c", report=None, inputs=None, verdict=None, metrics=None), git=None),
    record("20261121-150505-0000-idle", idle=True, variants=[]),
]


def stores_of(folder: Path, shared: Path | None) -> Stores:
    return Stores(folder / "build", shared, DigestCache(folder / "digests.db", writable=False))


@pytest.fixture(params=["own", "shared"])
def stores(tmp_path: Path, request: pytest.FixtureRequest) -> Stores:
    """Stores of a build directory, with the report in its own or in the shared one."""
    stores = stores_of(tmp_path, tmp_path / "disk" if request.param == "shared" else None)
    payload = tmp_path / "prepared" / "payload"
    payload.mkdir(parents=True)
    (payload / "report.json").write_text('{"fine": true}')
    (payload.parent / "log.txt").touch()
    with stores.building():
        stores.publish(payload.parent, INGREDIENTS, {})
    assert (tmp_path / ("disk" if request.param == "shared" else "build/.store") / REPORT).is_dir()
    return stores


@pytest.fixture
def client(kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A client of a fresh store, a folder or a database."""
    pytest.importorskip("mlflow", reason="MLflow is not installed: pip install 'inrarch[mlflow]'")
    if kind == "sqlite":
        pytest.importorskip("sqlalchemy", reason="SQLAlchemy is not installed: pip install 'inrarch[mlflow]'")
    monkeypatch.setenv("MLFLOW_ALLOW_FILE_STORE", "true")
    monkeypatch.chdir(tmp_path)
    from mlflow import MlflowClient

    return MlflowClient(f"sqlite:///{tmp_path}/runs.db" if kind == "sqlite" else (tmp_path / "mlruns").as_uri())


@pytest.mark.parametrize("kind", ["file", "sqlite"])
def test_every_variant_of_every_run_becomes_a_run_of_mlflow_once(client: Any, stores: Stores, tmp_path: Path) -> None:
    assert export_runs(RECORDS, client.tracking_uri, stores) == 3
    assert export_runs(RECORDS, client.tracking_uri, stores) == 0

    net, other = (client.get_experiment_by_name(name).experiment_id for name in ("net", "other"))
    (bare,) = client.search_runs([other])
    good, bad = sorted(client.search_runs([net]), key=lambda run: run.info.run_name)
    assert (good.info.run_name, bad.info.run_name, bare.info.run_name) == ("a", "b", "c")
    assert (good.info.status, bad.info.status, bare.info.status) == ("FINISHED", "FAILED", "FAILED")
    assert good.info.end_time - good.info.start_time == 2000
    assert good.data.params == {
        "board": "u50",
        "derivatives.order": "1",
        "domain.low": "[-1.0]",
        "constraints.dsp_count": "null",
    }
    figures = {"max_rel": 0.002, "max_rel.order0": 0.001, "max_rel.order1": 0.002, "cycles": 100, "dsp": 12}
    assert good.data.metrics == {**figures, "seconds.fifo": 1.5}
    assert bare.data.metrics == {"seconds.fifo": 1.5}
    tags = good.data.tags
    assert tags["inrarch.run"] == "20261121-130303-6ae1"
    assert tags["inrarch.variant"] == "net@a"
    assert (tags["inrarch.verdict"], bad.data.tags["inrarch.verdict"]) == ("verified", "failed")
    assert tags["mlflow.source.git.commit"] == "c" * 40
    assert "mlflow.source.git.commit" not in bare.data.tags
    report = client.download_artifacts(good.info.run_id, "report.json", str(tmp_path))
    assert json.loads(Path(report).read_text()) == {"fine": True}
    assert client.list_artifacts(bare.info.run_id) == []


@pytest.mark.parametrize("kind", ["file"])
def test_a_report_that_is_gone_is_left_out_and_an_experiment_can_be_named(client: Any, tmp_path: Path) -> None:
    assert export_runs(RECORDS[:1], client.tracking_uri, stores_of(tmp_path, None), "mine") == 2
    runs = client.search_runs([client.get_experiment_by_name("mine").experiment_id])
    assert [client.list_artifacts(run.info.run_id) for run in runs] == [[], []]


@pytest.mark.parametrize("kind", ["file"])
def test_an_address_that_mlflow_does_not_know_is_told_without_its_password(client: Any, stores: Stores) -> None:
    with pytest.raises(UserError) as caught:
        export_runs(RECORDS, "ftp://me:secret@host/x", stores)
    text = caught.value.text()
    assert text.startswith("ftp://host/x: MLflow cannot open it: ")
    assert text.endswith("\nhint: a database in a file is sqlite:///RUNS.db, a server http://HOST:5000")
    assert "secret" not in text


def test_without_mlflow_the_message_says_what_to_install(stores: Stores, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name == "mlflow" or name.startswith("mlflow.")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "mlflow", None)
    with pytest.raises(UserError) as caught:
        export_runs(RECORDS, "sqlite:///x.db", stores)
    assert caught.value.text() == (
        "MLflow is not installed\nhint: pip install 'inrarch[mlflow]' (or leave out --mlflow)"
    )


@pytest.mark.parametrize("kind", ["file"])
def test_a_store_that_does_not_answer_is_told(client: Any, stores: Stores, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    with pytest.raises(UserError) as caught:
        export_runs(RECORDS, "http://me:secret@127.0.0.1:9", stores)
    text = caught.value.text()
    assert text.startswith("http://127.0.0.1:9: MLflow refused: API request to ")
    assert "secret" not in text
