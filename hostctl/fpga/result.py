"""What came of a synthesis: what it takes of the chip, how fast it can be clocked, and how long all that took."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Usage:
    """How much of one kind of resource a design takes, and how much of it the chip has."""

    name: str
    used: int
    there: int

    @property
    def percent(self) -> float:
        """Used, in percent of what is there."""
        return 100 * self.used / self.there if self.there else 0.0


@dataclass(frozen=True)
class Clock:
    """A clock of the design: the frequency (Hz) up to which all its paths are fast enough, and the one it is to have.

    Both come from the static timing analysis of place and route, for the slowest chip, hot and at low voltage.
    """

    name: str
    fmax_hz: float
    wanted_hz: float

    @property
    def met(self) -> bool:
        """Whether it is fast enough."""
        return self.fmax_hz >= self.wanted_hz

    @property
    def margin_percent(self) -> float:
        """How much faster it could be, in percent of the wanted clock; negative: how much it lacks."""
        return 100 * (self.fmax_hz / self.wanted_hz - 1)


@dataclass(frozen=True)
class SynthesisResult:
    """A synthesised design.

    ``clocks``: empty where only the size was asked for (a vendor's project). ``slowest``: the slowest path, its end
    points and what of it is logic and wire. ``doubt``: what is to be said of the timing. ``seconds``: wall-clock time
    by stage. ``seed``: of the placement that was taken. ``moved``: flip-flops that became output registers of block
    RAMs. ``netlist``: Verilog of the chip's cells, for simulation. ``bitstream``: what is put on the board; None when
    timing was not met, or only the size was asked for. ``tools``: program to version. ``cached``: nothing was run, the
    result of an equal design was taken.
    """

    board: str
    part: str
    usage: tuple[Usage, ...]
    clocks: tuple[Clock, ...]
    slowest: str
    doubt: str
    seconds: Mapping[str, float]
    seed: int
    moved: int
    netlist: Path
    bitstream: Path | None
    tools: Mapping[str, str]
    cached: bool = False

    @property
    def met(self) -> bool:
        """Whether every clock is as fast as it is wanted."""
        return all(clock.met for clock in self.clocks)

    def to_json(self) -> dict[str, Any]:
        """For programs, and for the cache."""
        value = asdict(self) | {"netlist": str(self.netlist), "met": self.met}
        value["bitstream"] = None if self.bitstream is None else str(self.bitstream)
        value["usage"] = [asdict(usage) | {"percent": round(usage.percent, 2)} for usage in self.usage]
        value["clocks"] = [
            asdict(clock) | {"margin_percent": round(clock.margin_percent, 2), "met": clock.met}
            for clock in self.clocks
        ]
        return value

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> SynthesisResult:
        """The result that ``to_json`` told of. Raises KeyError or TypeError for anything else."""
        bitstream = value["bitstream"]
        return cls(
            board=value["board"],
            part=value["part"],
            usage=tuple(Usage(one["name"], one["used"], one["there"]) for one in value["usage"]),
            clocks=tuple(Clock(one["name"], one["fmax_hz"], one["wanted_hz"]) for one in value["clocks"]),
            slowest=value["slowest"],
            doubt=value["doubt"],
            seconds=dict(value["seconds"]),
            seed=value["seed"],
            moved=value["moved"],
            netlist=Path(value["netlist"]),
            bitstream=None if bitstream is None else Path(bitstream),
            tools=dict(value["tools"]),
            cached=value["cached"],
        )

    def moved_to(self, folder: Path) -> SynthesisResult:
        """The same with its files in another folder."""
        bitstream = None if self.bitstream is None else folder / self.bitstream.name
        return replace(self, netlist=folder / self.netlist.name, bitstream=bitstream)

    def text(self) -> str:
        """For people."""
        lines = [f"part        {self.part}"]
        lines += [f"{one.name:<11} {one.used:,} of {one.there:,} ({one.percent:.1f} %)" for one in self.usage]
        lines += [_clock_line(clock) for clock in self.clocks]
        if self.slowest:
            lines.append(f"slowest     {self.slowest}")
        if self.doubt:
            lines.append(f"timing      {self.doubt}")
        if self.moved:
            lines.append(f"registers   {self.moved:,} flip-flops moved into block RAMs")
        spent = ", ".join(f"{stage} {seconds:.1f} s" for stage, seconds in self.seconds.items())
        lines.append(f"time        {spent}{' (cached)' if self.cached else ''}")
        lines.append(f"bitstream   {self.bitstream or 'none'}")
        return "\n".join(lines)


def _clock_line(clock: Clock) -> str:
    mhz, wanted = clock.fmax_hz / 1e6, clock.wanted_hz / 1e6
    return (
        f"{'Fmax':<11} {mhz:.1f} MHz for {clock.name}, {wanted:.1f} MHz wanted (margin {clock.margin_percent:+.1f} %)"
    )
