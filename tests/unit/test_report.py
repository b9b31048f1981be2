"""The report says what the results say, escapes what comes from data, fetches nothing, and is the same each time."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import click
import jsonschema
import numpy as np
import pytest
from report_run import header, make_run, recordings

from codegen.ir import SpikecError
from hostctl import report
from hostctl.report import html, summary_text, write_report
from hostctl.report.content import content, counter_kind
from hostctl.report.films import picture
from hostctl.results import summarise

FAULTS = {
    7: "layer hidden2, step 4, neuron 17: spike 1 on the device, 0 in the reference",
    23: "layer answer, step 9, neuron 3: membrane -14 on the device, -15 in the reference",
}
VOID = {"meta", "br", "hr", "img", "link", "input"}


class Page(HTMLParser):
    """Reads a page; fails on tags that do not close; keeps what is to be looked at."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.attributes: list[tuple[str, str, str]] = []
        self.words: list[str] = []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.attributes += [(tag, name, value or "") for name, value in attrs]
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open[-1:] != ["style"]:
            self.words.append(data)

    @property
    def text(self) -> str:
        return re.sub(r"\s+", " ", " ".join(self.words))


def written(folder: Path, **options: Any) -> tuple[Page, dict[str, Any]]:
    make_run(folder, **options)
    path = write_report(folder, summarise(folder))
    return Page(path.read_text(encoding="utf-8")), json.loads((folder / html.JSON).read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def same(tmp_path_factory: pytest.TempPathFactory) -> tuple[Page, dict[str, Any]]:
    return written(tmp_path_factory.mktemp("runs") / "same")


@pytest.fixture(scope="module")
def different(tmp_path_factory: pytest.TempPathFactory) -> tuple[Page, dict[str, Any]]:
    return written(tmp_path_factory.mktemp("runs") / "different", faults=FAULTS)


def test_an_equal_run_says_so_and_how_much_was_compared(same: tuple[Page, dict[str, Any]]) -> None:
    page, value = same
    assert "0 mismatching spikes" in page.text
    number = 60 * 12 * (64 + 48 + 12)
    assert f"agree in all {number:,} spikes and all {number:,} membranes" in page.text
    assert "Differences from the reference" not in page.text
    assert value["differences"] == []


def test_the_pages_figures_are_the_results_figures(same: tuple[Page, dict[str, Any]]) -> None:
    page, value = same
    summary = value["summary"]
    digit = summary["heads"][0]
    assert f"{100 * digit['accuracy_device']:.1f} %" in page.text
    assert f"{summary['latency']['mean']:,.0f} instructions" in page.text
    assert f"{round(summary['synops']['mean']):,}" in page.text
    assert "30.68 KiB" in page.text
    assert "0.7 % of 4 MiB" in page.text
    for layer in summary["layers"]:
        assert f"{layer['latency']['mean']:,.0f} instructions" in page.text
    assert summary["network"]["digest"] in page.text
    assert "spikec run --board mps2_an386 --network blobs.spk --data blobs --split Test --limit 60 --trace" in page.text


def test_what_is_emulated_or_estimated_is_labelled(same: tuple[Page, dict[str, Any]]) -> None:
    page, value = same
    assert value["latency"]["kind"] == "emulated"
    assert "not cycles" in page.text
    assert value["energy"]["kind"] == "estimated"
    assert "Estimated, not measured: STM32F411" in page.text
    parts = [*value["energy"]["by_layer"], value["energy"]["outside_layers"]]
    assert sum(parts) == pytest.approx(value["energy"]["joules"])
    assert "measured" not in {word for _, name, word in page.attributes if name == "class" and "tag" in word}


def test_every_wrong_sample_is_listed_with_its_answers(same: tuple[Page, dict[str, Any]]) -> None:
    page, value = same
    digit = value["summary"]["heads"][0]
    wrong = [w for w in value["wrong"] if w["heads"][0]["device"] != w["heads"][0]["label"]]
    assert len(wrong) == round(60 * (1 - digit["accuracy_device"])) > 0
    assert all(w["id"] in page.text for w in value["wrong"][: html.SHOWN])
    off_diagonal = sum(map(sum, digit["confusion_device"])) - sum(r[i] for i, r in enumerate(digit["confusion_device"]))
    assert off_diagonal == len(wrong)


def test_mismatches_are_told_with_the_first_of_them(different: tuple[Page, dict[str, Any]]) -> None:
    page, value = different
    assert "6 mismatching spikes" in page.text
    assert "8 of 89,280 membranes" in page.text
    assert f"First: sample 7 ({value['differences'][0]['id']}), {FAULTS[7]}." in page.text
    assert [d["index"] for d in value["differences"]] == [7, 23]
    assert all(text in page.text for text in FAULTS.values())
    assert ("section", "class", "verdict different") in page.attributes


def test_nothing_is_fetched(different: tuple[Page, dict[str, Any]], tmp_path: Path) -> None:
    page, _ = different
    names = {name for _, name, _ in page.attributes}
    assert not names & {"src", "href", "xlink:href", "srcset", "action", "onload"}
    assert not {tag for tag, _, _ in page.attributes} & {"script", "link", "img", "iframe", "object"}
    make_run(tmp_path)
    text = write_report(tmp_path, summarise(tmp_path)).read_text(encoding="utf-8")
    assert "<script" not in text
    assert "@import" not in text
    assert "url(" not in text
    assert not re.search(r"https?://", text)


def test_two_writes_give_the_same_bytes(tmp_path: Path) -> None:
    found = []
    for _ in range(2):
        make_run(tmp_path / "run")
        page = write_report(tmp_path / "run", summarise(tmp_path / "run"))
        found.append((page.read_bytes(), (tmp_path / "run" / html.JSON).read_bytes()))
    assert found[0] == found[1]
    assert str(tmp_path) not in found[0][0].decode()
    assert str(tmp_path) not in found[0][1].decode()


def test_names_from_data_are_escaped(tmp_path: Path) -> None:
    evil = '<script>alert("x")</script>&'
    first = header("native", 3, True)
    changes = {
        "network": {**first.network, "name": evil},
        "data": {**first.data, "folder": evil},
        "board": {**first.board, "name": evil},
    }
    page, _ = written(tmp_path, samples=3, changes=changes, names=[evil] * 3, faults={1: evil}, board="native")
    assert "script" not in {tag for tag, _, _ in page.attributes}
    assert page.text.count(evil) >= 5
    assert "<script>" not in (tmp_path / html.PAGE).read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"faults": FAULTS},
        {"board": "native", "trace": False, "samples": 5, "planned": 9},
        {"labelled": False, "samples": 4},
        {"samples": 0, "planned": 10},
        {"samples": 1},
        {"worst": True},
    ],
)
def test_the_json_keeps_its_schema(tmp_path: Path, options: dict[str, Any]) -> None:
    schema = json.loads((Path(report.__file__).parent / "schema.json").read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    _, value = written(tmp_path, **options)
    jsonschema.validate(value, schema)
    assert value == content(tmp_path, summarise(tmp_path))
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**value, "summary": {**value["summary"], "samples": -1}}, schema)


