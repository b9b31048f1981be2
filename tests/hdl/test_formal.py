"""The scheduler and the handshake, proved: no spike is lost, none comes twice, none overtakes, nothing stands still.

Each wrapper in `formal/` holds for runs of any length: its claims are true after a reset, and what was true so far is
so in the next cycle. Mutants show that the claims, those that can be seen from outside alone, notice bugs.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from device_model import RTL

FORMAL = Path(__file__).parent / "formal"
sys.path.insert(0, str(FORMAL))

from prove import inductive, refuted, system, unreached  # noqa: E402

BLOCKS = {
    "scan": ("scan",),
    "handshake": ("handshake",),
    "bank": ("scan", "bank", "handshake", "vector"),
    "issue": ("issue",),
}
BOUND = 5
"""Cycles after a reset that are gone through one by one: no fewer than an induction looks back."""
LOOKS_BACK = {"handshake": 5}
"""Cycles that claims follow from, where one is not enough: there, those that a layer may stay idle."""

WIDE = {"WORDS": 3, "WORD": 2}
ALONE = {"LINKED": 0, "DIRECT": 0}
DESIGNS = [
    ("scan", {}, 8),
    ("scan", {"WIDTH": 7, "INDEX": 3}, 12),
    ("handshake", {}, 12),
    ("bank", {}, 16),
    ("bank", {"TURNS": 2, "CHUNKS": 2}, 26),
    ("bank", {"DIRECT": 0, "TURNS": 2, **WIDE}, 36),
    ("bank", ALONE, 22),
    ("bank", {**ALONE, "TURNS": 2, **WIDE}, 36),
    ("issue", {}, 18),
    ("issue", {"BANKS": 1, "TURNS": 1, "GROUPS": 1, "SPACING": 2, "GAP": 0, "SAMPLE_GAP": 2}, 10),
    ("issue", {"BANKS": 4, "TURNS": 3, "GROUPS": 3, "STEPS": 3}, 40),
]


def sources(top: str, folder: Path) -> list[Path]:
    return [*(folder / f"spikec_{block}.v" for block in BLOCKS[top]), FORMAL / f"{top}.v"]


def named(value: object) -> str | None:
    return "-".join(f"{name}{number}" for name, number in value.items()).lower() if isinstance(value, dict) else None


@pytest.mark.parametrize(("top", "parameters", "depth"), DESIGNS, ids=named)
def test_it_holds_for_ever(top: str, parameters: dict[str, int], depth: int, tmp_path: Path) -> None:
    design = system(sources(top, RTL), top, parameters, tmp_path)
    assert not refuted(design, BOUND)
    assert inductive(design, LOOKS_BACK.get(top, 1))
    assert len(design.covers) >= 2
    assert unreached(design, depth) == []


@dataclass(frozen=True)
class Mutant:
    """A bug: in ``block``, ``sound`` becomes ``wrong``. ``parameters`` of the wrapper ``top`` that it shows in."""

    name: str
    block: str
    sound: str
    wrong: str
    top: str
    parameters: dict[str, int] = field(default_factory=dict)
    depth: int = 10


MUTANTS = [
    Mutant("a vector is written over", "scan", "(advance && single)", "advance", "scan"),
    Mutant("a spike comes twice", "scan", "rest <= rest & (rest - ONE);", "rest <= rest;", "scan"),
    Mutant("an output waits for who waits for it", "scan", "= !out_valid || out_ready;", "= out_ready;", "scan"),
    Mutant("each word ends the pass", "scan", "<= last && single;", "<= last;", "bank", {}, 12),
    Mutant("a step is begun before it is there", "bank", "begun != filled", "1'b1", "bank"),
    Mutant("words get lost under back-pressure", "bank", "!valid || word_ready;", "1'b1;", "bank", ALONE, 14),
    Mutant("a map is read twice", "bank", "map_valid <= 1'b0;\n                    if", "if", "bank", ALONE, 12),
    Mutant("a step overtakes", "bank", "slot == LAST_SLOT ?", "slot != LAST_SLOT ?", "bank", ALONE, 14),
    Mutant(
        "the second turn never ends", "bank", "map_final ? {TURN{1'b0}} : turn + 1'b1", "1'b1", "bank", {"TURNS": 2}, 18
    ),
    Mutant("every step goes into one slot", "vector", "filling <= !filling;", "filling <= filling;", "bank", {}, 14),
    Mutant("a bank goes on into the next turn", "issue", "here = ~over & spike_valid", "here = spike_valid", "issue"),
    Mutant("a turn ends without room", "issue", " && (!gives_first || room)", "", "issue"),
    Mutant("a late turn never ends", "issue", "since + 1 >= SPACING", "since + 1 == SPACING", "issue", {}, 8),
    Mutant("a row of another group", "issue", "base + ROWS_OF_GROUP", "base", "issue", {}, 10),
    Mutant("a third slot of two", "handshake", "room = !taken[1]", "room = taken != 2'd3", "handshake"),
    Mutant("a step is not told", "handshake", "{1'b0, done}", "{1'b0, done && !data_fetched}", "handshake"),
    Mutant("a slot is never free again", "handshake", " - {1'b0, data_fetched}", "", "handshake"),
]


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name.replace(" ", "_"))
def test_a_bug_is_found(mutant: Mutant, tmp_path: Path) -> None:
    for block in BLOCKS[mutant.top]:
        text = (RTL / f"spikec_{block}.v").read_text()
        if block == mutant.block:
            assert text.count(mutant.sound) == 1
            text = text.replace(mutant.sound, mutant.wrong)
        (tmp_path / f"spikec_{block}.v").write_text(text)
    assert refuted(
        system(sources(mutant.top, tmp_path), mutant.top, mutant.parameters, tmp_path, claims=True), mutant.depth
    )
