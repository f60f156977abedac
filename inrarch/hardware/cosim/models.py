"""Modules of a design as object files: Verilator's C++ and the glue between it and the harness, compiled once each."""

from __future__ import annotations

import re
from collections.abc import Sequence
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from pathlib import Path

from inrarch.errors import UserError
from inrarch.hardware.cosim.compiling import (
    CPP,
    Toolchain,
    compile_object,
    join,
    kept_object,
    link,
    model_flags,
    runtime,
)
from inrarch.hardware.render import environment, render
from inrarch.hardware.rtl.description import ModuleText
from inrarch.resources import data_folder
from inrarch.tools import verilator

TEMPLATE = "model.cpp.j2"
MODEL_OPTIONS = ("--quiet", "--output-split-cfuncs", "200", "-fno-expand")
"""For Verilator: with short functions, and loops over wide words, g++ takes 40 % less time for wide modules."""
ALL_PARTS = "// @PARTS@\n"
PART_BYTES = 1_000_000
"""Of C++ that are compiled at once, about: the header of a model is read for each part, memory grows with its size."""
WAVE_FLAGS = ("-DVM_TRACE=1", "-DVM_TRACE_FST=1", f"-I{data_folder(CPP) / 'wave'}")
"""For a model that writes waveforms; the folder stands in for the libraries that Verilator's writer asks for."""


def build_program(
    tools: Toolchain, modules: Sequence[ModuleText], folder: Path, scratch: Path, cores: int, *, traced: bool = False
) -> Path:
    """The harness with a model of every module, which simulates any design of them.

    folder: of rtl.json. scratch: for what is made on the way. cores: how many modules are compiled at a time.
    traced: models can write waveforms.
    Raises UserError with the messages of Verilator or g++.
    """
    with ThreadPoolExecutor(cores) as pool:
        models = [pool.submit(_model, tools, module, folder, scratch, traced) for module in modules]
        fixed = [pool.submit(make, tools, scratch) for make in (runtime, _harness)]
        try:
            wait([*fixed, *models], return_when=FIRST_EXCEPTION)
        finally:
            pool.shutdown(wait=True, cancel_futures=True)  # of what has not begun, after a fault
        failed = [each for each in (*fixed, *models) if not each.cancelled() and each.exception()]
        objects = [each.result() for each in (*failed, *fixed, *models)]
    try:
        link(tools, objects, scratch / "harness")
    except UserError as error:
        folders = {str(each.parent) for each in objects} - {str(scratch)}
        if folders:
            error.hint = f"if a file in {min(folders)} is damaged, remove that folder: it is made again"
        raise
    return scratch / "harness"


def needed_sources(module: ModuleText, folder: Path) -> list[str]:
    """The sources of a module that it can reach; a file holds the module of its name."""
    texts = {source: (folder / source).read_text(encoding="utf-8") for source in module.sources}
    by_name = {Path(source).stem: source for source in module.sources}
    found: list[str] = []
    todo = [module.sources[-1]]
    while todo:
        source = todo.pop()
        if source not in found:
            found.append(source)
            todo += [by_name[word] for word in set(re.findall(r"\w+", texts[source])) & by_name.keys()]
    return [source for source in module.sources if source in found]


def _parts(place: Path) -> list[list[str]]:
    """Verilator's files, in parts that are compiled one after the other."""
    parts: list[list[str]] = [[]]
    size = 0
    for path in sorted(set(place.glob("V*.cpp")) - set(place.glob("V*_all.cpp"))):
        if size + path.stat().st_size > PART_BYTES and parts[-1]:
            parts.append([])
            size = 0
        parts[-1].append(path.name)
        size += path.stat().st_size
    return parts


def _including(names: Sequence[str]) -> str:
    return "".join(f'#include "{name}"\n' for name in names)


def _harness(tools: Toolchain, scratch: Path) -> Path:
    source = data_folder(CPP) / "harness.cpp"

    def make(target: Path) -> None:
        compile_object(tools, source, target)

    return kept_object(tools, "harness", (source.read_bytes(),), make, scratch)


def _model(tools: Toolchain, module: ModuleText, folder: Path, scratch: Path, traced: bool) -> Path:
    sources = needed_sources(module, folder)
    glue = render(environment(), TEMPLATE, module=module, traced=traced)
    options = (*MODEL_OPTIONS, *(("--trace-fst",) if traced else ()))

    def make(target: Path) -> None:
        place = scratch / module.name
        printed = verilator.verilate(
            tools.verilator, module.name, sources, place, prefix=f"V{module.name}", cwd=folder, options=options
        )
        print(printed, end="")
        *others, last = _parts(place)
        texts = [_including(names) for names in others] + [glue.replace(ALL_PARTS, _including(last))]
        flags = WAVE_FLAGS if traced else model_flags(tools, scratch)
        objects = []
        for number, text in enumerate(texts):
            source = place / f"part{number}.cpp"
            source.write_text(text, encoding="utf-8")
            objects.append(source.with_suffix(".o"))
            compile_object(tools, source, objects[-1], flags)
        join(tools, objects, target)

    depends_on: list[str | bytes] = [glue, *verilator.EVERY_START, *options]
    depends_on += [(folder / source).read_bytes() for source in sources]
    return kept_object(tools, module.name, depends_on, make, scratch)