def test_every_plot_tells_in_words_what_it_shows(same: tuple[Page, dict[str, Any]]) -> None:
    page, value = same
    labels = [words for tag, name, words in page.attributes if tag == "svg" and name == "aria-label"]
    pictures = 12 * len(value["films"])
    assert len(labels) == len([tag for tag, name, words in page.attributes if tag == "svg" and words == "img"])
    assert len(labels) == 8 + pictures
    assert sum(label.startswith("Step ") for label in labels) == pictures
    right = sum(r[i] for i, r in enumerate(value["summary"]["heads"][0]["confusion_device"]))
    assert any(f"Confusion matrix of head digit: {right} of 60 answers are right." in label for label in labels)
    assert any(label.startswith("Accuracy after each of 12 steps: digit") for label in labels)


def test_samples_are_played_with_the_devices_answers(different: tuple[Page, dict[str, Any]]) -> None:
    page, value = different
    wrong = [w["index"] for w in value["wrong"]][:2]
    wanted = {0: "first", 1: "first"} | dict.fromkeys(wrong, "wrong") | dict.fromkeys(FAULTS, "different")
    assert [(film["index"], film["kind"]) for film in value["films"]] == sorted(wanted.items())
    inputs = recordings(60, 3)[0]
    for film in value["films"]:
        assert film["spikes"] == [np.flatnonzero(step).tolist() for step in inputs[film["index"]]]
        assert len(film["answers"]["digit"]["device"]) == 12
    film = next(film for film in value["films"] if film["index"] == 7)
    device, reference = (film["answers"]["digit"][side][-1] for side in ("device", "reference"))
    assert device != reference
    assert f"digit {device} (reference: {reference})" in page.text
    paths = [words for tag, name, words in page.attributes if tag == "path" and name == "d"]
    drawn = [step for film in value["films"] for step in film["spikes"] if step]
    assert [path.count("M") for path in paths] == [len(step) for step in drawn]
    row, column = divmod(drawn[0][0], 14)
    assert paths[0].startswith(f"M{column} {row}h1v1h-1z")


def test_pictures_of_every_shape() -> None:
    both = picture([0, 1, 7], [2, 2, 2], "both polarities")  # OFF and ON of the first pixel, ON of the last.
    assert 'd="M0 0h1v1h-1z" class="fill s1"' in both
    assert 'd="M0 0h1v1h-1zM1 1h1v1h-1z" class="fill s0"' in both
    assert 'viewBox="0 0 4 3"' in picture([11], [12], "flat"), "twelve inputs in rows of four"
    assert "M3 2h" in picture([11], [12], "flat")
    assert "<path" not in picture([], [5, 5, 1], "nothing")


