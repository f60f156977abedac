"""doit's commands that know the workspace: build (also what a bare `doit` does), clean, forget, why, info, list."""

from __future__ import annotations

import getopt
import sys
from contextlib import AbstractContextManager
from typing import Any

from doit import doit_cmd
from doit.cmd_base import DoitCmdBase
from doit.cmd_info import Info
from doit.cmd_list import List, opt_sort
from doit.cmd_run import Run, opt_num_process, opt_reporter
from doit.cmdparse import CmdParseError
from doit.exceptions import InvalidCommand

from inrarch.engine.executing import executing
from inrarch.engine.fingerprint import shorten
from inrarch.engine.interrupt import Stopped, interruptible
from inrarch.engine.loader import Source
from inrarch.engine.lock import build_lock
from inrarch.engine.plan import Job
from inrarch.engine.runs import RunRecorder
from inrarch.engine.session import Session
from inrarch.engine.shown import make_reporter
from inrarch.errors import UserError
from inrarch.machine import machine_cores
from inrarch.output import give_up_output

_NAMES = "[NAME ...]"
_NAMES_HELP = "NAME is a project or project@variant, with :stage or without, or a glob of one; none means all."
_DRY_RUN = {"name": "dry_run", "long": "dry-run", "type": bool, "default": False, "help": "only tell what would happen"}
_PROCESS = {**opt_num_process, "help": "stages at a time [default: `jobs` of inrarch.yaml]"}
_EXECUTOR = {
    "name": "executor",
    "long": "executor",
    "type": str,
    "default": "",
    "help": "where stages run: local, dask or slurm [default: `executor` of inrarch.yaml]",
}
_UNTIL = {"name": "until", "long": "until", "type": str, "default": "", "help": "leave out the stages after this one"}
_SORT = {**opt_sort, "default": "definition"}
_PLAIN = {"name": "plain", "long": "plain", "type": bool, "default": False, "help": "no live view, plain lines only"}
_JSON = {"name": "json", "long": "json", "type": bool, "default": False, "help": "one JSON event per line"}
_WAIT = {
    "name": "wait",
    "long": "wait",
    "type": bool,
    "default": False,
    "help": "wait for another build of this directory [default: `second_build` of inrarch.yaml]",
}
_CONTINUE = {
    "name": "continue",
    "short": "k",
    "long": "continue",
    "inverse": "no-continue",
    "type": bool,
    "default": True,
    "help": "go on with other variants after a failure",
}


class _OutputMayFail(DoitCmdBase):  # type: ignore[misc]
    """Ends without a traceback when nobody reads the output any longer (`doit list --all | head`) or a disk is full."""

    def parse_execute(self, in_args: list[str]) -> Any:
        """Parse and run."""
        code = 0
        try:
            code = super().parse_execute(in_args)
            sys.stdout.flush()
        except OSError as error:
            code = max(code or 0, give_up_output(error))
        return code


class _NamesAnywhere(_OutputMayFail):
    """Options may stand before and after the names; a user's mistake is told without a traceback."""

    def parse_execute(self, in_args: list[str]) -> Any:
        """Parse and run."""
        parser = self.cmdparser
        try:
            found, names = getopt.gnu_getopt(in_args, parser.get_short(), parser.get_long())
        except getopt.GetoptError as error:
            raise CmdParseError(f"{error}; `{self.bin_name} help {self.name}` shows the options") from error
        options: list[str] = []
        for option, value in found:
            flag = parser.get_option(option)[0].type is bool
            options += [option] if flag else [option, value]
        for name in doit_cmd._CMDLINE_VARS or ():  # doit takes every word with "=" for a variable
            raise InvalidCommand(f"a name may not contain '=': '{name}=...'")
        try:
            return super().parse_execute([*options, "--", *names])
        except UserError as error:
            raise InvalidCommand(error.text()) from error


class Build(_NamesAnywhere, Run):  # type: ignore[misc]
    """Run what is not up to date."""

    name = "build"
    doc_purpose = "bring projects up to date"
    doc_usage = _NAMES
    doc_description = _NAMES_HELP
    execute_tasks = True
    cmd_options = (_PROCESS, _EXECUTOR, _UNTIL, _DRY_RUN, _CONTINUE, _WAIT, _PLAIN, _JSON, opt_reporter)

    def _execute(
        self,
        num_process: int,
        executor: str,
        until: str,
        dry_run: bool,
        continue_: bool,
        wait: bool,
        plain: bool,
        json: bool,
        reporter: Any,
        pos_args: list[str],
    ) -> int:
        session: Session = self.loader.session
        source: Source = self.loader.source
        jobs = self.loader.plan.select(pos_args, until or None)
        if num_process < 0:
            raise UserError(f"-n {num_process} is no number of stages to run at a time", expected="1 or more")
        if dry_run:
            _print_plan(session, jobs)
            return 0
        self.sel_tasks = [job.name for job in jobs]
        slots = num_process or source.jobs
        workers = slots or machine_cores()
        shown = None if reporter != "inrarch" else make_reporter(session, jobs, workers, json=json, plain=plain)
        name = executor or source.executor.name
        places = executing(session, source, jobs, slots=slots, name=name, continue_=continue_)
        code = 2
        try:
            code = self._build(
                session,
                jobs,
                places,
                continue_=continue_,
                reporter=shown or reporter,
                wait=wait or source.second_build == "wait",
            )
        finally:
            if shown is not None:
                shown.close(code)
        return code

    def _build(
        self,
        session: Session,
        jobs: list[Job],
        places: AbstractContextManager[int],
        *,
        continue_: bool,
        reporter: Any,
        wait: bool,
    ) -> int:
        """Run the selected tasks; returns the exit code."""
        try:
            with (
                interruptible(session.request_stop),
                build_lock(session.build, wait=wait),
                RunRecorder(session, jobs) as run,
            ):
                try:
                    with places as threads, session.running():
                        status: int = super()._execute(
                            sys.stdout,
                            continue_=continue_,
                            reporter=reporter,
                            num_process=threads,
                            par_type="thread",
                        )
                except Stopped as stopped:
                    run.ended(stopped.exit_code)
                    raise
                kinds = {outcome.kind for outcome in session.outcomes.values()}
                return run.ended(2 if "broken" in kinds else 1 if "failed" in kinds else status)
        except Stopped as stopped:
            print("\nstopped; what has finished is kept, the next build goes on from there", file=sys.stderr)
            return stopped.exit_code


