"""The zoo: trained networks that come with spikec, each a ``.spk`` file with a card beside it, found by name.

A network's name in the zoo has hyphens where its identifier has underscores: ``mnist-dc-256`` is ``mnist_dc_256``.
"""

from __future__ import annotations

import difflib
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

from codegen import resources
from codegen.card import Card, describe, load_card
from codegen.ir import Network, Problem, SpikecError, fail, load, save

_NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*\Z")


def folder() -> Path:
    """Where the zoo lies, in a checkout as in a wheel. Raises FileNotFoundError in a broken installation."""
    return resources.folder("trainer/zoo")


def names() -> list[str]:
    """Every network's name."""
    return sorted(path.stem for path in folder().glob("*.spk"))


def cards() -> list[Card]:
    """Every network's card, by name. Raises SpikecError with all that is wrong with any of them."""
    found, problems = list[Card](), list[Problem]()
    for path in sorted(folder().glob("*.json")):
        try:
            found.append(load_card(path))
        except SpikecError as error:
            problems.extend(error.problems)
    if problems:
        raise SpikecError(problems)
    return found


def card(name: str) -> Card:
    """One network's card. Raises SpikecError for a name that is not in the zoo, or a damaged card."""
    if name not in names():
        raise _unknown(name, "is not in the zoo")
    return load_card(folder() / f"{name}.json")


def network_path(text: str) -> Path:
    """Where the network is that a user named: by a path, or by its name in the zoo.

    A file that exists wins over a name, and what has a slash or a suffix is always a path (its reader says what is
    wrong with it). Raises SpikecError for an unknown name.
    """
    path = Path(text)
    if path.is_file() or "/" in text or path.suffix:
        return path
    if text in names():
        return folder() / f"{text}.spk"
    raise _unknown(text, "is neither a file nor a network of the zoo")


def spell(path: Path) -> str:
    """How to name a network to ``network_path``: its name where it is in the zoo, else its path."""
    in_zoo = path.suffix == ".spk" and path.parent.resolve() == folder().resolve()
    return path.stem if in_zoo else str(path)


def _unknown(name: str, what: str) -> SpikecError:
    near = difflib.get_close_matches(name.replace("_", "-"), names(), n=3, cutoff=0.5)
    guess = f"Did you mean {' or '.join(near)}? " if near else ""
    return fail("network", f"'{name}' {what}", f"{guess}'spikec zoo' lists what there is")


def identifier(name: str) -> str:
    """The identifier of the network called ``name`` in the zoo. Raises SpikecError for a name that none can have."""
    if not _NAME.match(name):
        hint = "Use lower-case letters, digits and single hyphens, as in mnist-dc-256"
        raise fail("zoo", f"the name '{name}' cannot be used", hint)
    return name.replace("-", "_")


def store(network: Network, card: Card, target: Path) -> Card:
    """Write ``target``.spk and ``target``.json, and return the card as written (it names the size of the file).

    Both are written beside their places first, so that neither appears if one cannot be written. Raises SpikecError
    when they cannot be written.
    """
    spk, text = target.with_name(target.name + ".spk"), target.with_name(target.name + ".json")
    parts = [path.with_name(path.name + ".new") for path in (spk, text)]
    try:
        save(network, parts[0])
        card = replace(card, network={**card.network, "file_bytes": parts[0].stat().st_size})
        parts[1].write_text(card.to_json(), encoding="utf-8")
        for part, path in zip(parts, (spk, text), strict=True):
            part.replace(path)
    except OSError as error:
        raise fail(str(target), f"cannot be written ({error.strerror})", "Choose another place") from error
    finally:
        for part in parts:
            part.unlink(missing_ok=True)
    return card


def find_problems(root: Path) -> list[Problem]:
    """All in which the networks and the cards in a folder do not belong together; an empty list when they do."""
    problems: list[Problem] = []
    stems = {suffix: {path.stem for path in root.glob(f"*{suffix}")} for suffix in (".spk", ".json")}
    for name in sorted(stems[".spk"] | stems[".json"]):
        for suffix, kind in ((".spk", "network"), (".json", "card")):
            if name not in stems[suffix]:
                problems.append(Problem(str(root / (name + suffix)), f"is missing: there is no {kind} of this name"))
        if name in stems[".spk"] & stems[".json"]:
            problems += _pair_problems(root / f"{name}.spk", root / f"{name}.json")
    return problems


def _pair_problems(spk: Path, text: Path) -> list[Problem]:
    """In what a network and its card differ."""
    try:
        network, card, wanted = load(spk), load_card(text), identifier(spk.stem)
    except SpikecError as error:
        return list(error.problems)
    facts = describe(network) | {"file_bytes": spk.stat().st_size}
    layers, heads = {layer.name for layer in network.layers}, {head.name for head in network.heads}
    pairs: dict[str, tuple[Any, Any]] = {"name": (card.name, spk.stem), "the network's name": (network.name, wanted)}
    pairs |= {f"network.{key}": (card.network.get(key), value) for key, value in facts.items()}
    for i, test in enumerate(card.tests):
        pairs |= {f"tests[{i}].{key}": (set(test[key]), layers) for key in ("rates", "synops")}
        pairs[f"tests[{i}].heads"] = (set(test["heads"]), heads)
        for head, curves in test["heads"].items():
            pairs[f"tests[{i}].heads.{head}"] = (len(curves["quantized"]), network.steps)
    hint = "Make the card again with 'spikec card'"
    return [Problem(f"{text}: {key}", f"is {was}, not {now}", hint) for key, (was, now) in pairs.items() if was != now]
