"""Records of builds into an MLflow tracking store: one MLflow run per build and variant (extra `mlflow`)."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from inrarch.engine.stores import Stores
from inrarch.errors import UserError

_LONGEST_VALUE = 500
_ORIGIN = "inrarch.run"
_VARIANT = "inrarch.variant"

_SETTINGS = {
    "MLFLOW_ALLOW_FILE_STORE": "true",  # a folder is what the user asked for
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "2",  # a wrong address is told in seconds, not minutes
}


def export_runs(records: Sequence[Mapping[str, Any]], uri: str, stores: Stores, experiment: str | None = None) -> int:
    """Send every variant of every record that the store at `uri` does not have yet; returns how many were sent.

    uri: what MLflow calls a tracking URI: `sqlite:///runs.db`, `http://host:5000`, `file:///folder`.
    stores: where the reports are that become artefacts (one that is gone is left out).
    experiment: its name; None = the name of each variant's project.

    Configuration keys become parameters, figures metrics, the rest tags. Raises UserError.
    """
    client, library_error = _connect(uri)
    try:
        return sum(
            _export(client, record, variant, stores, experiment or variant["project"])
            for record in records
            for variant in record["variants"]
        )
    except library_error as error:
        raise UserError(f"MLflow refused: {_reason(error, uri)}", place=_shown(uri), exit_code=1) from error


def _connect(uri: str) -> tuple[Any, type[Exception]]:
    for name, value in _SETTINGS.items():
        os.environ.setdefault(name, value)
    try:
        import mlflow.exceptions
        from mlflow import MlflowClient
    except ImportError as error:
        raise UserError(
            "MLflow is not installed", hint="pip install 'inrarch[mlflow]' (or leave out --mlflow)"
        ) from error
    try:
        return MlflowClient(tracking_uri=uri), mlflow.exceptions.MlflowException
    except Exception as error:  # what a store raises that cannot be opened depends on its kind
        hint = "a database in a file is sqlite:///RUNS.db, a server http://HOST:5000"
        raise UserError(f"MLflow cannot open it: {_reason(error, uri)}", place=_shown(uri), hint=hint) from error


def _export(
    client: Any, record: Mapping[str, Any], variant: Mapping[str, Any], stores: Stores, experiment_name: str
) -> bool:
    experiment = client.get_experiment_by_name(experiment_name)
    identity = experiment.experiment_id if experiment else _create(client, experiment_name)
    query = f"tags.`{_ORIGIN}` = '{record['id']}' and tags.`{_VARIANT}` = '{variant['name']}'"
    if client.search_runs([identity], query, max_results=1):
        return False
    began, ended = _milliseconds(record["started"]), _milliseconds(record["finished"] or record["started"])
    run = client.create_run(identity, start_time=began, tags=_tags(record, variant), run_name=variant["variant"])
    _log(client, run.info.run_id, variant, ended)
    report = stores.find(variant["report"]) if variant["report"] else None
    if report is not None:
        client.log_artifact(run.info.run_id, str(report.payload / "report.json"))
    passed = variant["verdict"] is not None and variant["verdict"]["passed"]
    client.set_terminated(run.info.run_id, status="FINISHED" if passed else "FAILED", end_time=ended)
    return True


def _create(client: Any, name: str) -> str:
    """A new experiment. MLflow puts the artefacts of a database in a file below the current folder; here: beside it."""
    uri = urlsplit(client.tracking_uri)
    if uri.scheme.partition("+")[0] != "sqlite":
        return str(client.create_experiment(name))
    folder = Path(uri.path.removeprefix("/")).resolve().parent / "mlartifacts"
    return str(client.create_experiment(name, artifact_location=folder.as_uri()))


def _log(client: Any, run: str, variant: Mapping[str, Any], moment: int) -> None:
    from mlflow.entities import Metric, Param

    parameters = [
        Param(key, text[:_LONGEST_VALUE])
        for key, value in variant["configuration"].items()
        if (text := value if isinstance(value, str) else json.dumps(value))
    ]
    ran = [stage for stage in variant["stages"] if stage["outcome"] == "ran"]
    figures = {**(variant["metrics"] or {}), **{f"seconds.{stage['stage']}": stage["seconds"] for stage in ran}}
    metrics = [Metric(key, float(value), moment, 0) for key, value in figures.items()]
    client.log_batch(run, metrics=metrics, params=parameters)


def _tags(record: Mapping[str, Any], variant: Mapping[str, Any]) -> dict[str, str]:
    verdict, git = variant["verdict"], record["git"]
    tags = {
        _ORIGIN: record["id"],
        _VARIANT: variant["name"],
        "inrarch.version": record["inrarch"],
        "inrarch.build": record["status"],
        "inrarch.command": " ".join(record["command"]),
        "inrarch.verdict": "none" if verdict is None else "verified" if verdict["passed"] else "failed",
        "inrarch.report": variant["report"] or "none",
    }
    if git is not None:
        tags |= {"mlflow.source.git.commit": git["commit"], "inrarch.git.dirty": str(git["dirty"]).lower()}
    return tags


def _milliseconds(moment: str) -> int:
    return round(datetime.fromisoformat(moment).timestamp() * 1000)


def _shown(uri: str) -> str:
    """The address without user and password."""
    return uri.replace(_credentials(uri), "")


def _reason(error: Exception, uri: str) -> str:
    """The first line of what went wrong, without user and password."""
    credentials = _credentials(uri)
    password = credentials.rstrip("@").partition(":")[2]
    text = str(error).strip().partition("\n")[0]
    for secret in filter(None, (credentials, password)):
        text = text.replace(secret, "")
    return text


def _credentials(uri: str) -> str:
    """`user:password@`, or nothing."""
    user, at, _ = urlsplit(uri).netloc.rpartition("@")
    return user + at
