"""What stands in the build directory for the present inputs, without building: the reports of variants."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from inrarch.engine.loader import Source
from inrarch.engine.plan import make_plan
from inrarch.errors import UserError

if TYPE_CHECKING:
    from inrarch.config.model import Variant


@dataclass(frozen=True, slots=True)
class Result:
    """A variant and the folder of its report: None when there is none that belongs to the present inputs.

    outdated: there is one, of earlier inputs. folder is the view's link where that shows the report.
    """

    variant: Variant
    folder: Path | None
    outdated: bool


def present_results(source: Source, patterns: Sequence[str], stage: str = "report") -> list[Result]:
    """The results of one stage for the variants that the names stand for. Raises UserError as `Plan.select` does."""
    from inrarch.stages import stages

    plan = make_plan(source.variants, stages(source.package), source.broken)
    session = source.session(writable=False)
    results = []
    for job in plan.select(patterns, until=stage):
        if job.stage.name != stage:
            continue
        link = session.link(job)
        try:
            artefact = session.resolve(job)
        except UserError:  # a build tells what is wrong
            artefact = None
        folder = None
        if artefact is not None:
            folder = link if session.view.target(link) == artefact.fingerprint else artefact.payload
        results.append(Result(job.variant, folder, folder is None and session.view.last(link) is not None))
    return results
