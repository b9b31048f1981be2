"""From the words of ``--meter`` to a meter: ``KIND[:WHERE[,KEY=VALUE...]]``."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from codegen.ir import fail
from hostctl.meters.base import Meter

Options = Mapping[str, str]
KINDS = {
    "ppk2": "ppk2:PORT,volts=V[,channel=0..7][,mode=source|ampere]",
    "lpm01a": "lpm01a:PORT,volts=V,marker=PORT[,rate=HZ]",
    "joulescope": "joulescope[:SERIAL][,channel=0..3]",
    "ina226": "ina226:PORT,shunt=OHMS[,baud=N]",
    "ina228": "ina228:PORT,shunt=OHMS[,baud=N]",
}
"""How each kind is named on the command line."""

_KEYS = {
    "ppk2": ({"volts"}, {"channel", "mode"}),
    "lpm01a": ({"volts", "marker"}, {"rate"}),
    "joulescope": (set[str](), {"channel"}),
    "ina226": ({"shunt"}, {"baud"}),
    "ina228": ({"shunt"}, {"baud"}),
}
"""What must be given, and what may be."""


def parse_meter(text: str) -> tuple[str, str, dict[str, str]]:
    """Kind, place and options. Raises SpikecError: an unknown kind or option, or one that is missing."""
    kind, _, rest = text.partition(":")
    if not rest:
        kind, comma, rest = kind.partition(",")
        rest = comma + rest
    if kind not in KINDS:
        raise fail("--meter", f"'{kind}' is unknown", f"Known: {', '.join(KINDS)}; for others 'spikec energy --csv'")
    where, *parts = rest.split(",")
    options = {key: value for key, _, value in (part.partition("=") for part in parts)}
    needed, allowed = _KEYS[kind]
    hint = f"It is named as {KINDS[kind]}"
    if unknown := options.keys() - needed - allowed:
        raise fail("--meter", f"{kind} has no option '{min(unknown)}'", hint)
    if missing := needed - options.keys():
        raise fail("--meter", f"{kind} needs {min(missing)}=", hint)
    if kind != "joulescope" and not where:
        raise fail("--meter", f"{kind} needs its serial port", hint)
    return kind, where, options


def open_meter(text: str) -> Meter:
    """Open the meter that ``text`` names. Raises SpikecError, or ModuleNotFoundError without its package."""
    kind, where, options = parse_meter(text)
    return _OPENERS.get(kind, _ina)(kind, where, options)


def _ppk2(_kind: str, where: str, options: Options) -> Meter:
    from hostctl.meters.ppk2 import Ppk2  # noqa: PLC0415 (only the drivers that are used)

    mode = options.get("mode", "source")
    if mode not in {"source", "ampere"}:
        raise fail("--meter", f"mode={mode} is unknown", "Give source or ampere")
    volts, channel = _number(options, "volts"), int(_number(options, "channel", 0))
    return Ppk2(where, volts=volts, channel=channel, source=mode == "source")


def _lpm01a(_kind: str, where: str, options: Options) -> Meter:
    from hostctl.meters.lpm01a import Lpm01a  # noqa: PLC0415
    from hostctl.meters.marker_line import MarkerLine  # noqa: PLC0415

    volts, rate = _number(options, "volts"), int(_number(options, "rate", 100_000))
    marker = MarkerLine(options["marker"])
    try:
        return Lpm01a(where, volts=volts, rate_hz=rate, marker=marker)
    except BaseException:
        marker.close()
        raise


def _joulescope(_kind: str, where: str, options: Options) -> Meter:
    from hostctl.meters.joulescope import Joulescope  # noqa: PLC0415

    return Joulescope(where, channel=int(_number(options, "channel", 0)))


def _ina(kind: str, where: str, options: Options) -> Meter:
    from hostctl.meters.ina import Ina  # noqa: PLC0415

    return Ina(kind, where, shunt=_number(options, "shunt"), baud=int(_number(options, "baud", 1_000_000)))


_OPENERS: dict[str, Callable[[str, str, Options], Meter]] = {
    "ppk2": _ppk2,
    "lpm01a": _lpm01a,
    "joulescope": _joulescope,
}


def _number(options: Options, key: str, default: float = 0.0) -> float:
    try:
        return float(options.get(key, default))
    except ValueError as error:
        raise fail("--meter", f"{key}={options[key]} is no number", "Give a number") from error
