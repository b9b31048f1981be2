"""How 'spikec card' comes from a checkpoint to a network and its card, step by step."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from codegen.card import Card
from codegen.ir import Network, fail
from codegen.zoo import identifier
from hostctl.cli.output import Output
from hostctl.cli.pipeline import digits_folder
from hostctl.cli.sample_set import SampleSet, open_samples
from trainer.card import PROBE, float_model, measure, probe
from trainer.checkpoint import load_checkpoint
from trainer.model import SpikingNetwork
from trainer.origin import DataSet, Words, data_set, make_card, training_facts, training_words
from trainer.quantize import quantize_checkpoint


@dataclass(frozen=True)
class Request:
    """What the user asked for, option by option; ``target`` has no suffix, and its last part is the network's name."""

    checkpoint: Path
    target: Path
    data: Path | None
    also: tuple[Path, ...]
    test_set: tuple[str, ...]
    other: Path | None
    bits: int | None
    draws: int
    limit: int | None
    force: bool
    task: str
    trained_on: str
    commands: tuple[str, ...]
    machine: str
    licence: str
    notes: str


def measured_card(out: Output, request: Request) -> tuple[Network, Card]:
    """Quantize, measure on every test set, and put the card together.

    Raises SpikecError, before anything takes long: a bad checkpoint, name, width or data folder, or a network that is
    there already.
    """
    name = identifier(request.target.name)
    _check_free(request)
    checkpoint = load_checkpoint(request.checkpoint)
    source = data_set(checkpoint)
    network = _named(quantize_checkpoint(request.checkpoint, request.bits), name, source)
    floats = float_model(request.checkpoint, request.other)
    folder = _data_folder(out, request, source)
    sets = _open(out, request, network, source, folder)
    on = request.trained_on or training_words(checkpoint.recipe, folder)
    words = Words(request.task, on, request.commands, request.machine, request.licence, request.notes)
    training = training_facts(request.checkpoint, words)
    tests = [_measure(out, network, floats.model, samples) for samples in sets]
    return network, make_card(request.target.name, network, source, words, floats.how, training=training, tests=tests)


def _check_free(request: Request) -> None:
    there = [request.target.with_name(request.target.name + suffix) for suffix in (".spk", ".json")]
    if not request.force and any(path.exists() for path in there):
        raise fail(str(request.target), "is there already", "Give --force to replace it")


def _named(network: Network, name: str, source: DataSet) -> Network:
    """The network under its name in the zoo; it remembers the data set that it is for."""
    return replace(network, name=name, annotations={**network.annotations, "dataset": source.folder})


def _data_folder(out: Output, request: Request, source: DataSet) -> Path:
    if request.data is not None:
        return request.data
    if source.folder != "digits":
        raise fail("--data", f"is missing, and the test set is {source.title}", "Give the data's folder")
    return digits_folder(out)


def _open(out: Output, request: Request, network: Network, source: DataSet, folder: Path) -> list[SampleSet]:
    folders = [folder, *request.also]
    if len(request.test_set) > len(folders):
        what = f"is given {len(request.test_set)} times for {len(folders)} folders"
        raise fail("--test-set", what, "Give it once for --data and once for each --also")
    words = [*request.test_set, *[""] * (len(folders) - len(request.test_set))]
    return [
        open_samples(out, network, place, source, draws=request.draws, limit=request.limit, what=what)
        for place, what in zip(folders, words, strict=True)
    ]


def _measure(out: Output, network: Network, model: SpikingNetwork, samples: SampleSet) -> dict[str, Any]:
    done = 0
    with out.progress(f"measuring {samples.what}") as advance:

        def tell(count: int) -> None:
            nonlocal done
            done += count
            advance(done, samples.samples * samples.draws)

        figures = measure(network, model, samples.passes(), progress=tell)
    facts = {"what": samples.what, "samples": samples.samples, "draws": samples.draws}
    return {**facts, **figures, "probe": probe(network, samples.beginning(PROBE))}
