"""The terminal's summary, two runs side by side, numbers in words, and the plots' corner cases."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click
import pytest
from report_run import header, make_run

from codegen.ir import SpikecError
from hostctl.report import compare_runs, comparison_text, html, plots, summary_text, words, write_comparison
from hostctl.report.content import content
from hostctl.report.svg import number, tag, ticks
from hostctl.results import summarise

FAULTS = {i: f"layer hidden1, step 0, neuron {i}: spike 1 on the device, 0 in the reference" for i in range(10, 18)}


def text_of(folder: Path, **options: Any) -> str:
    return click.unstyle(summary_text(summarise(make_run(folder, **options))))


def test_the_summary_has_every_figure(tmp_path: Path) -> None:
    text = text_of(tmp_path)
    summary = summarise(tmp_path)
    lines = text.splitlines()
    assert lines[0] == "0 mismatching spikes"
    assert "every layer, every step, every neuron" in lines[1]
    assert f"latency     {summary.latency.mean:,.0f} instructions an inference" in text
    assert "emulated" in text
    assert f"synops      {round(summary.synops.mean):,} an inference" in text
    assert "an inference, estimated\n            STM32F411" in text
    assert "flash       30.68 KiB of 4 MiB (0.7 %)" in text
    for layer in summary.layers:
        row = next(line for line in lines if line.startswith(layer.name))
        assert f"{layer.latency.mean:,.0f} instructions" in row
        assert row.endswith(f"of {layer.size}")
    assert all(line == line.rstrip() for line in lines)


def test_the_summary_of_a_run_that_differs_lists_the_first_differences(tmp_path: Path) -> None:
    text = text_of(tmp_path, faults=FAULTS)
    assert text.startswith("24 mismatching spikes\n8 of 60 samples differ")
    assert sum(line.startswith("sample 1") for line in text.splitlines()) == 5
    assert "... and 3 more samples" in text


def test_the_summary_of_other_runs(tmp_path: Path) -> None:
    native = text_of(tmp_path / "native", board="native", trace=False, samples=3)
    assert "µs an inference" in native
    assert "measured" in native
    assert "energy      not estimated" in native
    assert "not known: no labels" in text_of(tmp_path / "unlabelled", labelled=False, samples=3)
    assert text_of(tmp_path / "empty", samples=0, planned=3).startswith("No results")


HARDWARE = {
    "design": "lanes x spikes a cycle: hidden1 64x1",
    "resources": [{"name": "LUT", "used": 4782, "there": 20736}, {"name": "block RAM", "used": 37, "there": 46}],
    "clocks": [{"name": "clk", "fmax_hz": 167.3e6, "wanted_hz": 108e6}],
    "minimum": {"weights": 60_000, "biases": 200, "thresholds": 21, "membranes": 1_500, "spikes": 640},
}


def on_an_fpga(folder: Path, *, resources: bool, trace: bool = False) -> str:
    hardware = HARDWARE if resources else {**HARDWARE, "resources": [], "clocks": []}
    return text_of(folder, board="fpga_sim", samples=3, trace=trace, changes={"build": {"hardware": hardware}})


def test_simulated_cycles_are_called_simulated_and_their_clock_assumed(tmp_path: Path) -> None:
    text = on_an_fpga(tmp_path, resources=False)
    mean = summarise(tmp_path).latency.mean
    assert "), simulated\n            clock cycles: simulated clock cycles (Verilator)" in text
    assert f"{words.quantity(mean / 100e6, 's')} at 100 MHz, a clock that is assumed" in text
    assert "simulated, not synthesised: LUTs, flip-flops and block RAMs are not known" in text
    assert "size        60,221 bits of constants and 2,140 bits of state at the least" in text
    assert text.splitlines()[-1] == "Layers work side by side: their cycles overlap."
    assert "layers took turns" in on_an_fpga(tmp_path / "traced", resources=False, trace=True).splitlines()[-1]


def test_what_a_network_takes_of_a_chip(tmp_path: Path) -> None:
    text = on_an_fpga(tmp_path, resources=True)
    assert "LUT         4,782 of 20,736 (23.1 %)" in text
    assert "block RAM   37 of 46 (80.4 %)" in text
    assert "not known" not in text
    assert "Fmax        167.3 MHz, 108.0 MHz wanted (margin +54.9 %), by timing analysis" in text
    page = html.page(content(tmp_path, summarise(tmp_path)))
    assert "<dt>LUT</dt>" in page
    assert "167.3 MHz" in page
    assert "23.1 % of 20,736" in page
    assert "binning and scheduling" not in page, "layers overlap: nothing is left over"
    board = {**header("fpga_sim", 3, False).board, "energy": header("mps2_an386", 3, False).board["energy"]}
    make_run(tmp_path / "energy", board="fpga_sim", samples=3, trace=False, changes={"board": board, "build": None})
    assert "Energy by layer" in html.page(content(tmp_path / "energy", summarise(tmp_path / "energy")))


def test_equal_runs_are_equal(tmp_path: Path) -> None:
    a, b = make_run(tmp_path / "a"), make_run(tmp_path / "b", trace=False)
    comparison = compare_runs(a, b)
    assert comparison.different == ()
    assert comparison.differing == 0
    assert comparison.latency_ratio == 1.0
    text = click.unstyle(comparison_text(comparison))
    assert text.startswith("Equal answers and spike counts in all 60 samples")
    value = json.loads(json.dumps(comparison.to_json()))
    assert value["schema"] == "spikec.comparison/1"
    assert value["a"]["folder"] == "a"


def test_runs_that_differ_name_their_samples(tmp_path: Path) -> None:
    a, b = make_run(tmp_path / "a"), make_run(tmp_path / "b", faults=FAULTS)
    comparison = compare_runs(a, b)
    assert [d.index for d in comparison.different] == sorted(FAULTS)
    first = comparison.different[0]
    before, after = first.answers["digit"]
    assert before is not None
    assert after == (before + 1) % 10
    text = click.unstyle(comparison_text(comparison))
    assert text.startswith("8 of 60 samples differ")
    assert f"sample 10 ({first.id}): digit answered {before} and {after}" in text
    assert "... and 3 more" in text
    (digit, motion) = comparison.heads
    assert (digit.only_a + digit.only_b <= 8, motion.only_a, motion.only_b, motion.p) == (True, 0, 0, 1.0)
    matrices = [run.confusion["digit"][1] for run in (comparison.a, comparison.b)]
    right = [sum(matrix[k][k] for k in range(10)) for matrix in matrices]
    assert right[0] - right[1] == digit.only_a - digit.only_b > 0
    assert f"digit: {digit.only_a} samples are right in the first run only" in text
    assert "McNemar's exact test, p = " in text
    page = write_comparison(comparison, tmp_path / "pages" / "page.html").read_text(encoding="utf-8")
    assert "8 of 60 samples differ" in page
    assert f"digit answered {before} and {after}" in page


def test_counts_are_compared_too(tmp_path: Path) -> None:
    a, b = make_run(tmp_path / "a", samples=3), make_run(tmp_path / "b", samples=3)
    path = b / "results.jsonl"
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    lines[2]["counts"][4] += 1
    lines[2]["layer_spikes"][1][3] += 1
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    (found,) = compare_runs(a, b).different
    assert (found.index, found.outputs, found.layer_steps, found.answers) == (1, 1, 1, {})
    text = click.unstyle(comparison_text(compare_runs(a, b)))
    assert "1 output spike counts, 1 layer-step spike counts" in text


def test_other_boards_have_a_ratio_only_in_the_same_unit(tmp_path: Path) -> None:
    a, b = make_run(tmp_path / "a"), make_run(tmp_path / "b", board="native", samples=40, planned=60)
    comparison = compare_runs(a, b)
    assert (comparison.samples, comparison.only_a, comparison.only_b) == (40, 20, 0)
    assert comparison.latency_ratio is None
    text = click.unstyle(comparison_text(comparison))
    assert "20 samples are in a only" in text
    assert "different units (instructions, ns)" in text


def test_other_counters_of_the_same_unit_are_told(tmp_path: Path) -> None:
    board = header("mps2_an386", 3, True).board
    board = {**board, "counter": {**board["counter"], "source": "another emulator", "ticks_per_unit": 0.8}}
    a, b = make_run(tmp_path / "a", samples=3), make_run(tmp_path / "b", samples=3, changes={"board": board})
    assert compare_runs(a, b).latency_ratio == pytest.approx(2.0)
    assert "different counters" in click.unstyle(comparison_text(compare_runs(a, b)))


def test_runs_without_a_common_sample_are_refused(tmp_path: Path) -> None:
    a, b = make_run(tmp_path / "a", samples=0, planned=3), make_run(tmp_path / "b", samples=3)
    with pytest.raises(SpikecError, match="have no sample in common"):
        compare_runs(a, b)


def test_runs_of_other_networks_data_or_options_are_refused(tmp_path: Path) -> None:
    first = header("mps2_an386", 3, True)
    changes = {
        "network": {**first.network, "digest": "cd" * 32},
        "data": {**first.data, "digest": "ef" * 32},
        "options": {**first.options, "seed": 9},
    }
    a, b = make_run(tmp_path / "a", samples=3), make_run(tmp_path / "b", samples=3, changes=changes)
    with pytest.raises(SpikecError) as error:
        compare_runs(a, b)
    assert [problem.what.split(":")[0] for problem in error.value.problems] == [
        "are runs of different networks",
        "are runs over different samples",
        "have different values of the option 'seed'",
    ]


def test_a_comparison_that_cannot_be_written_is_an_error_for_people(tmp_path: Path) -> None:
    a = make_run(tmp_path / "a", samples=2)
    (tmp_path / "file").write_text("")
    with pytest.raises(SpikecError, match="cannot be made"):
        write_comparison(compare_runs(a, a), tmp_path / "file" / "page.html")
    (tmp_path / "page.html").mkdir()
    with pytest.raises(SpikecError, match="cannot be written"):
        write_comparison(compare_runs(a, a), tmp_path / "page.html")


def test_numbers_in_words() -> None:
    assert [words.count(v) for v in (0, 7, 1234, 1234.5, 12.34, 0.1234)] == ["0", "7", "1,234", "1,234", "12.3", "0.12"]
    assert [words.percent(v) for v in (0, 0.0001, 0.5, 0.9996, 1)] == ["0.0 %", "< 0.1 %", "50.0 %", "99.96 %", "100 %"]
    assert [words.quantity(v, "J") for v in (0, 2.5e-6, 1500)] == ["0 J", "2.5 µJ", "1.5 kJ"]
    assert [words.size(v) for v in (12, 2048, 5 << 20, 1 << 30)] == ["12 B", "2 KiB", "5 MiB", "1 GiB"]
    assert [words.compact(v) for v in (0, 250, 12_000)] == ["0", "250", "12 k"]
    assert words.ticks_as(1500, "ns") == "1.5 µs"
    assert words.between(10, 1200, "cycles") == "10 to 1,200 cycles"
    assert words.between(900, 1200, "ns") == "900 ns to 1.2 µs"


@pytest.mark.parametrize(
    ("high", "wanted"), [(0, [0, 1]), (1, [0, 1]), (3, [0, 1, 2, 3]), (9, [0, 5, 10]), (41, [0, 20, 40, 60])]
)
def test_rulers_are_round_whole_numbers_that_reach_the_highest_value(high: float, wanted: list[float]) -> None:
    assert ticks(high) == wanted


def test_markup_is_escaped_and_short() -> None:
    assert tag("text", "<b>", x=1.0, cls='"q"') == '<text x="1" class="&#34;q&#34;">&lt;b&gt;</text>'
    assert [number(v) for v in (1.0, 1.234, -0.5)] == ["1", "1.23", "-0.5"]


def test_plots_bear_what_is_odd() -> None:
    curve = plots.anytime({"a": ([None, None, 0.5], [0.1, 0.2, 0.5])})
    assert "a not told after the first, 50.0 % after the last" in curve
    assert curve.count("<circle") == 1
    assert "0 of 0 answers" in plots.confusion("a", ["x", "y"], [[0, 0], [0, 0]])
    assert "rotate(-60)" in plots.confusion("a", [f"a long name {i}" for i in range(9)], [[1] * 9] * 9)
    assert "Most often mistaken: x as y, 3 times." in plots.confusion("a", ["x", "y"], [[1, 3], [0, 2]])
    crowded = plots.confusion("a", [str(i) for i in range(100)], [[1] * 100] * 100)
    assert "99 answered as 0: 1 of 100" in crowded
    assert 'class="cell' not in crowded
    assert "1 latencies" in plots.histogram([1], [5.0, 5.0], "cycles", 5.0)
    assert "NaN" not in plots.activity({"a": [0.0] * 40}, {})
    assert plots.bars("b", {}).startswith("<svg")
