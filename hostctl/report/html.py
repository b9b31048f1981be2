"""The report as one HTML page that fetches nothing, and the same figures as JSON beside it."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from codegen.ir.errors import fail
from hostctl.fpga.text import clock_words, resource_lines, size_words
from hostctl.report import plots, verdict, words
from hostctl.report.content import JSON, assumed_time, content, layers_note
from hostctl.results import Summary
from hostctl.size import memory_lines

PAGE = "report.html"
REST = "binning and scheduling"
"""What an inference does outside its layers."""
SHOWN = 50
"""Rows of a table on the page; report.json has all of them."""
_FOLDER = Path(__file__).resolve().parent


def write_report(folder: Path, summary: Summary, *, command: str | None = None) -> Path:
    """Write ``report.html`` and ``report.json`` into a run's folder; returns the page's path.

    ``command`` is what was typed (by default: put together from the run's header). Equal runs give equal bytes.
    Raises SpikecError when the results cannot be read or the folder cannot be written.
    """
    report = content(folder, summary, command)
    text = json.dumps(report, indent=1, ensure_ascii=False, allow_nan=False) + "\n"
    save(folder / JSON, text)
    save(folder / PAGE, page(report))
    return folder / PAGE


def save(path: Path, text: str) -> None:
    """Write a file whole or not at all: a reader never sees half a report."""
    part = path.with_name(path.name + ".part")
    try:
        part.write_text(text, encoding="utf-8", newline="\n")
        os.replace(part, path)  # noqa: PTH105 (the same call, and it says that it replaces)
    except OSError as error:
        raise fail(str(path), f"cannot be written ({error.strerror})", "Make room, or choose another --out") from error


def page(report: Mapping[str, Any]) -> str:
    """The page of a report's JSON value."""
    summary = report["summary"]
    return render(
        "page.html.j2",
        r=report,
        s=summary,
        headline=verdict.headline(report),
        verdict=verdict.sentences(report),
        state="none" if not summary["samples"] else "different" if summary["different"] else "same",
        shape=words.shapes(summary["network"]),
        plots=_plots(report),
        widest=max(summary["heads"], key=lambda head: len(head["labels"]) if head["samples"] else 0)["name"],
        facts=_facts(summary),
        layers_note=layers_note(summary["board"], summary["options"]),
        taken=_taken(summary),
        lines=_lines(summary),
        seconds=_seconds(report),
        spread=words.spread_words(summary) if summary["samples"] else "",
        energy_note=_energy_note(report["energy"]),
        energy_words=words.energy_words(summary["energy"]) if summary["energy"] else "",
        energy_doubts=words.energy_doubts(summary["energy"]),
        shown=SHOWN,
    )


def render(template: str, **values: Any) -> str:
    """Fill in a template of this folder; everything is escaped, and a name that is missing is an error."""
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    filters = (words.count, words.percent, words.quantity, words.size, words.ticks_as, words.between, words.interval)
    environment.filters.update({filter_.__name__: filter_ for filter_ in filters})
    environment.filters["capitalize_first"] = lambda text: text[:1].upper() + text[1:]
    style = Markup((_FOLDER / "page.css").read_text(encoding="utf-8"))
    source = (_FOLDER / template).read_text(encoding="utf-8")
    return environment.from_string(source).render(style=style, **values) + "\n"


def _plots(report: Mapping[str, Any]) -> dict[str, Any]:
    """Every plot that there is data for, by name."""
    summary, latency = report["summary"], report["latency"]
    if not summary["samples"]:
        return {}
    layers, unit = summary["layers"], latency["unit"]
    labelled = [head for head in summary["heads"] if head["samples"]]
    spent = {layer["name"]: layer["latency"]["mean"] for layer in layers}
    if not latency["side_by_side"]:
        spent[REST] = latency["outside_layers"]
    synops = {layer["name"]: layer["synops"]["mean"] for layer in layers}
    found: dict[str, Any] = {
        "confusion": {h["name"]: plots.confusion(h["name"], h["labels"], h["confusion_device"]) for h in labelled},
        "latency": plots.histogram(latency["counts"], latency["edges"], unit, summary["latency"]["mean"]),
        "spent": plots.bars("Latency by layer", {k: (v, words.ticks_as(v, unit)) for k, v in spent.items()}),
        "activity": plots.activity({x["name"]: x["spikes_per_step"] for x in layers}, _layer_sizes(summary)),
        "synops": plots.bars("Synaptic operations", {k: (v, words.count(round(v))) for k, v in synops.items()}),
    }
    if labelled:
        found["anytime"] = plots.anytime({h["name"]: (h["curve_device"], h["curve_reference"]) for h in labelled})
    if report["energy"]["kind"] == "measured":
        energy = report["energy"]
        found["metered"] = plots.histogram(energy["counts"], energy["edges"], "J", energy["mean"])
    if "by_layer" in report["energy"]:
        outside = [] if latency["side_by_side"] else [report["energy"]["outside_layers"]]
        energy = dict(zip(spent, [*report["energy"]["by_layer"], *outside], strict=True))
        found["energy"] = plots.bars("Energy, estimated", {k: (v, words.quantity(v, "J")) for k, v in energy.items()})
    return found


def _layer_sizes(summary: Mapping[str, Any]) -> dict[str, int]:
    return {layer["name"]: layer["size"] for layer in summary["layers"]}


def _taken(summary: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What the network takes of the board, in words and as a share, where the build's figures are known."""
    build, board = summary["build"] or {}, summary["board"]
    names = (("Flash", "flash"), ("RAM", "ram"))
    memories = [(name, build[key], board[key], words.size) for name, key in names if build.get(key) is not None]
    resources = build.get("hardware", {}).get("resources", [])
    taken = [*memories, *((one["name"], one["used"], one["there"], words.count) for one in resources)]
    return [
        {"name": name, "used": spell(used), "of": spell(of), "share": used / max(of, 1)}
        for name, used, of, spell in taken
    ]


def _lines(summary: Mapping[str, Any]) -> dict[str, Any] | None:
    """Where flash, RAM and stack go, where the build told; earlier builds did not."""
    memory = (summary["build"] or {}).get("memory")
    if memory is None:
        return None
    facts = dict(memory_lines(memory))
    names = {"flash": "Flash", "ram": "RAM"}
    ways = {
        "deepest way": memory["stack"].get("main"),
        "an interrupt or a fault on top": memory["stack"].get("interrupt"),
    }
    return {
        "memories": [{"name": name, **memory[key]} for key, name in names.items()],
        "facts": [("Stack", facts["stack"]), ("Heap", facts["heap"])],
        "ways": [(name, way) for name, way in ways.items() if way],
    }


def _energy_note(energy: Mapping[str, Any]) -> str:
    """What stands under the energy on top of the page."""
    if energy["kind"] != "measured":
        return "from a datasheet"
    doubts = len(energy["warnings"]) + len(energy["faults"])
    return "by a power meter" + (f"; {doubts} warnings, see below" if doubts else "")


def _seconds(report: Mapping[str, Any]) -> str:
    """The mean latency as time; not for an emulator's counts, which are no time, nor where it is time already."""
    summary = report["summary"]
    if report["latency"]["kind"] == "simulated":
        return "mean; " + assumed_time(summary["board"], summary["latency"]["mean"])
    if report["latency"]["kind"] != "measured" or summary["latency_unit"] == "ns":
        return ""
    return "mean; " + words.quantity(summary["latency"]["mean"] * summary["seconds_per_unit"], "s") + " by the counter"


def _facts(summary: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What the run was made with, a line each."""
    network, board, greeting, data = (summary[key] for key in ("network", "board", "greeting", "data"))
    layers = "; ".join(map(words.layer, network["layers"]))
    options = ", ".join(f"{name} {json.dumps(value)}" for name, value in summary["options"].items())
    link = ", ".join(f"{words.count(value)} {name.replace('_', ' ')}" for name, value in summary["link"].items())
    hardware = (summary["build"] or {}).get("hardware")
    rate = f"{summary['samples_per_s']:.3g} samples a second, line and comparison included (host's clock)"
    return [
        ("spikec", f"{summary['tool']}; on the device: {greeting['tool']}"),
        ("Network", f"{network['name']}, SHA-256 {network['digest']}"),
        ("Network on device", f"{greeting['network']}, SHA-256 {greeting['digest']}"),
        ("Layers", layers),
        ("Readout", f"{network['readout']}; ties go to the lowest class"),
        ("Board", f"{board['name']} ({board['id']}), {words.quantity(board['clock_hz'], 'Hz')}"),
        *(_hardware(hardware) if hardware else []),
        ("Counter", f"{board['counter']['name']}: {board['counter']['source']}"),
        ("Data", f"{data['folder']}, {data['split']}: {words.count(summary['planned'])} samples"),
        ("Samples' ids", f"SHA-256 {data['digest']}"),
        ("Options", options),
        ("Throughput", rate if summary["samples"] else "none"),
        ("Line", link or "no figures"),
    ]


def _hardware(hardware: Mapping[str, Any]) -> list[tuple[str, str]]:
    """How the network is laid out on an FPGA, and how large it is."""
    unknown = [] if hardware["resources"] else resource_lines(hardware)
    size = ("Network's size", size_words(hardware["minimum"]))
    clocks = [("Fmax", clock_words(clock)) for clock in hardware["clocks"]]
    return [("Design", hardware["design"]), *clocks, *((name.capitalize(), words) for name, words in unknown), size]
