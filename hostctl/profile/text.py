"""A profile as lines for people, and as JSON; both say of every column whether it was measured or estimated."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from hostctl.profile.measure import Profile
from hostctl.profile.table import Row, Totals, nothing
from hostctl.report.words import count

_READING = 64
"""Instructions that reading the own counter takes at most, twice a step, on all our boards."""
_START = 100
"""Instructions outside every function that need no word: what runs before the first one."""
COUNTED = {
    False: "counted by QEMU at every instruction that it executed: exact, but no cycles",
    True: "counted by simavr, which knows the cycles of every instruction: exact",
}


def profile_json(profile: Profile, functions: int = 0) -> dict[str, Any]:
    """Everything, summed over all samples; ``functions``: so many of them, the largest first."""
    board, network = profile.board, profile.network
    return {
        "board": board.id,
        "core": board.core,
        "network": network.name,
        "digest": network.digest,
        "samples": profile.samples,
        "steps": network.steps,
        "measured": {"columns": _measured(profile), "how": COUNTED[profile.true_cycles]},
        "estimated": _model(profile),
        "rows": [
            {"layer": _layer(profile, row.layer), "phase": row.phase, "repeatable": row.in_layer, **_totals(row.totals)}
            for row in profile.rows
        ],
        "layers": [
            {"layer": work.name, "synops": work.synops, **_totals(total), "own_counter": work.own_counter}
            for work, total in zip(profile.layers, layer_totals(profile), strict=True)
        ],
        "own_counter": {"name": board.counter.name, "unit": board.counter.unit, "source": board.counter.source},
        "functions": [
            {"layer": _layer(profile, layer), "phase": phase, "function": name, **_totals(total)}
            for layer, phase, name, total in profile.functions[:functions]
        ],
        "differences": list(profile.differences),
        "unknown_kernels": list(profile.unknown),
        "elsewhere": profile.elsewhere,
    }


def layer_totals(profile: Profile) -> list[Totals]:
    """The sum of each layer's rows."""
    return [
        _sum(profile, (row for row in profile.rows if row.layer == place))
        for place in range(1, len(profile.layers) + 1)
    ]


def profile_text(profile: Profile, functions: int = 0) -> str:
    """Aligned lines of an average inference, without a final newline; ``functions``: list so many, largest first."""
    board, network = profile.board, profile.network
    lines = [
        f"board       {board.name} ({board.id})",
        f"network     {network.name} ({network.digest[:16]}), {network.steps} steps",
        f"samples     {profile.samples:,}, {_verdict(profile)}; the numbers below are of an average inference",
        f"measured    {', '.join(_measured(profile))}: {COUNTED[profile.true_cycles]}",
        *_model_lines(profile),
        "",
        *_table(profile),
        "",
        *_own_counter(profile),
    ]
    if functions:
        lines += ["", *_functions(profile, functions)]
    return "\n".join([*lines, *_warnings(profile)])


def _verdict(profile: Profile) -> str:
    if not profile.differences:
        return "all as the reference says"
    return f"{len(profile.differences)} DIFFERENT from the reference: {profile.differences[0]}"


def _measured(profile: Profile) -> list[str]:
    return ["instructions", "loads", "stores", "jumps", *(["cycles"] if profile.true_cycles else [])]


def _model(profile: Profile) -> dict[str, Any]:
    if profile.model is None:
        return {"model": None, "why": profile.no_model}
    model = profile.model
    return {"model": model.name, "source": model.source, "assumes": model.assumes, "columns": ["estimated_cycles"]}


def _model_lines(profile: Profile) -> list[str]:
    if profile.model is None:
        return [f"estimated   no cycles: {profile.board.core}: {profile.no_model}"]
    model = profile.model
    return [
        f"estimated   cycles, from what was counted and the published timings of {model.name}:",
        f"            {model.source}",
        f"            assumed: {model.assumes}",
    ]


def _table(profile: Profile) -> list[str]:
    """Phases of each layer with their sum, all layers, and what is beside them."""
    per = f"{'cycles' if profile.true_cycles else 'instructions'}/synop"
    heads = ["layer", "phase", *_measured(profile), *(["estimated cycles"] if profile.model else []), per]
    body: list[list[str] | None] = []
    for place, (work, total) in enumerate(zip(profile.layers, layer_totals(profile), strict=True), 1):
        rows = [row for row in profile.rows if row.layer == place]
        for i, row in enumerate(rows):
            body.append([work.name if i == 0 else "", row.phase, *_cells(profile, row.totals, work.synops)])
        body += [["", "all", *_cells(profile, total, work.synops)], None]
    synops = sum(work.synops for work in profile.layers)
    whole = _sum(profile, (row for row in profile.rows if row.in_layer))
    body += [["layers", "all", *_cells(profile, whole, synops)], None]
    for i, row in enumerate(row for row in profile.rows if not row.in_layer):
        body.append(["beside" if i == 0 else "", row.phase, *_cells(profile, row.totals, 0)])
    lines = _aligned([heads, *body])
    return [
        *lines,
        "Layers: the same numbers in every run. Beside them: what the line brings, when it does, and waiting for it.",
    ]


