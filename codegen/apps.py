"""What a board's firmware does with its network: one entry of ``APPS`` an app."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from codegen.ir import Network, fail

STREAM = "stream"
"""The usual app: samples stream in and results out, as firmware/protocol/SPEC.md says."""
MLPERF_TINY = "mlperf_tiny"
ENERGY_BAUD = 9600
"""The line's rate in MLPerf Tiny's energy mode, where the benchmark's interface board is between board and runner."""


@dataclass(frozen=True)
class App:
    """``sources``: its folder in firmware/. ``main``: the template of its main program."""

    sources: str
    main: str


APPS: Mapping[str, App] = MappingProxyType(
    {STREAM: App("protocol", "main.c.j2"), MLPERF_TINY: App("mlperf_tiny", "main_mlperf_tiny.c.j2")}
)

_MODEL_CHARACTERS = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-")


def find_app(name: str, *, cores: int = 1) -> App:
    """Look an app up. Raises SpikecError for an unknown one, and for one that does not run on so many cores."""
    if name not in APPS:
        raise fail("--app", f"'{name}' is unknown", f"Known: {', '.join(APPS)}")
    if name != STREAM and cores > 1:
        raise fail("--cores", f"is not for --app {name}, which runs on one core", "Leave it out")
    return APPS[name]


def check_modes(app: str, *, marker: bool, energy: bool) -> None:
    """Raise SpikecError where the app has no such use for a marker pin."""
    if energy and app != MLPERF_TINY:
        raise fail("--energy", f"has no meaning with --app {app}", f"Leave it out, or give --app {MLPERF_TINY}")
    if marker and app != STREAM:
        hint = "Leave it out, or give --energy for pulses at the runner's timestamps"
        raise fail("--marker", f"has no meaning with --app {app}", hint)


def model_name(network: Network, model: str | None) -> str:
    """What firmware calls its network: its name, or another. Raises SpikecError where that has odd characters."""
    odd = sorted(set(model or "") - _MODEL_CHARACTERS)
    if model == "" or odd:
        what = f"is '{model}', which has {' '.join(odd)}" if odd else "is empty"
        raise fail("--model", what, "Letters, digits, '_', '.' and '-' are allowed")
    return model or network.name
