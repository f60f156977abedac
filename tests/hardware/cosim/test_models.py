"""Models of modules: which sources they depend on, large ones in parts, and what a damaged one leads to."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from inrarch.errors import UserError
from inrarch.hardware.cosim import models
from inrarch.hardware.cosim.compiling import find_toolchain
from inrarch.hardware.rtl.description import ModuleText


def _module(folder: Path) -> ModuleText:
    """top uses middle, middle uses low; other is not used."""
    (folder / "low.sv").write_text("module low(input logic a, output logic b); assign b = !a; endmodule\n")
    (folder / "middle.sv").write_text("module middle(input logic a, output logic b); low u(.a, .b); endmodule\n")
    (folder / "other.sv").write_text("module other(input logic a, output logic b); middle u(.a, .b); endmodule\n")
    (folder / "top.sv").write_text(
        "module top(input logic clk, input logic reset, output logic b); middle u(.a(clk ^ reset), .b); endmodule\n"
    )
    sources = ("low.sv", "middle.sv", "other.sv", "top.sv")
    return ModuleText("top", "test", (), (), (), sources, ())


def test_a_model_depends_on_the_sources_that_it_can_reach(tmp_path: Path) -> None:
    assert models.needed_sources(_module(tmp_path), tmp_path) == ["low.sv", "middle.sv", "top.sv"]


def test_a_model_is_compiled_again_when_a_source_changes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    module, tools = _module(tmp_path), find_toolchain()

    def models_kept(name: str) -> int:
        (tmp_path / name).mkdir()
        models._model(tools, module, tmp_path, tmp_path / name, False)
        return len(list((tmp_path / "cache" / "inrarch").glob("top-*.o")))

    assert models_kept("first") == 1
    (tmp_path / "other.sv").write_text("// changed\n")
    assert models_kept("second") == 1
    (tmp_path / "low.sv").write_text("module low(input logic a, output logic b); assign b = a; endmodule\n")
    assert models_kept("third") == 2


def test_the_harness_is_compiled_again_when_its_source_changes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    tools = find_toolchain()
    copy = tmp_path / "cpp"
    copy.mkdir()
    monkeypatch.setattr(models, "data_folder", lambda name: copy)
    compiled = []
    for text in ("int a;", "int b;", "int a;"):
        (copy / "harness.cpp").write_text(text)
        compiled.append(models._harness(tools, tmp_path))
    assert compiled[0] == compiled[2] != compiled[1]
    assert all(path.read_bytes().startswith(b"\x7fELF") for path in compiled)


def test_after_a_fault_no_further_module_is_compiled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    begun = []

    def refuse(tools: object, module: ModuleText, *given: object) -> Path:
        begun.append(module)
        time.sleep(0.02)
        raise UserError("refused")

    monkeypatch.setattr(models, "_model", refuse)
    monkeypatch.setattr(models, "runtime", lambda *given: tmp_path)
    monkeypatch.setattr(models, "_harness", lambda *given: tmp_path)
    with pytest.raises(UserError, match="refused"):
        models.build_program(find_toolchain(), [_module(tmp_path)] * 50, tmp_path, tmp_path, 1)
    assert len(begun) < 50


def test_verilator_files_are_compiled_in_parts_of_limited_size(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, size in (("Va", 40), ("Vb", 70), ("Vc", 20), ("Vd", 300), ("Ve", 1)):
        (tmp_path / f"{name}.cpp").write_text("/" * size)
    (tmp_path / "Vx_all.cpp").write_text("not one of them")
    monkeypatch.setattr(models, "PART_BYTES", 100)
    assert models._parts(tmp_path) == [["Va.cpp"], ["Vb.cpp", "Vc.cpp"], ["Vd.cpp"], ["Ve.cpp"]]


def _refused_link(folder: Path, objects: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """What is told where all objects are a file in `objects` that is none."""
    objects.mkdir(parents=True, exist_ok=True)
    (objects / "damaged.o").write_text("no object")
    for name in ("_model", "runtime", "_harness"):
        monkeypatch.setattr(models, name, lambda *given: objects / "damaged.o")
    with pytest.raises(UserError) as caught:
        models.build_program(find_toolchain(), [_module(folder)], folder, folder, 1)
    text = caught.value.text()
    assert text.startswith("g++: failed with exit code 1")
    return text


def test_a_damaged_object_is_told_with_its_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cache = tmp_path / "cache" / "inrarch"
    text = _refused_link(tmp_path, cache, monkeypatch)
    assert text.endswith(f"hint: if a file in {cache} is damaged, remove that folder: it is made again")


def test_objects_that_are_not_kept_are_not_said_to_be_damaged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "hint" not in _refused_link(tmp_path, tmp_path, monkeypatch)