def test_a_device_that_does_not_tell_its_answers_is_played_without(tmp_path: Path) -> None:
    make_run(tmp_path, samples=2)
    path = tmp_path / "results.jsonl"
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    for line in lines:
        if line["kind"] == "sample":
            line["answers"]["digit"][:-1] = [None] * 11
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    page = Page(write_report(tmp_path, summarise(tmp_path)).read_text(encoding="utf-8"))
    assert page.text.count("digit not told") == 11 * 2


def test_a_run_without_trace_claims_no_more_than_was_compared(tmp_path: Path) -> None:
    page, value = written(tmp_path, board="native", trace=False, planned=100)
    assert "agree in all 8,640 output spikes" in page.text
    assert "720 final membranes" in page.text
    assert "60 of 100 samples have a result. --resume" in page.text
    assert value["latency"]["kind"] == "measured"
    assert value["energy"] == {"kind": "not estimated", "reason": "the board's description names no figures"}
    assert "not estimated" in page.text


def test_a_run_without_labels_has_no_accuracy(tmp_path: Path) -> None:
    page, value = written(tmp_path, samples=4, labelled=False)
    assert "no labels" in page.text
    assert "Confusion" not in page.text
    assert value["wrong"] == []


def test_a_run_without_results_says_so(tmp_path: Path) -> None:
    page, _ = written(tmp_path, samples=0, planned=10)
    assert "No results" in page.text
    assert "mismatching" not in page.text


def test_a_device_that_differs_in_other_things_than_spikes_is_no_success(tmp_path: Path) -> None:
    make_run(tmp_path, samples=4, faults={2: FAULTS[23]})
    summary = replace(summarise(tmp_path), mismatching_spikes=0)
    page = Page(write_report(tmp_path, summary).read_text(encoding="utf-8"))
    assert "0 mismatching spikes, but 1 sample differs" in page.text


def test_the_command_that_was_typed_is_shown(tmp_path: Path) -> None:
    make_run(tmp_path, samples=2)
    shown = "<code>spikec demo --quick</code>"
    assert shown in write_report(tmp_path, summarise(tmp_path), command="spikec demo --quick").read_text(
        encoding="utf-8"
    )
    again = write_report(tmp_path, summarise(tmp_path))
    assert shown in again.read_text(encoding="utf-8")  # Kept when the report is written again.
    make_run(tmp_path, samples=3)
    assert shown not in write_report(tmp_path, summarise(tmp_path)).read_text(encoding="utf-8")


def test_the_embedded_data_need_no_folder(tmp_path: Path) -> None:
    data = {**header("native", 2, True).data, "folder": "embedded digits"}
    _, value = written(tmp_path / "embedded", samples=2, changes={"data": data, "options": {"trace": False, "seed": 7}})
    assert value["command"] == "spikec run --board mps2_an386 --network blobs.spk --split Test --limit 2 --seed 7"
    _, value = written(tmp_path / "odd", samples=2, changes={"data": {**data, "folder": "my data"}})
    assert "--data 'my data'" in value["command"]


def test_real_cycles_are_told_as_time_too(tmp_path: Path) -> None:
    first = header("native", 3, True)
    counter = {"name": "DWT", "unit": "cycles", "ticks_per_unit": 1.0, "source": "the core's cycle counter"}
    board = {**first.board, "emulated": False, "counter": counter}
    page, value = written(tmp_path, samples=3, changes={"board": board})
    assert value["latency"]["kind"] == "measured"
    mean = value["summary"]["latency"]["mean"]
    assert f"{mean / 25_000:.3g} ms by the counter" in page.text
    assert counter_kind({**board, "emulated": True}) == "emulated"


def test_a_folder_that_cannot_be_written_is_an_error_for_people(tmp_path: Path) -> None:
    make_run(tmp_path, samples=2)
    (tmp_path / (html.JSON + ".part")).mkdir()
    with pytest.raises(SpikecError, match="cannot be written"):
        write_report(tmp_path, summarise(tmp_path))


def test_memory_of_their_own_for_weights_is_told_by_its_name(tmp_path: Path) -> None:
    none = {"total": 0, "least": 0, "minimum": [], "on_top": []}
    copied = {"key": "weights", "words": "weights copied from flash", "bytes": 1_040}
    stack = {"bound": None, "unknown": "nobody asked", "kept": None}
    memory = {
        "flash": none, "ram": none, "fast": none | {"total": 1_040, "on_top": [copied]}, "stack": stack, "heap": [],
    }  # fmt: skip
    build = {"flash": 31_416, "ram": 5_124, "fast": 1_040, "memory": memory}
    page, _ = written(tmp_path, samples=2, changes={"build": build})
    assert "Block RAM: 1,040 bytes" in page.text
    assert "6.3 % of 16 KiB" in page.text
    text = click.unstyle(summary_text(summarise(tmp_path)))
    assert "block RAM   1.016 KiB of 16 KiB (6.3 %)\n" in text


def test_a_full_memory_is_marked(tmp_path: Path) -> None:
    page, _ = written(tmp_path, samples=2, changes={"build": {"flash": 4_194_000, "ram": None}})
    assert ("i", "class", "full") in page.attributes
    assert "RAM" not in page.text
