"""Energy of a run by a power meter: one line a capture in ``energy.jsonl``, in the run's folder.

``docs/results-format.md`` describes every field.
"""

from __future__ import annotations

import json
import math
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from codegen.ir import fail

FILE = "energy.jsonl"
SCHEMA = "spikec.energy/1"


@dataclass(frozen=True)
class EnergyRecord:
    """What was metered in a stretch of a run. ``joules`` and ``seconds``: of each inference, by the sample's index;
    with ``idle`` 'subtract' the idle power is taken off. ``warnings``: why not to trust it.
    """

    meter: str
    rate_hz: float
    idle: str
    idle_watts: float | None
    joules: dict[int, float]
    seconds: dict[int, float]
    excluded: int
    samples: int
    lost: int
    faults: list[dict[str, Any]] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    session: int = 0
    schema: str = SCHEMA


def write_energy(folder: Path, record: EnergyRecord) -> Path:
    """Append a capture to the run's folder; on the disk when this returns. Raises SpikecError when it cannot be."""
    path = folder / FILE
    value = {key: _finite(item) for key, item in asdict(record).items()}
    try:
        with path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(value, separators=(",", ":"), ensure_ascii=False, allow_nan=False) + "\n")
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise fail(str(path), f"cannot be written ({error.strerror})", "Make room") from error
    return path


def _finite(value: Any) -> Any:
    return None if isinstance(value, float) and not math.isfinite(value) else value


def read_energy(folder: Path) -> list[EnergyRecord]:
    """Read a run's captures; none where nothing was metered. A torn last line is left out.

    Raises SpikecError when the file is damaged elsewhere, or of another schema.
    """
    path = folder / FILE
    if not path.exists():
        return []
    lines = path.read_text(encoding="utf-8").split("\n")
    return [_restore(line, f"{path}, line {number}") for number, line in enumerate(lines[:-1], 1)]


def _restore(line: str, where: str) -> EnergyRecord:
    try:
        value: Mapping[str, Any] = json.loads(line)
        if value["schema"] != SCHEMA:
            raise fail(where, f"has schema {value['schema']!r}", f"This version reads {SCHEMA}")
        numbers = {name: {int(i): float(x) for i, x in value[name].items()} for name in ("joules", "seconds")}
        return EnergyRecord(**{**{n: value[n] for n in EnergyRecord.__dataclass_fields__ if n in value}, **numbers})
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise fail(where, f"is damaged ({error})", "Meter the run again, or remove the file") from error