class Clean(_NamesAnywhere):
    """Remove results."""

    name = "clean"
    doc_purpose = "remove results that no other project uses"
    doc_usage = _NAMES
    doc_description = _NAMES_HELP
    cmd_options = ({**_DRY_RUN, "short": "n"},)

    def _execute(self, dry_run: bool, pos_args: list[str]) -> int:
        from inrarch.engine.clean import clean

        session: Session = self.loader.session
        jobs = self.loader.plan.select(pos_args) if pos_args else None
        clean(session, jobs, self.loader.plan.stages, dry_run=dry_run)
        return 0


class Gc(_NamesAnywhere):
    """Remove what no variant needs any longer."""

    name = "gc"
    doc_purpose = "remove results that no variant needs any longer"
    doc_usage = ""
    doc_description = "Never removes what a build is using; see docs/build.md."
    cmd_options = (
        {**_DRY_RUN, "short": "n"},
        {"name": "keep_days", "long": "keep-days", "type": str, "default": "", "help": "keep what was used since then"},
        {"name": "shared", "long": "shared", "type": bool, "default": False, "help": "clean up the shared store too"},
    )

    def _execute(self, dry_run: bool, keep_days: str, shared: bool, pos_args: list[str]) -> int:
        from inrarch.engine.collect import collect

        if pos_args:
            raise UserError(
                f"gc takes no names: {pos_args[0]!r}", hint="`clean NAME` removes the results of one variant"
            )
        days = _days(keep_days) if keep_days else None
        collect(self.loader.session, self.loader.plan, dry_run=dry_run, keep_days=days, shared=shared)
        return 0


class Forget(_NamesAnywhere):
    """Let stages run again."""

    name = "forget"
    doc_purpose = "let stages run again at the next build"
    doc_usage = _NAMES
    doc_description = _NAMES_HELP
    cmd_options = ()

    def _execute(self, pos_args: list[str]) -> int:
        session: Session = self.loader.session
        jobs: dict[str, Job] = self.loader.plan.jobs
        names = [name for pattern in pos_args for name in self.loader.plan.match(pattern)] if pos_args else jobs
        with build_lock(session.build):
            for name in dict.fromkeys(names):
                target = session.view.last(session.link(jobs[name]))
                if target is not None and session.store.forget(target):
                    print(f"forgotten: {name}")
        return 0


class Why(_NamesAnywhere):
    """Tell all that has changed since the last build."""

    name = "why"
    doc_purpose = "tell what has changed since the last build"
    doc_usage = _NAMES
    doc_description = _NAMES_HELP
    cmd_options = ()

    def _execute(self, pos_args: list[str]) -> int:
        from inrarch.engine.why import explain

        for text in explain(self.loader.session, self.loader.plan, pos_args):
            print(text)
        return 0


class NamedInfo(_NamesAnywhere, Info):  # type: ignore[misc]
    """doit's info, with a clear message for a name that does not exist."""

    name = "info"

    def _execute(self, pos_args: list[str], hide_status: bool = False) -> int:
        for name in pos_args:
            self.loader.plan.match(name)
        result: int = super()._execute(pos_args, hide_status)
        return result


class Listing(_NamesAnywhere, List):  # type: ignore[misc]
    """doit's list, in the order of the pipeline, and with our names."""

    name = "list"
    doc_purpose = "list what can be built"
    doc_usage = _NAMES
    doc_description = _NAMES_HELP
    cmd_options = (*(option for option in List.cmd_options if option is not opt_sort), _SORT)

    def _execute(  # doit gives the options that are parameters here
        self,
        subtasks: bool,
        quiet: bool,
        status: bool,
        private: bool,
        list_deps: bool,
        template: Any,
        sort: str,
        pos_args: list[str],
    ) -> int:
        if pos_args:
            wanted = self.loader.plan.belonging_to(pos_args, stages=subtasks)
            pos_args, subtasks = [task.name for task in self.task_list if task.name in wanted], False
        result: int = super()._execute(subtasks, quiet, status, private, list_deps, template, sort, pos_args)
        return result


def _days(text: str) -> float:
    try:
        days = float(text)
    except ValueError:
        days = -1.0
    if not 0 <= days < 1e6:
        raise UserError(f"--keep-days {text!r} is no number of days", expected="0 or more")
    return days


def _print_plan(session: Session, jobs: list[Job]) -> None:
    """What a build would do, as far as it can be known before it is done."""
    waiting = 0
    for job in jobs:
        if session.resolve(job) is None:
            print(f"{job.name}  would run ({shorten(session.reasons(job))})")
            waiting += 1
    print(f"{len(jobs)} stages: {waiting} would run, {len(jobs) - waiting} up to date")
