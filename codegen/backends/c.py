"""The C backend: from the integer network to C sources, a firmware project, or a library for one's own project."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from codegen import __version__
from codegen.apps import ENERGY_BAUD, STREAM, check_modes, find_app, model_name
from codegen.backends.ctext import c_int, c_string
from codegen.backends.cview import layer_view
from codegen.backends.templates import environment
from codegen.board import Board
from codegen.ir import EventBinning, Network, Problem, SpikecError, check, fail
from codegen.ir.layers.base import spell
from codegen.passes import lower
from codegen.passes.formats import choose
from codegen.passes.shares import Shares
from codegen.plan import OutputPlan
from codegen.resources import folder

RUNTIME_VERSION = 4
"""``SPIKEC_RUNTIME_VERSION`` that the generated code is written for."""

MAX_LAYERS = 255
MAX_HEADS = 255

_HEADERS = """
    arduino assert complex ctype errno fenv float inttypes iso646 limits locale math setjmp signal stdalign stdarg
    stdatomic stdbool stddef stdint stdio stdlib stdnoreturn string strings tgmath threads time uchar wchar wctype
"""
RESERVED_NAMES = frozenset(["spikec", *_HEADERS.split()])
"""Names that a library cannot have: its header would shadow one of C's or ours."""

_SOURCES = ("*.c", "*.h")
_BOARD_SOURCES = ("*.c", "*.h", "*.ld", "*.S")


@dataclass(frozen=True)
class Options:
    """How generated sources are named. ``stem``: of the files; ``symbol``: the network's C name."""

    stem: str = "network"
    symbol: str = "spikec_network"


DEFAULT = Options()


def network_files(
    network: Network,
    *,
    options: Options = DEFAULT,
    formats: Mapping[str, str] | None = None,
    fast: Collection[str] = (),
) -> dict[str, str]:
    """The network's own sources, path to text: ``<stem>.c``, ``<stem>.h`` and ``<stem>_tables.h``.

    ``formats``: layer to the format of its weights, see ``codegen.passes.lower``. ``fast``: layers whose weights are
    copied to fast memory at start-up (``codegen.passes.fast`` checks such names).

    They need the runtime of ``firmware/core``. Raises SpikecError for an unsound network, or one with a node that has
    no template.
    """
    check(network)
    _check_counts(network)
    context = _context(network, options, formats, fast)
    render = environment("c").get_template
    return {
        f"{options.stem}.c": render("network.c.j2").render(context),
        f"{options.stem}.h": render("network.h.j2").render(context),
        f"{options.stem}_tables.h": render("tables.h.j2").render(context),
    }


def project_plan(
    network: Network,
    board: Board,
    *,
    shares: Shares | None = None,
    extra_files: dict[str, str] | None = None,
    formats: Mapping[str, str] | None = None,
    fast: Collection[str] = (),
    app: str = STREAM,
    model: str | None = None,
    marker: bool = False,
    energy: bool = False,
) -> OutputPlan:
    """A whole PlatformIO project for the board; nothing outside its folder is needed.

    ``app``: what it does on the board's serial line (``codegen.apps``). ``model``: what the firmware calls its network,
    where the app's protocol asks; by default the network's name. ``marker``: the board's marker pin is high while the
    network computes. ``energy``: MLPerf Tiny's energy mode, with timestamps on that pin and a slower line. Raises
    SpikecError where the board has none.

    ``shares``: which layers run on the board's second core; None leaves all to the first. ``formats``: layer to the
    format of its weights; by default the fastest that fit the board. ``fast``: layers whose weights are copied to the
    board's fast memory at start-up.
    """
    platformio = environment("platformio").get_template
    split = None if shares is None else shares.first
    formats = choose(network, board, fast) if formats is None else formats
    files = {f"src/{path}": text for path, text in network_files(network, formats=formats, fast=fast).items()}
    check_modes(app, marker=marker, energy=energy)
    if (marker or energy) and not board.marker:
        option = "--energy" if energy else "--marker"
        hint = f"Leave {option} out, or name a pin in its board.toml (CONTRIBUTING.md tells how)"
        raise fail(f"board {board.id}", "has no marker pin", hint)
    chosen = find_app(app, cores=1 if shares is None else 2)
    files["src/main.c"] = platformio(chosen.main).render(
        network=network, board=board, split=split, model=model_name(network, model)
    )
    files["platformio.ini"] = platformio("platformio.ini.j2").render(
        board=board,
        project=network.name,
        split=split,
        sources=chosen.sources,
        marker=marker or energy,
        baud=ENERGY_BAUD if energy else None,
        tool_version=__version__,
    )
    firmware = folder("firmware")
    files |= copies(firmware / "core", "src/core", _SOURCES)
    files |= copies(firmware / chosen.sources, f"src/{chosen.sources}", _SOURCES)
    files |= copies(firmware / "hal", "src/hal", ("*.h",))
    for source in (*(firmware / "parts" / part for part in board.parts), board.folder):
        files |= copies(source, "src/board", _BOARD_SOURCES)
    if board.platform == "spikec_emulated":
        files |= copies(firmware / "platform", "platform", ("**/*",))
    return OutputPlan(files | (extra_files or {}))


