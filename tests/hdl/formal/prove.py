"""Proofs about Verilog: Yosys writes a module's transition relation as SMT-LIB, Bitwuzla decides.

A module says what it takes for granted (``assume``), claims (``assert``) and must be able to reach (``cover``). Its
first cycle is a reset out of any state at all: the one register with a value to begin with is that of the reset.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bitwuzla import Options, Parser, Result, TermManager

_HERE = Path(__file__).parent
_YOSYS = "import sys; from pyosys.libyosys import run_pass; run_pass('script ' + sys.argv[1])"


@dataclass(frozen=True)
class System:
    """A module as a transition relation: ``text`` defines it in SMT-LIB, ``covers`` are its cover functions."""

    top: str
    text: str
    covers: Sequence[str]

    def at(self, function: str, time: int) -> str:
        return f"(|{self.top}_{function}| s{time})"

    def steps(self, first: int, last: int) -> list[str]:
        """The states ``first`` to ``last``, sound and allowed ones, each the next of the one before."""
        lines = [f"(declare-fun s{time} () |{self.top}_s|)" for time in range(first, last + 1)]
        lines += [f"(assert {self.at(name, time)})" for time in range(first, last + 1) for name in "hu"]
        return lines + [f"(assert (|{self.top}_t| s{time} s{time + 1}))" for time in range(first, last)]

    def from_reset(self, depth: int) -> list[str]:
        return [*self.steps(0, depth), f"(assert {self.at('i', 0)})"]


def system(
    sources: Sequence[Path], top: str, parameters: Mapping[str, int], folder: Path, *, claims: bool = False
) -> System:
    """Make a transition relation of the module ``top`` with these parameters.

    ``claims``: leave out what is claimed of registers inside, as `inside.vh` says.
    """
    read = f"read_verilog -formal -I{_HERE}{' -DCLAIMS' if claims else ''}"
    sets = " ".join(f"-set {name} {value}" for name, value in parameters.items())
    script = [
        *(f"{read} {source}" for source in sources),
        *([f"chparam {sets} {top}"] if sets else []),
        f"prep -flatten -top {top}",
        "async2sync",
        "dffunmap",
        "opt_clean",
        "check -assert",
        f"write_smt2 {folder / 'system.smt2'}",
    ]
    (folder / "system.ys").write_text("\n".join(script) + "\n")
    done = subprocess.run(
        [sys.executable, "-c", _YOSYS, str(folder / "system.ys")], capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise RuntimeError((done.stdout + done.stderr)[-3000:])
    text = (folder / "system.smt2").read_text()
    return System(top, text, re.findall(rf"\(define-fun \|{top}_(c \d+)\|", text))


def satisfiable(system: System, lines: Sequence[str]) -> bool:
    """Whether there are states as these lines demand."""
    parser = Parser(TermManager(), Options())
    text = "\n".join(["(set-logic QF_UFBV)", system.text, *lines])
    parser.parse(text, True, False)
    answer = parser.bitwuzla().check_sat()
    assert answer in (Result.SAT, Result.UNSAT)
    return answer == Result.SAT


def refuted(system: System, depth: int) -> bool:
    """Whether any claim fails within ``depth`` cycles of a reset."""
    broken = " ".join(f"(not {system.at('a', time)})" for time in range(depth + 1))
    return satisfiable(system, [*system.from_reset(depth), f"(assert (or {broken}))"])


def inductive(system: System, depth: int) -> bool:
    """Whether claims that held for ``depth`` cycles, out of whatever state, hold for one more."""
    held = [f"(assert {system.at('a', time)})" for time in range(depth)]
    return not satisfiable(system, [*system.steps(0, depth), *held, f"(assert (not {system.at('a', depth)}))"])


def unreached(system: System, depth: int) -> list[str]:
    """The cover functions that no run of ``depth`` cycles makes true: what is claimed of these would be empty."""
    found = []
    for cover in system.covers:
        anywhere = " ".join(system.at(cover, time) for time in range(depth + 1))
        if not satisfiable(system, [*system.from_reset(depth), f"(assert (or {anywhere}))"]):
            found.append(cover)
    return found
