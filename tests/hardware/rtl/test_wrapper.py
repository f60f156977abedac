"""Wrappers: equal processes share one, its name says what it is made of, its parameters are literals."""

from __future__ import annotations

from dataclasses import replace

from inrarch.hardware.rtl.module import Image, Memory, Rtl
from inrarch.hardware.rtl.wrapper import address_bits, literal, wrapped

RTL = Rtl({"ROWS": 4, "SHIFT": (1, -2)}, (Memory("weights", 8, (1, 2, 3)),))


def test_equal_processes_share_a_module_whatever_their_memories_hold() -> None:
    other = replace(RTL, memories=(Memory("weights", 8, (7, 8, 9)),))
    assert wrapped("matmul", RTL, [24], [48]) == wrapped("matmul", other, [24], [48])


def test_every_difference_makes_another_module() -> None:
    names = {
        wrapped(kernel, rtl, reads, writes).name
        for kernel, rtl, reads, writes in [
            ("matmul", RTL, [24], [48]),
            ("outer", RTL, [24], [48]),
            ("matmul", RTL, [25], [48]),
            ("matmul", RTL, [24], [24, 24]),
            ("matmul", replace(RTL, parameters={"ROWS": 5, "SHIFT": (1, -2)}), [24], [48]),
            ("matmul", replace(RTL, memories=(Memory("weights", 9, (1, 2, 3)),)), [24], [48]),
            ("matmul", replace(RTL, memories=(Memory("weights", 8, (1, 2)),)), [24], [48]),
            ("matmul", replace(RTL, body="module @MODULE@; endmodule"), [24], [48]),
            ("matmul", replace(RTL, images={"t.mem": Image(8, (1,))}), [24], [48]),
            ("matmul", replace(RTL, images={"t.mem": Image(8, (2,))}), [24], [48]),
        ]
    }
    assert len(names) == 10


def test_a_wrapper_joins_the_streams_to_the_vectors_of_the_kernel() -> None:
    text = wrapped("fork", Rtl({"ROWS": 4, "SHIFT": (1, -2)}), [24], [48, 12]).text
    assert ".ROWS(4)," in text
    assert ".SHIFT({-32'sd2, 32'sd1})" in text
    assert ".in_data({in0_data})" in text
    assert ".out_data({out1_data, out0_data})" in text
    assert "output logic [11:0] out1_data" in text


def test_a_generated_body_gets_the_name() -> None:
    made = wrapped("pointwise", Rtl(body="module @MODULE@; endmodule // @MODULE@\n"), [24], [48])
    assert made.text == f"module {made.name}; endmodule // {made.name}\n"


def test_literals_and_addresses() -> None:
    assert literal((5,)) == "{32'sd5}"
    assert [address_bits(words) for words in (1, 2, 3, 4, 5, 512, 513)] == [1, 1, 2, 2, 3, 9, 10]
