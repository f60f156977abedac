"""What the units of a design are built on, of some boards."""

from __future__ import annotations

from inrarch.boards import load_board
from inrarch.dataflow.target import target_of

U50, ZCU102, PYNQ, ULX3S = (target_of(load_board(name)) for name in ("u50", "zcu102", "pynq_z2", "ulx3s_85f"))
OF_FABRIC = {"ultrascale_plus": U50, "xilinx_7": PYNQ, "ecp5": ULX3S}