def _cells(profile: Profile, totals: Totals, synops: int) -> list[str]:
    """An average inference; at last instructions, or true cycles, a synaptic operation."""
    samples = profile.samples
    values = [totals.instructions, totals.loads, totals.stores, totals.jumps]
    cells = [count(value / samples) for value in values]
    if totals.true_cycles is not None:
        cells.append(count(totals.true_cycles / samples))
    if totals.estimated is not None:
        low, high = (count(value / samples) for value in (totals.estimated.low, totals.estimated.high))
        cells.append(low if low == high else f"{low} to {high}")
    each = totals.instructions if totals.true_cycles is None else totals.true_cycles
    return [*cells, f"{each / synops:.3f}" if synops else ""]


def _own_counter(profile: Profile) -> list[str]:
    """What the firmware's own counter says of the layers, beside what was counted from outside."""
    board = profile.board
    lines = [f"own counter {board.counter.name} ({board.counter.source}), read before and after every step:"]
    why = "interrupts, reading the counter" if profile.true_cycles else "reading the counter"
    for work, more in zip(profile.layers, beside_own_counter(profile), strict=True):
        said = f"{work.name} {count(work.own_counter / profile.samples)} {board.counter.unit}"
        lines.append(f"            {said}: {more:+.2f} a step beside what is counted above ({why})")
    return lines


def beside_own_counter(profile: Profile) -> list[float]:
    """So much more a step does the firmware count of each layer than its rows have, in its counter's unit."""
    steps = profile.samples * profile.network.steps
    counted = [
        total.instructions if profile.board.counter.unit == "instructions" else total.true_cycles or 0
        for total in layer_totals(profile)
    ]
    return [(work.own_counter - mine) / steps for work, mine in zip(profile.layers, counted, strict=True)]


def _functions(profile: Profile, most: int) -> list[str]:
    rows: list[list[str] | None] = [["instructions", "layer", "phase", "function"]]
    for layer, phase, name, total in profile.functions[:most]:
        rows.append([count(total.instructions / profile.samples), _layer(profile, layer) or "", phase, name])
    return _aligned(rows, left={1, 2, 3})


def _warnings(profile: Profile) -> list[str]:
    lines = list[str]()
    if profile.unknown:
        names = ", ".join(profile.unknown)
        lines.append(f"NOTE: no phase is known for {names}: see 'other kernels' above, and hostctl/profile/phases.py")
    off = [
        work.name
        for work, more in zip(profile.layers, beside_own_counter(profile), strict=True)
        if more < 0 or (more > _READING and not profile.true_cycles)
    ]
    if off:
        lines.append(
            f"NOTE: the firmware itself counts otherwise in {', '.join(off)}: these rows lack or double something"
        )
    if profile.elsewhere > _START:
        lines.append(f"NOTE: {profile.elsewhere:,} instructions ran outside every function, and are in no row")
    return ["", *lines] if lines else []


def _aligned(rows: Sequence[list[str] | None], left: Iterable[int] = (0, 1)) -> list[str]:
    """Columns as wide as their widest cell; None is an empty line."""
    filled = [row for row in rows if row is not None]
    widths = [max(len(row[i]) for row in filled) for i in range(len(filled[0]))]
    left = set(left)

    def line(row: list[str]) -> str:
        cells = [c.ljust(w) if i in left else c.rjust(w) for i, (c, w) in enumerate(zip(row, widths, strict=True))]
        return "  ".join(cells).rstrip()

    return ["" if row is None else line(row) for row in rows]


def _sum(profile: Profile, rows: Iterable[Row]) -> Totals:
    return sum((row.totals for row in rows), nothing(profile.model is not None, profile.true_cycles))


def _layer(profile: Profile, place: int) -> str | None:
    return profile.layers[place - 1].name if place else None


def _totals(totals: Totals) -> dict[str, Any]:
    value: dict[str, Any] = {
        "instructions": totals.instructions,
        "loads": totals.loads,
        "stores": totals.stores,
        "jumps": totals.jumps,
    }
    if totals.true_cycles is not None:
        value["cycles"] = totals.true_cycles
    if totals.estimated is not None:
        value["estimated_cycles"] = {"low": totals.estimated.low, "high": totals.estimated.high}
    return value
