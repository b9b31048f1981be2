"""Samples that can be played: what went in at each step, and what the device answered after it.

A film is a list of pictures. The page's style alone lays them on one another and shows them in turn, or side by side:
there is no script, and a print shows every step.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup

from hostctl.report.svg import tag
from hostctl.results import RunFile
from hostctl.results.films import chosen

WHY = {"first": "", "wrong": "the device's last answer is wrong", "different": "the device differs from the reference"}


def films(run: RunFile) -> list[dict[str, Any]]:
    """The samples to be played, as JSON values; without those whose input was not kept."""
    heads, found = run.header.network["heads"], list[dict[str, Any]]()
    samples = {sample.index: sample for sample in run.samples}
    for index, kind in chosen(run.samples).items():
        if index not in run.inputs:
            continue
        sample = samples[index]
        answers = {
            head["name"]: {
                "label": _name(head["labels"], sample.labels.get(head["name"])),
                "device": [_name(head["labels"], x) for x in sample.answers[head["name"]]],
                "reference": [_name(head["labels"], x) for x in sample.reference_answers[head["name"]]],
            }
            for head in heads
        }
        spikes = run.inputs[index].spikes
        found.append({"index": index, "id": sample.id, "kind": kind, "spikes": spikes, "answers": answers})
    return found


def _name(labels: Sequence[str], index: int | None) -> str | None:
    if index is None:
        return None
    return labels[index] if 0 <= index < len(labels) else str(index)


def drawn(film: Mapping[str, Any], shape: Sequence[int]) -> dict[str, Any]:
    """A film for the page: its title's words, and of each step a picture and what was answered after it."""
    answers = film["answers"]
    labels = [f"{head} {x['label']}" for head, x in answers.items() if x["label"] is not None]
    steps = [
        {
            "picture": picture(spikes, shape, f"Step {k + 1}: {len(spikes)} inputs spike"),
            "spikes": len(spikes),
            "answers": [_answer(head, x, k, alone=len(answers) == 1) for head, x in answers.items()],
        }
        for k, spikes in enumerate(film["spikes"])
    ]
    caption = [f"Label: {', '.join(labels)}" if labels else "No label", WHY[film["kind"]]]
    return {"index": film["index"], "id": film["id"], "caption": "; ".join(filter(None, caption)), "steps": steps}


def _answer(head: str, answers: Mapping[str, Any], step: int, *, alone: bool) -> dict[str, Any]:
    """The device's answer after a step; ``state``: right, wrong, or '' without a label."""
    device, reference, label = answers["device"][step], answers["reference"][step], answers["label"]
    words = "not told" if device is None else device
    if device is not None and device != reference:
        words += f" (reference: {reference})"
    state = "" if label is None or device is None else "right" if device == label else "wrong"
    return {"words": words if alone else f"{head} {words}", "state": state}


def picture(spikes: Sequence[int], shape: Sequence[int], label: str) -> Markup:
    """The inputs that spike in a step. A flat input is broken into rows; a second channel has another colour."""
    rows, columns, channels = _grid(shape)
    parts = [tag("rect", x=0, y=0, width=columns, height=rows, cls="empty")]
    for channel in range(channels):
        places = [divmod(spike // channels, columns) for spike in spikes if spike % channels == channel]
        path = "".join(f"M{column} {row}h1v1h-1z" for row, column in places)
        shade = channels - 1 - channel if channels == 2 else channel % 4  # Of two, ON is the second.
        if path:
            parts.append(tag("path", d=path, cls=f"fill s{shade}"))
    return tag("svg", *parts, viewBox=f"0 0 {columns} {rows}", role="img", aria_label=label, cls="plot picture")


def _grid(shape: Sequence[int]) -> tuple[int, int, int]:
    if len(shape) == 3 and shape[0] * shape[1] > 1:
        return shape[0], shape[1], shape[2]
    inputs = math.prod(shape)
    columns = math.ceil(math.sqrt(inputs))
    return -(-inputs // columns), columns, 1
