"""Energy that a meter measured in a run: worked out with the device's own counter, and kept in the run's folder."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from codegen.ir import fail
from hostctl.meters import EnergyResult, Recording, measure
from hostctl.results.records import read_run

ENERGY = "energy.json"
SCHEMA = "spikec.energy/1"


def measure_run(folder: Path, recording: Recording, *, idle: str, session: int | None = None) -> EnergyResult:
    """Work out the energy of a run's inferences from what a meter recorded, and keep it in ``folder``/energy.json.

    ``idle``: 'keep' or 'subtract'. ``session``: the recording covers only this session of a run that was resumed; by
    default all of its samples. The device's counter says which pulses of the marker belong to which sample.

    Raises SpikecError: an emulated board, a folder without sound results, and whatever forbids a result.
    """
    run = read_run(folder)
    if run.header.board["emulated"]:
        what = f"ran on {run.header.board['id']}, which is emulated: no meter can have seen it"
        raise fail(str(folder), what, "Measure a real board")
    samples = [sample for sample in run.samples if session is None or sample.session == session]
    samples.sort(key=lambda sample: (sample.session, sample.at_s))  # As they came, which is as they were computed.
    if not samples:
        raise fail(str(folder), "holds no samples that the meter could have seen", "Stream some with the meter running")
    seconds = np.array([sample.ticks for sample in samples], float) / float(run.header.greeting["counter_hz"])
    result = measure(recording, seconds, idle=idle)
    (folder / ENERGY).write_text(json.dumps({"schema": SCHEMA, **result.to_json()}, indent=2) + "\n")
    return result


def read_energy(folder: Path) -> dict[str, Any] | None:
    """What a meter measured in a run, or None. Raises SpikecError when the file is damaged."""
    path = folder / ENERGY
    try:
        value = json.loads(path.read_text())
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise fail(str(path), f"cannot be read ({error})", "Delete it, and measure again") from error
    if not isinstance(value, dict) or value.get("schema") != SCHEMA:
        raise fail(str(path), f"is not {SCHEMA}", "Delete it, and measure again with this version of spikec")
    return {key: item for key, item in value.items() if key != "schema"}


def forget_energy(folder: Path) -> None:
    """A new run begins in the folder: what was measured in an older one is not its energy."""
    (folder / ENERGY).unlink(missing_ok=True)


def count_in_session(folder: Path, session: int) -> int:
    """How many of a run's samples came in a session."""
    return sum(sample.session == session for sample in read_run(folder).samples)


def last_session(folder: Path) -> int:
    """The number of the session that a run's last result came in."""
    return read_run(folder).next_session - 1
