"""Against MLflow's own stores in files, where MLflow is installed (extra `mlflow`); nothing of it is replaced."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from inrarch.engine.mlflow_export import export_runs
from inrarch.errors import UserError
from tests.run_records import record, variant

RECORDS = [
    record("20261121-130303-6ae1", variant("net@a"), variant("net@b", verdict={"passed": False, "summary": "bad"})),
    record("20261121-140404-0000", variant("other@c", report=None, inputs=None, verdict=None, metrics=None), git=None),
    record("20261121-150505-0000-idle", idle=True, variants=[]),
]


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """A store that has the report."""
    payload = tmp_path / "build" / ".store" / ("a" * 64) / "payload"
    payload.mkdir(parents=True)
    (payload / "report.json").write_text('{"fine": true}')
    return payload.parent.parent


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
def test_every_variant_of_every_run_becomes_a_run_of_mlflow_once(client: Any, store: Path, tmp_path: Path) -> None:
    assert export_runs(RECORDS, client.tracking_uri, store) == 3
    assert export_runs(RECORDS, client.tracking_uri, store) == 0

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
    assert export_runs(RECORDS[:1], client.tracking_uri, tmp_path / "nowhere", "mine") == 2
    runs = client.search_runs([client.get_experiment_by_name("mine").experiment_id])
    assert [client.list_artifacts(run.info.run_id) for run in runs] == [[], []]


@pytest.mark.parametrize("kind", ["file"])
def test_an_address_that_mlflow_does_not_know_is_told_without_its_password(client: Any, store: Path) -> None:
    with pytest.raises(UserError) as caught:
        export_runs(RECORDS, "ftp://me:secret@host/x", store)
    text = caught.value.text()
    assert text.startswith("ftp://host/x: MLflow cannot open it: ")
    assert text.endswith("\nhint: a database in a file is sqlite:///RUNS.db, a server http://HOST:5000")
    assert "secret" not in text


def test_without_mlflow_the_message_says_what_to_install(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name == "mlflow" or name.startswith("mlflow.")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "mlflow", None)
    with pytest.raises(UserError) as caught:
        export_runs(RECORDS, "sqlite:///x.db", store)
    assert caught.value.text() == (
        "MLflow is not installed\nhint: pip install 'inrarch[mlflow]' (or leave out --mlflow)"
    )


@pytest.mark.parametrize("kind", ["file"])
def test_a_store_that_does_not_answer_is_told(client: Any, store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    with pytest.raises(UserError) as caught:
        export_runs(RECORDS, "http://me:secret@127.0.0.1:9", store)
    text = caught.value.text()
    assert text.startswith("http://127.0.0.1:9: MLflow refused: API request to ")
    assert "secret" not in text
