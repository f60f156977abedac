"""What the literature reports for the benchmark: SIREN 2 -> 256 x 4 -> 3 (w0 = 30), batch 64.

S. Abi-Karam, R. Sarkar, D. Xu, Z. Fan, Z. Wang, C. Hao: INR-Arch: A Dataflow Architecture and Compiler for
Arbitrary-Order Gradient Computations in Implicit Neural Representation Processing, ICCAD 2023 (arXiv 2308.05930), and
its public repository (sharc-lab/inr-arch) for what its design of order 1 uses and takes in cycles. Board: U50 at
300 MHz. Its design of order n gives all ordered partial derivatives, each order divided by a constant.
"""

from __future__ import annotations

from dataclasses import dataclass

DSP = 3199
"""Multipliers of INR-Arch's design of order 1: what the comparison at equal cost is limited to."""

WATTS = 30.0
"""INR-Arch assumes this power of its FPGA board for the energy-delay product; so do the columns that say so."""


@dataclass(frozen=True, slots=True)
class Published:
    """One system at one order; None where nothing is reported.

    cycles: of the dataflow; copy_cycles: of the serial copy of inputs before it. energy_delay: ms J, as reported.
    """

    title: str
    order: int
    milliseconds: float
    energy_delay: float
    dsp: int | None = None
    bram18: int | None = None
    cycles: int | None = None
    copy_cycles: int | None = None
    error: str = ""


PUBLISHED = (
    Published("INR-Arch, U50", 1, 1.828, 0.100, DSP, 347, 557_713, 199_575, "6–13 %"),
    Published("INR-Arch's CPU", 1, 3.337, 0.167),
    Published("INR-Arch's GPU", 1, 2.804, 0.552),
    Published("INR-Arch, U50", 2, 2.545, 0.194),
    Published("INR-Arch's CPU", 2, 12.17, 2.20),
    Published("INR-Arch's GPU", 2, 9.22, 6.36),
)
