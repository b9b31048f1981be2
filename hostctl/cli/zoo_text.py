"""Networks of the zoo and their cards, told to people and to programs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from codegen.board import load_board
from codegen.card import Card
from codegen.ir import Network
from codegen.passes.footprint import estimate

BOARD = "mps2_an386"
"""Flash is counted for this board; the tables are the same on others."""
EMPTY = "The zoo is empty: no trained networks come with this version of spikec."
HEADINGS = ("network", "what it does", "layers", "neurons", "steps", "bits", "accuracy after the last step", "synops")


def flash(network: Network) -> int:
    """Bytes of flash that the network's tables take, about."""
    return sum(layer.flash for layer in estimate(network, load_board(BOARD)).layers)


def card_json(card: Card, network: Network, path: Path) -> dict[str, Any]:
    """A network of the zoo for programs: its card, where it is, and the flash that it takes."""
    return {"path": str(path), "flash": flash(network), "card": asdict(card)}


def entry(card: Card, network: Network) -> str:
    """A network in a few lines."""
    facts = card.network
    lines = [
        f"{card.task} ({card.data['title']})",
        f"{facts['shape']}, {'/'.join(facts['neurons'])}, {facts['steps']} steps, {_bits(card)} bits",
        f"{accuracy(card)} ({card.tests[0]['what']})",
        f"{synops(card):,.0f} synaptic operations an inference; {_kib(flash(network))} of flash; "
        f"file {_kib(facts['file_bytes'])}",
    ]
    indent = "\n" + " " * 4
    return card.name + indent + indent.join(lines)


def markdown(cards: Sequence[Card]) -> str:
    """A table of the zoo, from the cards alone."""
    if not cards:
        return EMPTY
    rows = [HEADINGS, ("---",) * len(HEADINGS), *map(_row, cards)]
    return "\n".join("| " + " | ".join(row) + " |" for row in rows)


def _row(card: Card) -> tuple[str, ...]:
    facts = card.network
    return (
        f"`{card.name}`",
        card.task,
        facts["shape"],
        ", ".join(facts["neurons"]),
        str(facts["steps"]),
        _bits(card),
        f"{accuracy(card)} ({card.tests[0]['what']})",
        f"{synops(card):,.0f}",
    )


def accuracy(card: Card) -> str:
    """What the integer network reaches on its first test set after the last step, by head."""
    heads = card.tests[0]["heads"]
    return ", ".join(f"{head} {_mean(curves, 'quantized', -1)}" for head, curves in heads.items())


def synops(card: Card) -> float:
    """Synaptic operations an inference, all layers, on the first test set."""
    return float(sum(card.tests[0]["synops"].values()))


def card_text(card: Card, network: Network) -> str:
    """A whole card."""
    facts, training = card.network, card.training
    lines = [
        f"{card.name}: {card.task}",
        "",
        f"network       {facts['shape']}, {'/'.join(facts['neurons'])}, {facts['steps']} steps, {_bits(card)} bits, "
        f"readout {facts['readout']}",
        f"input         {_encoding(facts['encoding'])}",
        f"identifier    {facts['name']}",
        f"digest        {facts['digest']}",
        f"weights       {facts['weights']:,}: {_kib(facts['weight_bytes'])} packed, {_kib(flash(network))} of flash, "
        f"file {_kib(facts['file_bytes'])}",
        *(f"answer        {head}: {', '.join(labels)}" for head, labels in facts["heads"].items()),
        f"licence       {card.licence}",
        "",
        f"trained on    {card.data['trained_on']}",
        f"data          {card.data['title']}: {card.data['source']}; {card.data['licence']}",
        f"recipe        {training['recipe'] or 'none of those that come with spikec; it is below'}",
        *(f"command       {line}" for line in training["commands"]),
        f"seed, epochs  {training['seed']}, {training['epochs']}",
        f"took          {_took(training)}",
        f"made with     {', '.join(f'{name} {version}' for name, version in training['made_with'].items())}",
        f"float means   {card.float_model}",
    ]
    for test in card.tests:
        lines += ["", *_test_lines(card, test)]
    lines += ["", f"notes         {card.notes}"] if card.notes else []
    recipe = [f"  {line}" for line in training["recipe_text"].splitlines()]
    return "\n".join([*lines, "", "The recipe:", "", *recipe])


def _test_lines(card: Card, test: Mapping[str, Any]) -> Iterator[str]:
    """One test set: accuracies by step, then activity by layer."""
    yield f"tested on     {test['what']}"
    for head, curves in test["heads"].items():
        yield f"{head:<14}{'step':>4}  {'integers':>18}  {'floats':>18}"
        for step in range(card.network["steps"]):
            columns = (_mean(curves, name, step) for name in ("quantized", "float"))
            yield f"{'':<14}{step + 1:>4}  " + "  ".join(f"{column:>18}" for column in columns)
    sizes = {layer["name"]: layer["size"] for layer in card.network["layers"]}
    yield f"{'layer':<14}{'neurons':>8}{'spikes a neuron and step':>28}{'synops an inference':>22}"
    yield f"{'input':<14}{card.network['inputs']:>8,}{test['input_rate']:>28.4f}"
    for layer, rate in test["rates"].items():
        yield f"{layer:<14}{sizes[layer]:>8,}{rate:>28.4f}{test['synops'][layer]:>22,.0f}"
    yield f"{'total':<14}{'':>36}{sum(test['synops'].values()):>22,.0f}"
    for head, right in test["probe"]["right"].items():
        first = f"{right[-1]} of the first {test['probe']['samples']}"
        yield f"to repeat     {head}: {first} right after the last step (first draw)"


def _mean(curves: Mapping[str, Any], column: str, step: int) -> str:
    """An accuracy in percent, with its standard deviation over the draws where there are several."""
    spread = curves[f"{column}_std"]
    plus_minus = f" ± {100 * spread[step]:.2f}" if spread else ""
    return f"{100 * curves[column][step]:.2f}{plus_minus} %"


def _took(training: Mapping[str, Any]) -> str:
    time = "not known how long" if training["seconds"] is None else f"{training['seconds']:,.0f} s"
    return f"{time} on {training['machine'] or 'a machine that is not known'}"


def _encoding(facts: Mapping[str, Any]) -> str:
    """How the world becomes spikes, with every parameter."""
    return ", ".join([facts["kind"], *(f"{name} {value}" for name, value in facts.items() if name != "kind")])


def _bits(card: Card) -> str:
    return "/".join(map(str, card.network["bits"]))


def _kib(count: int) -> str:
    return f"{count / 1024:,.1f} KiB"