def library_plan(network: Network, *, fast: Collection[str] = ()) -> OutputPlan:
    """A PlatformIO and Arduino library: one header with init, push, step and result functions, named by the network.

    ``fast``: layers whose weights are copied to fast memory at start-up: RAM, or what SPIKEC_FAST is defined as. Raises
    SpikecError for a name that would shadow a header of C's or ours.
    """
    name = network.name
    if name in RESERVED_NAMES:
        hint = "Its header would shadow another; rename the network"
        raise SpikecError(Problem("network", f"the name '{name}' cannot be a library's", hint))
    options = Options(f"{name}_network", f"{name}_network")
    files = {f"src/{path}": text for path, text in network_files(network, options=options, fast=fast).items()}
    context = _context(network, options, fast=fast)
    for target, template in {
        f"src/{name}.h": "api.h.j2",
        f"src/{name}.c": "api.c.j2",
        "library.json": "library.json.j2",
        "library.properties": "library.properties.j2",
        "README.md": "README.md.j2",
        "examples/first/first.ino": "first.ino.j2",
        "examples/plain/main.c": "main.c.j2",
    }.items():
        files[target] = environment("c").get_template(f"library/{template}").render(context)
    return OutputPlan(files | copies(folder("firmware") / "core", "src", _SOURCES))


def _context(
    network: Network,
    options: Options,
    formats: Mapping[str, str] | None = None,
    fast: Collection[str] = (),
) -> dict[str, Any]:
    """All that the templates print."""
    encoding = network.encoding
    return {
        "tool_version": __version__,
        "runtime_version": RUNTIME_VERSION,
        "options": options,
        "guard": f"{options.stem.upper()}_H",
        "network": network,
        "NAME": network.name.upper(),
        "shape": " -> ".join(map(spell, network.shapes)),
        "layers": [layer_view(one, one.layer.name in fast) for one in lower(network, formats).layers],
        "binning": _binning(encoding) if isinstance(encoding, EventBinning) else None,
        "labels": {head.name: [c_string(label) for label in head.labels] for head in network.heads},
        "c_int": c_int,
    }


def _binning(encoding: EventBinning) -> dict[str, object]:
    polarity = f"SPIKEC_POLARITY_{encoding.polarity.upper()}"
    return {**encoding.to_json(), "columns": encoding.shape[1], "polarity": polarity}


def _check_counts(network: Network) -> None:
    """The runtime counts layers and heads in a byte."""
    problems = []
    if len(network.layers) > MAX_LAYERS:
        problems.append(Problem("layers", f"{len(network.layers)} layers", f"Firmware can have {MAX_LAYERS} at most"))
    if len(network.heads) > MAX_HEADS:
        problems.append(Problem("heads", f"{len(network.heads)} heads", f"Firmware can have {MAX_HEADS} at most"))
    if problems:
        raise SpikecError(problems)


def copies(source: Path, target: str, patterns: tuple[str, ...]) -> dict[str, str]:
    """Texts of the files below ``source`` that match, by their place below ``target``."""
    found = {path for pattern in patterns for path in source.glob(pattern) if path.is_file()}
    return {
        f"{target}/{path.relative_to(source).as_posix()}": path.read_text(encoding="utf-8")
        for path in sorted(found)
        if "__pycache__" not in path.parts and not any(part.startswith(".") for part in path.relative_to(source).parts)
    }
