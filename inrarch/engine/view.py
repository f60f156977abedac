"""The view: `build/<project>/<variant>/<stage>`, a relative link to the payload that belongs to the present inputs.

A link that no longer does is moved to `.previous/` beside it, never left to show an old result as if it were new; there
it still tells what the last run was, so that the next one can say what changed.
"""

from __future__ import annotations

import os
import re
from contextlib import suppress
from pathlib import Path

from inrarch.errors import UserError

_PREVIOUS = ".previous"
_FINGERPRINT = re.compile("[0-9a-f]{64}")


class View:
    """The links of a build directory. A link to a store outside of it is absolute."""

    def __init__(self, build: Path) -> None:
        self.build = build

    def path(self, project: str, variant: str, stage: str) -> Path:
        """Where the link is."""
        return Path(f"{self.build}/{project}/{variant}/{stage}")

    def target(self, link: Path) -> str | None:
        """The fingerprint that a link shows, or None."""
        with suppress(OSError):
            parts = os.readlink(link).split("/")
            if len(parts) >= 3 and parts[-1] == "payload" and _FINGERPRINT.fullmatch(parts[-2]):
                return parts[-2]
        return None

    def retired(self, link: Path) -> Path:
        """Where a link is moved that no longer holds."""
        return link.parent / _PREVIOUS / link.name

    def last(self, link: Path) -> str | None:
        """The fingerprint that the link shows, or showed last."""
        return self.target(link) or self.target(self.retired(link))

    def show(self, link: Path, fingerprint: str, folder: Path | None = None) -> bool:
        """Let the link show an artefact (default: the one in `.store`); returns whether that is another one."""
        target = (folder or self.build / ".store" / fingerprint) / "payload"
        if target.is_relative_to(self.build):
            target = Path("..", "..", target.relative_to(self.build))
        with suppress(OSError):
            if os.readlink(link) == str(target):
                return False
        is_another = self.target(link) != fingerprint
        link.parent.mkdir(parents=True, exist_ok=True)
        _replace_link(link, target)
        with suppress(OSError):
            self.retired(link).unlink()
            self.retired(link).parent.rmdir()
        return is_another

    def retire(self, link: Path) -> None:
        """Move the link to `.previous/`."""
        if self.target(link) is not None:
            self.retired(link).parent.mkdir(exist_ok=True)
            os.replace(link, self.retired(link))

    def shown(self) -> dict[Path, str]:
        """Every link of the view, also the retired ones, with the fingerprint it shows."""
        links = [*self.build.glob("[!.]*/*/*"), *self.build.glob(f"[!.]*/*/{_PREVIOUS}/*")]
        return {link: target for link in links if (target := self.target(link)) is not None}

    def remove(self, link: Path) -> None:
        """Remove a link, and the folders above that are then empty."""
        link.unlink()
        for folder in link.parents:
            if folder == self.build:
                break
            try:
                folder.rmdir()
            except OSError:
                break


def _replace_link(link: Path, target: Path) -> None:
    if link.exists() and not link.is_symlink():
        raise UserError(
            "is in the way of a result",
            place=str(link),
            expected="nothing here that the build did not make",
            hint="move it out of the build directory",
        )
    fresh = link.with_name(f".{link.name}.new")
    fresh.unlink(missing_ok=True)
    fresh.symlink_to(target)
    os.replace(fresh, link)
