"""Flip-flops move into block RAMs only where nothing can tell the difference."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from hostctl.fpga.outreg import absorb_registers

Design = dict[str, Any]
CLOCK, ENABLE, OTHER_CLOCK = 2, 3, 4
READ, HELD, SUM = 10, 20, 30


def cell(kind: str, outputs: dict[str, int], inputs: dict[str, object], **parameters: str) -> dict[str, Any]:
    directions = dict.fromkeys(outputs, "output") | dict.fromkeys(inputs, "input")
    pins = {pin: [bit] for pin, bit in (outputs | inputs).items()}
    return {
        "type": kind,
        "parameters": parameters,
        "port_directions": directions,
        "connections": pins,
        "attributes": {},
    }


def ram(**changes: object) -> dict[str, Any]:
    """A block RAM whose port A is read through two outputs."""
    inputs: dict[str, object] = {
        "CLKA": CLOCK,
        "CEA": "1",
        "OCEA": "1",
        "RSTA": "0",
        "CLKB": "0",
        "CEB": "0",
        "RSTB": "0",
    }
    found = cell("DP16KD", {"DOA0": READ, "DOA1": READ + 1, "DOA2": READ + 2, "DOB0": READ + 3}, inputs)
    width = f"{18:032b}"
    found["parameters"] = {"DATA_WIDTH_A": width, "DATA_WIDTH_B": width, "REGMODE_A": "NOREG", "REGMODE_B": "NOREG"}
    for key, value in changes.items():
        if key in found["connections"]:
            found["connections"][key] = [value]
        else:
            found["parameters"][key] = value
    return found


def flip(number: int, **changes: object) -> dict[str, Any]:
    inputs: dict[str, object] = {"CLK": CLOCK, "DI": READ + number, "LSR": "0"}
    pins = {key: value for key, value in changes.items() if key in ("CLK", "DI", "LSR", "CE")}
    words = {key: str(value) for key, value in changes.items() if key not in pins}
    parameters = {"CEMUX": "1 ", "CLKMUX": "CLK", "LSRMUX": "LSR", "REGSET": "RESET"} | words
    return cell("TRELLIS_FF", {"Q": HELD + number}, inputs | pins, **parameters)


def design() -> Design:
    """Both outputs registered, and their exclusive or computed."""
    lut = cell("LUT4", {"Z": SUM}, {"A": HELD, "B": HELD + 1, "C": "0", "D": "0"})
    module = {
        "attributes": {},
        "ports": {"clk": {"direction": "input", "bits": [CLOCK]}, "sum": {"direction": "output", "bits": [SUM]}},
        "cells": {"ram": ram(), "flip0": flip(0), "flip1": flip(1), "lut": lut},
        "netnames": {
            "read": {"bits": [READ, READ + 1]},
            "both": {"bits": [READ, HELD]},
            "held": {"bits": [HELD, HELD + 1]},
        },
    }
    return {"modules": {"top": module}}


def test_registers_move_into_the_block_ram() -> None:
    made = design()
    assert absorb_registers(made) == 2
    module = made["modules"]["top"]
    assert set(module["cells"]) == {"ram", "lut"}
    moved = module["cells"]["ram"]
    assert moved["parameters"]["REGMODE_A"] == "OUTREG"
    assert moved["parameters"]["REGMODE_B"] == "NOREG"
    assert [moved["connections"][pin] for pin in ("DOA0", "DOA1", "DOA2")] == [[HELD], [HELD + 1], [READ + 2]]
    assert module["netnames"] == {"both": {"bits": ["x", HELD]}, "held": {"bits": [HELD, HELD + 1]}}


def test_wide_outputs_belong_together() -> None:
    made = design()
    cells = made["modules"]["top"]["cells"]
    wide = f"{36:032b}"
    cells["ram"] = ram(DATA_WIDTH_A=wide, DATA_WIDTH_B=wide, CLKA="0", CEA="0", OCEA="0", CLKB=CLOCK, CEB="1")
    cells["ram"]["connections"]["DOB0"], cells["ram"]["connections"]["DOA1"] = [READ + 1], [READ + 3]
    assert absorb_registers(made) == 2
    assert cells["ram"]["parameters"]["REGMODE_A"] == cells["ram"]["parameters"]["REGMODE_B"] == "OUTREG"
    assert cells["ram"]["connections"]["OCEA"] == cells["ram"]["connections"]["OCEB"] == ["1"]


def put(**cells: dict[str, Any]) -> Callable[[Design], None]:
    return lambda made: made["modules"]["top"]["cells"].update(cells)


def also_output(made: Design) -> None:
    made["modules"]["top"]["ports"]["raw"] = {"direction": "output", "bits": [READ]}


@pytest.mark.parametrize(
    "change",
    [
        put(flip1=flip(1, CEMUX="CE", CE=ENABLE)),
        put(flip1=flip(1, LSR=ENABLE)),
        put(flip1=flip(1, LSRMUX="INV")),
        put(flip1=flip(1, REGSET="SET")),
        put(flip1=flip(1, CLK=OTHER_CLOCK)),
        put(flip1=flip(1, CLKMUX="INV")),
        put(flip1=cell("LUT4", {"Z": HELD + 1}, {"A": READ + 1, "B": "0", "C": "0", "D": "0"})),
        put(tap=cell("LUT4", {"Z": 40}, {"A": READ, "B": "0", "C": "0", "D": "0"})),
        put(second=flip(1) | {"connections": {"CLK": [CLOCK], "DI": [READ + 1], "LSR": ["0"], "Q": [50]}}),
        put(ram=ram(CEA=ENABLE)),
        put(ram=ram(RSTA=ENABLE)),
        put(ram=ram(CLKAMUX="INV")),
        put(ram=ram(REGMODE_A="OUTREG")),
        also_output,
    ],
)
def test_registers_stay_where_it_would_show(change: Callable[[Design], None]) -> None:
    made = design()
    change(made)
    before = {name: dict(found["parameters"]) for name, found in made["modules"]["top"]["cells"].items()}
    assert absorb_registers(made) == 0
    assert {name: found["parameters"] for name, found in made["modules"]["top"]["cells"].items()} == before


def test_cells_of_the_library_are_left_alone() -> None:
    made = design()
    made["modules"]["top"]["attributes"]["whitebox"] = "1"
    assert absorb_registers(made) == 0
