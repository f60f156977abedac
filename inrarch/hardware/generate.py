"""All C++ of a design: top, regions, weights, tables, testbench, scripts, and the kernels that they instantiate."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from pathlib import Path

import onnx_ir as ir

from inrarch.errors import UserError
from inrarch.fifo.memory import SRL_WORDS
from inrarch.hardware.design import Design, save_design
from inrarch.hardware.kernels import Source, code_of
from inrarch.hardware.layout import Layout
from inrarch.hardware.render import environment, render
from inrarch.hardware.tables_cpp import table_texts
from inrarch.hardware.top import TOP, Top, build_top
from inrarch.numeric.formats import Formats
from inrarch.numeric.reductions import Table
from inrarch.resources import data_folder

_COMMON = ("common", "simulation")


def generate_design(
    model: ir.Model,
    formats: Formats,
    layout: Layout,
    depths: Mapping[str, int],
    folder: Path,
    *,
    part: str | None,
    clock_period_ns: float,
) -> Design:
    """Write src/, kernels/, simulation/, testbench/, scripts/ and design.json into `folder`; equal input, equal bytes.

    model: the optimized graph. depths: words per stream name. part: device for the synthesis scripts; None: none.
    UserError for a network that does not fit the graph.
    """
    top = build_top(layout, depths, formats)
    includes = _write_headers(model, formats, layout, top, folder / "src")
    _write_top(top, layout, includes, folder)
    if part is not None:
        _write_scripts(part, clock_period_ns, layout.rows, folder / "scripts")
    _copy_kernels(top.kernels, folder)
    save_design(top.design, folder / "design.json")
    return top.design


def _write_headers(model: ir.Model, formats: Formats, layout: Layout, top: Top, source: Path) -> list[str]:
    """The headers of all units and of the function tables that they use; paths in src/ that the top includes."""
    nodes = {str(node.name): node for node in model.graph}
    tables: list[Table] = []
    paths = []
    for unit in layout.units:
        made = code_of(unit.kernel).header(unit, Source(top.unit_names[unit.name], layout, model, nodes, formats))
        if made is not None:
            _write(source / made.path, made.text)
            paths.append(made.path)
            tables += made.tables
    for name, content in render_tables(tables).items():
        _write(source / "tables" / name, content)
    return paths


def render_tables(tables: Iterable[Table]) -> dict[str, str]:
    """Headers of the function tables and of the polynomial cores that they share, by file name."""
    made = environment()
    cores, functions = table_texts(tables)
    files = {}
    for core in cores:
        widths = core.polynomial.coefficient_bits
        columns = [(f"c{n}", getattr(core.polynomial, f"c{n}"), widths[n]) for n in range(3)]
        files[f"{core.name}.hpp"] = render(made, "core.hpp.j2", core=core, columns=columns)
    for function in functions:
        files[f"{function.name}.hpp"] = render(made, "table.hpp.j2", text=function)
    return files


def _write_top(top: Top, layout: Layout, includes: list[str], folder: Path) -> None:
    made = environment()
    values = {**{key: getattr(top, key) for key in top.__slots__}, **asdict(top.design)}
    values |= {"streams": top.streams, "processes": top.processes, "includes": includes, "srl_words": SRL_WORDS}
    values["title"] = f"Dataflow design: {len(layout.units)} processes, {len(layout.streams)} streams."
    _write(folder / "src" / "top.hpp", render(made, "top.hpp.j2", **values))
    _write(folder / "src" / "top.cpp", render(made, "top.cpp.j2", **values))
    _write(folder / "testbench" / "tb.cpp", render(made, "tb.cpp.j2", **values))


def _write_scripts(part: str, clock_period_ns: float, rows: int, folder: Path) -> None:
    if not re.fullmatch(r"[A-Za-z0-9_.-]+", part):
        raise UserError(f"part {part!r}", place="board", expected="letters, digits, '_', '-' and '.'")
    made = environment()
    values = {"top": TOP, "part": part, "clock_period_ns": f"{clock_period_ns:.3f}", "rows": rows}
    _write(folder / "run_hls.tcl", render(made, "run_hls.tcl.j2", **values))
    _write(folder / "hls_config.cfg", render(made, "hls_config.cfg.j2", **values))


def _copy_kernels(kernels: tuple[str, ...], folder: Path) -> None:
    """The headers of the kernels in use, and what they include."""
    library = data_folder("kernel_lib")
    for name in (*kernels, *_COMMON):
        target = folder if name == "simulation" else folder / "kernels"
        for path in sorted((library / name).iterdir()):
            if path.suffix in (".h", ".hpp"):
                (target / name).mkdir(parents=True, exist_ok=True)
                shutil.copyfile(path, target / name / path.name)


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
