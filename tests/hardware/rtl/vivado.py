"""A stand-in for Vivado that reads Tcl: it keeps what a script does, and refuses what Vivado does not document.

Commands and options are those of AMD UG835 (Tcl commands) and of `ipx::<command> -help`, as the IP packager's guides
UG1118 and UG1119 and AMD's Vitis tutorials use them.
"""

from __future__ import annotations

import tkinter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

_SWITCH, _VALUE = False, True
_OPTIONS: dict[str, dict[str, bool]] = {
    "create_project": {"-part": _VALUE, "-force": _SWITCH, "-in_memory": _SWITCH, "-ip": _SWITCH},
    "close_project": {"-delete": _SWITCH},
    "current_project": {},
    "current_fileset": {"-simset": _SWITCH, "-constrset": _SWITCH},
    "get_filesets": {},
    "add_files": {"-fileset": _VALUE, "-norecurse": _SWITCH, "-force": _SWITCH, "-scan_for_includes": _SWITCH},
    "read_verilog": {"-sv": _SWITCH, "-library": _VALUE},
    "read_mem": {},
    "read_xdc": {"-cells": _VALUE, "-ref": _VALUE, "-unmanaged": _SWITCH, "-mode": _VALUE},
    "set_property": {"-dict": _VALUE},
    "update_compile_order": {"-fileset": _VALUE},
    "ipx::package_project": {
        **dict.fromkeys(("-root_dir", "-vendor", "-library", "-taxonomy", "-module"), _VALUE),
        **dict.fromkeys(("-import_files", "-force", "-generated_files"), _SWITCH),
    },
    "ipx::current_core": {},
    "ipx::get_bus_interfaces": {"-of_objects": _VALUE},
    "ipx::infer_bus_interface": {},
    "ipx::get_bus_parameters": {"-of_objects": _VALUE},
    "ipx::add_bus_parameter": {},
    "ipx::associate_bus_interfaces": {
        **dict.fromkeys(("-busif", "-clock", "-reset"), _VALUE),
        **dict.fromkeys(("-clear", "-remove"), _SWITCH),
    },
    "ipx::create_xgui_files": {},
    "ipx::update_checksums": {},
    "ipx::check_integrity": {},
    "ipx::save_core": {},
}


@dataclass
class Vivado:
    """Sources a script in a folder. infers: whether packaging finds the interfaces by the names of their ports.

    files: of the project. properties: by object and name. interfaces: of the core, their kind and ports. clocks:
    interfaces by the clock that they are associated with; resets likewise. done: commands in order.
    """

    folder: Path
    infers: tuple[str, ...] = ()
    files: list[Path] = field(default_factory=list)
    properties: dict[tuple[str, str], str] = field(default_factory=dict)
    interfaces: dict[str, tuple[str, tuple[str, ...]]] = field(default_factory=dict)
    parameters: list[str] = field(default_factory=list)
    clocks: dict[str, str] = field(default_factory=dict)
    resets: dict[str, str] = field(default_factory=dict)
    done: list[str] = field(default_factory=list)
    packaged: dict[str, str] = field(default_factory=dict)

    def source(self, script: Path) -> None:
        """Run the script. tkinter.TclError with its trace for a command or an option that there is not."""
        tcl = tkinter.Tcl()
        tcl.eval("namespace eval ipx {}")
        for name in _OPTIONS:
            tcl.createcommand(name, lambda *words, name=name: self._call(tcl, name, words))
        tcl.eval(f"cd {{{self.folder}}}")
        tcl.eval(f"source {{{script}}}")

    def _call(self, tcl: Any, name: str, words: tuple[Any, ...]) -> str:
        given, operands = self._options(name, [str(word) for word in words])
        self.done.append(name)
        action = getattr(self, "_" + name.replace("::", "_"), None)
        return "" if action is None else action(tcl, given, operands)

    def _options(self, name: str, words: list[str]) -> tuple[dict[str, str], list[str]]:
        given, operands = {}, []
        while words:
            word = words.pop(0)
            if word.startswith("-") and len(word) > 1:
                assert word in _OPTIONS[name], f"{name} has no option {word}"
                given[word] = words.pop(0) if _OPTIONS[name][word] else ""
            else:
                operands.append(word)
        return given, operands

    def _create_project(self, tcl: Any, given: dict[str, str], operands: list[str]) -> str:
        self.properties["project", "part"] = given.get("-part", "")
        return operands[0]

    def _current_project(self, *_: Any) -> str:
        return "project"

    def _current_fileset(self, *_: Any) -> str:
        return "sources_1"

    def _get_filesets(self, tcl: Any, given: dict[str, str], operands: list[str]) -> str:
        return operands[0]

    def _add(self, tcl: Any, operands: list[str]) -> str:
        paths = [self.folder / path for operand in operands for path in tcl.splitlist(operand)]
        for path in paths:
            assert path.is_file(), f"there is no file {path}"
        self.files += paths
        return " ".join(f"{{{path}}}" for path in paths)

    def _add_files(self, tcl: Any, given: dict[str, str], operands: list[str]) -> str:
        return self._add(tcl, operands)

    _read_verilog = _read_xdc = _add_files

    def _read_mem(self, tcl: Any, given: dict[str, str], operands: list[str]) -> str:
        assert all(Path(operand).suffix in (".mem", ".coe", ".dat") for operand in operands)
        return self._add(tcl, operands)

    def _set_property(self, tcl: Any, given: dict[str, str], operands: list[str]) -> str:
        name, value, target = operands
        self.properties[target, name] = value
        return ""

    def _ipx_package_project(self, tcl: Any, given: dict[str, str], operands: list[str]) -> str:
        self.packaged = given
        for name in self.infers:
            self.interfaces[name] = ("", ())
        return "core"

    def _ipx_current_core(self, *_: Any) -> str:
        assert self.packaged, "there is no core before packaging"
        return "core"

    def _ipx_get_bus_interfaces(self, tcl: Any, given: dict[str, str], operands: list[str]) -> str:
        assert given["-of_objects"] == "core"
        return operands[0] if operands[0] in self.interfaces else ""

    def _ipx_infer_bus_interface(self, tcl: Any, given: dict[str, str], operands: list[str]) -> str:
        ports, kind, core = operands
        names = tcl.splitlist(ports)
        name = names[0] if len(names) == 1 else names[0].rpartition("_")[0]
        assert core == "core"
        assert name not in self.interfaces, f"interface {name} is there twice"
        self.interfaces[name] = (kind, names)
        return name

    def _ipx_get_bus_parameters(self, tcl: Any, given: dict[str, str], operands: list[str]) -> str:
        found = f"{given['-of_objects']}.{operands[0]}"
        return found if found in self.parameters else ""

    def _ipx_add_bus_parameter(self, tcl: Any, given: dict[str, str], operands: list[str]) -> str:
        name, interface = operands
        assert f"{interface}.{name}" not in self.parameters, f"{interface} has two parameters {name}"
        self.parameters.append(f"{interface}.{name}")
        return self.parameters[-1]

    def _ipx_associate_bus_interfaces(self, tcl: Any, given: dict[str, str], operands: list[str]) -> str:
        assert operands == ["core"]
        assert set(given.values()) <= self.interfaces.keys()
        if "-busif" in given:
            self.clocks[given["-busif"]] = given["-clock"]
        if "-reset" in given:
            self.resets[given["-clock"]] = given["-reset"]
        return ""
