"""Verilator's header is compiled once for all models; where the compiled form cannot be used, its text is."""

from __future__ import annotations

from pathlib import Path

from inrarch.hardware.cosim.compiling import compile_object, find_toolchain, model_flags


def test_the_header_is_compiled_once(tmp_path: Path) -> None:
    tools = find_toolchain()
    option, text = model_flags(tools, tmp_path)
    compiled = Path(f"{text}.gch")
    made = compiled.stat()
    assert (option, Path(text).read_text()) == ("-include", '#include "verilated.h"\n')
    assert model_flags(tools, tmp_path) == (option, text)
    assert compiled.stat() == made


def test_a_model_begins_with_it_though_its_compiled_form_be_damaged(tmp_path: Path) -> None:
    tools = find_toolchain()
    model = tmp_path / "model.cpp"
    model.write_text("QData words() { return VL_WORDS_I(33); }\n")
    option, text = model_flags(tools, tmp_path)
    compile_object(tools, model, tmp_path / "model.o", (option, text))
    other = tmp_path / "other.hpp"
    other.write_text(Path(text).read_text())
    (tmp_path / "other.hpp.gch").write_bytes(b"damaged")
    compile_object(tools, model, tmp_path / "other.o", (option, str(other)))
    assert (tmp_path / "other.o").read_bytes() == (tmp_path / "model.o").read_bytes()
