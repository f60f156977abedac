"""Where a build finds and keeps its artefacts: the store of its own build directory and, if configured, a shared one.

    no `store:`         everything in build/.store
    `store: PATH`       found in PATH, then in build/.store; new ones go to PATH
    PATH not writable   found in PATH, then in build/.store; new ones go to build/.store

What is only in build/.store is used where it is and not copied to PATH. The folder PATH holds besides the artefacts
`.claims/` (who makes what, see claims.py) and `.incoming/` (what is being copied).
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from inrarch.engine.claims import Claims
from inrarch.engine.digest import DigestCache
from inrarch.engine.fingerprint import Ingredients
from inrarch.engine.holder import Holder
from inrarch.engine.store import Artefact, Store

CLAIMS = ".claims"


class Stores:
    """The stores of one build directory, as one. shared: the configured folder, or None."""

    def __init__(self, build: Path, shared: Path | None, digests: DigestCache) -> None:
        self.own = Store(build / ".store", build / ".tmp", digests)
        self.shared: Store | None = None
        self.claims: Claims | None = None
        if shared in (None, self.own.folder):  # private, unless the builds of another folder use it too
            shared = self.own.folder if (self.own.folder / CLAIMS).is_dir() else None
        if shared is not None:
            self.shared = Store(shared, shared / ".incoming", digests, marks=build / ".forgotten")
            self.claims = Claims(shared / CLAIMS)
        self._publishing = self.shared or self.own

    @classmethod
    def of_build(cls, build: Path, shared: Path | None) -> Stores:
        """Those of a build directory, to be read from."""
        return cls(build, shared, DigestCache(build / ".digests.db", writable=False))

    @property
    def all(self) -> tuple[Store, ...]:
        """In the order in which artefacts are looked for."""
        if self.shared is None:
            return (self.own,)
        return (self.shared,) if self.shared.folder == self.own.folder else (self.shared, self.own)

    @property
    def private(self) -> Store | None:
        """The store that no other build directory uses, if there is one."""
        return self.all[-1] if self.all[-1] is self.own else None

    @contextmanager
    def building(self) -> Iterator[None]:
        """Around a build that publishes; tells where results go if not where they should."""
        with ExitStack() as stack:
            if self.shared and self.claims:
                try:
                    self.shared.staging.mkdir(parents=True, exist_ok=True)
                    stack.enter_context(self.claims.beating())
                except OSError as error:
                    self._fall_back(error)
            yield

    def find(self, name: str) -> Artefact | None:
        """The artefact of that fingerprint if it is whole; None if it is absent, damaged or forgotten."""
        return next((artefact for store in self.all if (artefact := store.find(name))), None)

    def inspect(self, name: str) -> tuple[Artefact | None, str | None]:
        """The artefact, and what is wrong with it (a phrase) or None; a whole one before a damaged one before none."""
        found = [store.inspect(name) for store in self.all]
        found.sort(key=lambda each: (each[1] is not None, each[0] is None))
        return found[0]

    def has(self, name: str) -> bool:
        """Whether there is anything of that name, whole or not."""
        return any(store.has(name) for store in self.all)

    def record(self, name: str) -> dict[str, Any] | None:
        """The record of an artefact if it is sound."""
        return next((record for store in self.all if (record := store.record(name))), None)

    def publish(self, prepared: Path, ingredients: Ingredients, provenance: Mapping[str, Any]) -> Artefact:
        """`Store.publish`, to the shared store if it takes it."""
        if self._publishing is self.shared:
            try:
                return self.shared.publish(prepared, ingredients, provenance)
            except OSError as error:
                self._fall_back(error)
        return self.own.publish(prepared, ingredients, provenance)

    def mark_used(self, artefact: Artefact) -> None:
        """Note that the artefact is in use today."""
        self.own.mark_used(artefact)

    def forget(self, name: str) -> bool:
        """Let the artefact count as absent for this build directory; returns whether there was one."""
        known = [store.forget(name) for store in self.all]
        return any(known)

    @contextmanager
    def claim(self, name: str, *, title: str, stopping: Callable[[], bool]) -> Iterator[bool]:
        """Around making an artefact that others may make too: first waits until no other build does.

        title: what the person calls it. stopping: whether to wait no longer. Gives whether it had to wait.
        """
        if self.claims is None or self._publishing is not self.shared or self.find(name) is not None:
            yield False
            return
        waited = False

        def tell(holder: Holder | None) -> None:
            nonlocal waited
            waited = True
            print(f"{title}  waits: {holder or 'another build'} makes the same", file=sys.stderr, flush=True)

        with self.claims.hold(name, give_up=stopping, waiting=tell):
            yield waited

    def _fall_back(self, error: OSError) -> None:
        """From now on publish to the store of our own."""
        if self._publishing is not self.own and self.shared:
            self._publishing = self.own
            several = error.args[0] if isinstance(error, shutil.Error) else ()
            text = str(several[0][2]).partition(": ")[0] if several else error.strerror or str(error)
            print(
                f"the store {self.shared.folder} is only read from, new results go to {self.own.folder}: {text}",
                file=sys.stderr,
                flush=True,
            )
