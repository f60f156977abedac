"""doit's own records (values of tasks, `doit ignore`) in a SQLite file that is written as each task ends."""

from __future__ import annotations

import json
from functools import cached_property
from pathlib import Path
from typing import Any

from inrarch.engine.database import Database

_SCHEMA = "CREATE TABLE IF NOT EXISTS tasks (name TEXT PRIMARY KEY, data TEXT) WITHOUT ROWID;"


class CommittingBackend:
    """doit's backend interface. It does not decide what is up to date, so losing its file loses nothing."""

    desc = "SQLite, written as each task ends"

    def __init__(self, name: str, codec: object, *, module_name: str | None = None) -> None:
        self.name = name
        self._rows: dict[str, dict[str, Any]] = {}

    def get(self, task_id: str, dependency: str) -> Any:
        """A value of a task, or None."""
        return self._row(task_id).get(dependency)

    def set(self, task_id: str, dependency: str, value: Any) -> None:
        """Set a value of a task, on disk before this returns."""
        row = self._row(task_id)
        row[dependency] = value
        self._database.execute("INSERT OR REPLACE INTO tasks VALUES (?, ?)", task_id, json.dumps(row))

    def in_(self, task_id: str) -> bool:
        """Whether the task has values."""
        return bool(self._row(task_id))

    def remove(self, task_id: str) -> None:
        """Drop the values of a task."""
        if self._row(task_id):
            self._rows[task_id] = {}
            self._database.execute("DELETE FROM tasks WHERE name = ?", task_id)

    def remove_all(self) -> None:
        """Drop all values."""
        self._rows.clear()
        self._database.execute("DELETE FROM tasks")

    def dump(self) -> None:
        """Close the file: everything has been written before."""
        if "_database" in self.__dict__:
            self._database.close()

    @cached_property
    def _database(self) -> Database:
        path = Path(self.name)
        return Database(path, _SCHEMA, writable=path.parent.is_dir())

    def _row(self, task_id: str) -> dict[str, Any]:
        if task_id not in self._rows:
            self._rows[task_id] = _values(self._database.execute("SELECT data FROM tasks WHERE name = ?", task_id))
        return self._rows[task_id]


def _values(row: tuple[Any, ...] | None) -> dict[str, Any]:
    """The values of a task from its row; a row that is damaged counts as absent."""
    try:
        values = json.loads(row[0]) if row else {}
    except (ValueError, TypeError):
        return {}
    return values if isinstance(values, dict) else {}
