"""`inrarch doctor`: what this machine has, what is missing, and what that would make possible."""

from __future__ import annotations

import argparse
import os
import platform
import re
import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, metadata, requires, version
from pathlib import Path
from typing import TYPE_CHECKING

from inrarch.cli.command import Command
from inrarch.errors import UserError
from inrarch.machine import machine_cores

if TYPE_CHECKING:
    from inrarch.config.model import Workspace

_GIB = 2**30

LICENCES = {
    "LM_LICENSE_FILE": "licences of synthesis tools (FlexNet)",
    "XILINXD_LICENSE_FILE": "licences of Vivado and Vitis",
}
"""Environment variables that say where licences are: servers `port@host` and files, joined by `:`."""

EXTRAS = {
    "dask": "stages on a Dask cluster",
    "dev": "the tests and linters of inrarch",
    "live": "a live view of builds in a terminal",
    "mlflow": "runs exported to MLflow",
    "open": "simulation of the RTL, synthesis, place and route without a vendor tool",
    "oracle": "tests against jax and torch",
    "solver": "optimal FIFO depths",
    "train": "training of the example networks",
}
"""What each extra of pyproject.toml makes possible."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the report. fault: something that is required is missing or wrong."""

    title: str
    text: str
    fault: bool = False


def _configure(parser: argparse.ArgumentParser) -> None:
    """No options."""


def _run(options: argparse.Namespace) -> int:
    workspace, wrong = _workspace()
    sections: dict[str, list[Finding]] = {
        "machine": list(_machine(workspace)),
        "libraries": list(_libraries()),
        "extras": list(_extras()),
        "tools": list(_tools(dict(workspace.tools) if workspace else {})),
        "licences": list(_licences(os.environ)),
    }
    missing = 0
    for section, findings in sections.items():
        if findings:
            print(f"{section}:")
        for finding in findings:
            print(f"  {finding.title:<22} {finding.text}".replace("\n", "\n      "))
            missing += finding.fault
    print(
        f"{missing} required part{'s are' if missing != 1 else ' is'} missing"
        if missing
        else "nothing required is missing"
    )
    if wrong is not None:
        raise wrong
    return 1 if missing else 0


def _workspace() -> tuple[Workspace | None, UserError | None]:
    """The workspace here, or None where there is none or its inrarch.yaml is wrong, and then what is wrong."""
    from inrarch.config.load import find_root, load_workspace
    from inrarch.tools import tools

    try:
        root = find_root()
    except UserError:
        return None, None
    try:
        return load_workspace(root, tools=tools()), None
    except UserError as error:
        return None, error


def _machine(workspace: Workspace | None) -> Iterator[Finding]:
    yield Finding("python", f"{platform.python_version()} on {platform.platform()}")
    jobs = f"; builds run {workspace.jobs} stages at a time" if workspace else ""
    yield Finding("cores", f"{machine_cores()} of {os.cpu_count()}{jobs}")
    total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    free = _available()
    yield Finding("memory", f"{total / _GIB:.1f} GiB" + (f", {free / _GIB:.1f} GiB available" if free else ""))
    folder = workspace.build if workspace else Path.cwd()
    existing = next(parent for parent in (folder, *folder.parents) if parent.exists())
    usage = shutil.disk_usage(existing)
    yield Finding("disk", f"{usage.free / _GIB:.1f} GiB free of {usage.total / _GIB:.1f} GiB at {folder}")


def _available(meminfo: Path = Path("/proc/meminfo")) -> int | None:
    """Bytes of memory that programs can still have (Linux)."""
    try:
        found = re.search(r"^MemAvailable: +(\d+) kB$", meminfo.read_text(), re.MULTILINE)
    except OSError:
        return None
    return int(found.group(1)) * 1024 if found else None


def _libraries() -> Iterator[Finding]:
    """The libraries that inrarch requires, with their versions."""
    try:
        needed = requires("inrarch") or []
    except PackageNotFoundError:
        yield Finding("inrarch", "runs from its source folder, not installed: the libraries are not known")
        return
    yield Finding("inrarch", version("inrarch"))
    for line in needed:
        if "extra ==" not in line:
            name, found, fault = _library(line)
            yield Finding(
                name, found if fault is None else f"MISSING: {fault}; `pip install '{line}'`", fault is not None
            )


def _extras() -> Iterator[Finding]:
    """The optional groups of libraries: there, or what they would make possible."""
    try:
        needed = requires("inrarch") or []
        extras = metadata("inrarch").get_all("Provides-Extra") or []
    except PackageNotFoundError:
        return
    for extra in extras:
        lines = [line for line in needed if re.search(rf"extra == ['\"]{re.escape(extra)}['\"]", line)]
        found = [_library(line) for line in lines]
        faults = [f"{name} ({fault})" for name, _, fault in found if fault]
        purpose = EXTRAS.get(extra, f"the extra {extra!r}")
        if faults:
            yield Finding(extra, f"missing: {', '.join(faults)}; `pip install 'inrarch[{extra}]'` gives {purpose}")
        else:
            yield Finding(extra, ", ".join(f"{name} {text}" for name, text, _ in found))


def _library(requirement: str) -> tuple[str, str, str | None]:
    """Name and version of a required library, and what is wrong: not installed, too old (or None)."""
    parsed = re.match(r"([A-Za-z0-9_.-]+)(?:\[[^]]*\])?(?: *\(?>=([0-9.]+))?", requirement)
    assert parsed is not None, requirement
    name, least = parsed.groups()
    try:
        found = version(name)
    except PackageNotFoundError:
        return name, "", "not installed"
    if least is not None and _numbers(found) < _numbers(least):
        return name, found, f"version {found} is older than {least}"
    return name, found, None


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", text)[:3])


def _tools(configured: Mapping[str, str]) -> Iterator[Finding]:
    """Every tool; those that a stage of the pipeline runs are required."""
    from inrarch.stages import stages
    from inrarch.tools import tools

    required = {name for stage in stages() for name in stage.tools}
    for tool in tools().values():
        needed = tool.name in required
        try:
            executable = tool.find(configured)
            yield Finding(tool.name, f"{tool.version(executable)} ({executable})")
        except UserError as error:
            word = "MISSING, needed for" if needed else "missing, would make possible"
            yield Finding(tool.name, f"{word}: {tool.purpose}\n{error.text()}", fault=needed)


def _licences(environment: Mapping[str, str], exists: Callable[[str], bool] = os.path.exists) -> Iterator[Finding]:
    """What the variables say, and whether the files they name are there; servers are not asked."""
    for name, purpose in LICENCES.items():
        places = [place for place in environment.get(name, "").split(os.pathsep) if place]
        if not places:
            yield Finding(name, f"not set; it would say where to find {purpose}")
            continue
        texts = [f"server {place}" if "@" in place else place + _presence(place, exists) for place in places]
        yield Finding(name, ", ".join(texts))


def _presence(place: str, exists: Callable[[str], bool]) -> str:
    return "" if exists(place) else " (no such file)"


COMMAND = Command("doctor", "show what this machine has, and what is missing for what", _configure, _run)
