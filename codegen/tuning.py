"""What ``spikec tune`` found: the format of each layer's weights that was fastest on a board, in a JSON file."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from codegen.board import Board
from codegen.ir import Network, Problem, SpikecError, fail
from codegen.passes.fast import fast_layers
from codegen.passes.layouts import formats

SCHEMA = "spikec-tuning-1"
HINT = "Make it again with 'spikec tune'"


@dataclass(frozen=True)
class Storage:
    """How a network's weights are stored on a board.

    ``formats``: layer to the format of its weights, None for the fastest that fit. ``fast``: layers whose weights are
    copied to fast memory.
    """

    formats: dict[str, str] | None = None
    fast: tuple[str, ...] = ()


@dataclass(frozen=True)
class Measured:
    """One layer in one format: mean counter units (the board's) of an inference, and bytes of its weights."""

    layer: str
    form: str
    units: float
    weight_bytes: int


@dataclass(frozen=True)
class Tuning:
    """The formats chosen, layer to format, for the network of that ``digest``; and what they were chosen by.

    ``fast``: the layers whose weights were in fast memory. ``source`` says what the counter of the board counts, in
    ``unit``; ``samples`` how many inferences were measured.
    """

    board: str
    network: str
    digest: str
    formats: dict[str, str]
    fast: tuple[str, ...]
    unit: str
    source: str
    samples: int
    measured: tuple[Measured, ...]

    def save(self, path: Path) -> None:
        """Write the file. Raises SpikecError where that cannot be."""
        text = json.dumps({"schema": SCHEMA, **asdict(self)}, indent=1) + "\n"
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        except OSError as error:
            raise fail(str(path), f"cannot be written ({error.strerror})", "Choose another place by --out") from error


def read_tuning(path: Path, network: Network, board: Board) -> Storage:
    """What a file says that was made for this network and board. Raises SpikecError, with all that is wrong."""
    try:
        data = json.loads(path.read_text())
        schema, digest, made_for = str(data["schema"]), str(data["digest"]), str(data["board"])
        chosen = {str(layer): str(form) for layer, form in data["formats"].items()}
        fast = [str(layer) for layer in data.get("fast", [])]
    except OSError as error:
        raise fail(str(path), f"cannot be read ({error.strerror})", HINT) from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise fail(str(path), "is not a file of 'spikec tune'", HINT) from error
    problems = []
    if schema != SCHEMA:
        problems.append(Problem(f"{path}: schema", f"is '{schema}', this spikec reads '{SCHEMA}'", HINT))
    if digest != network.digest:
        what = f"is {digest[:12]}, network '{network.name}' has {network.digest[:12]}"
        problems.append(Problem(f"{path}: digest", what, "It was made for another network: tune this one"))
    if made_for != board.id:
        problems.append(Problem(f"{path}: board", f"is '{made_for}', not '{board.id}'", "Tune for this board"))
    for layer in network.layers:
        known = formats(layer)
        if not problems and chosen.get(layer.name, "") not in known:
            what = f"is '{chosen.get(layer.name, '')}'; these weights can be {', '.join(known)}"
            problems.append(Problem(f"{path}: formats.{layer.name}", what, HINT))
    if problems:
        raise SpikecError(problems)
    return Storage(chosen, fast_layers(network, fast, board))
