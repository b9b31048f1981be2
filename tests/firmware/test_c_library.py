"""The library as its user meets it: both examples compile without a warning and say what the reference says."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from codegen.backends.c import library_plan
from codegen.ir import EventBinning, make_events, simulate
from codegen.plan import write

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "cases"))
import golden

WARNINGS = ["-Wall", "-Wextra", "-Wpedantic", "-Werror"]

ARDUINO_H = """
#pragma once
#include <cstdio>
struct Port {
    void begin(long) {}
    void print(const char *text) { std::printf("%s", text); }
    void println(const char *text) { std::printf("%s\\n", text); }
    void println(int value) { std::printf("%d\\n", value); }
};
extern Port Serial;
inline void delay(unsigned long) {}
void setup();
void loop();
"""

MAIN_CPP = "#include <Arduino.h>\nPort Serial;\nint main() { setup(); loop(); return 0; }\n"


def example_spikes(network):
    """What the examples feed, as the comment in them says."""
    encoding, steps = network.encoding, network.steps
    if isinstance(encoding, EventBinning):
        k = np.repeat(np.arange(steps), 2)
        events = make_events(
            k % encoding.width, k % encoding.height, encoding.start_us + k * encoding.bin_us, np.tile([0, 1], steps)
        )
        return encoding.encode(events, steps)
    step, place = np.arange(steps)[:, None], np.arange(network.in_size)[None]
    return (place >= step) & ((place - step) % steps == 0)


def expected_lines(network):
    trace = simulate(network, example_spikes(network))
    counts = [f"output {i}: {n} spikes" for i, n in enumerate(trace.spikes[-1].sum(axis=0))]
    return counts, [f"{head.name}: {head.labels[trace.answers[head.name][-1]]}" for head in network.heads]


@pytest.fixture(params=golden.NETWORKS, ids=lambda make: make.__name__)
def library(request, tmp_path):
    network = request.param()
    write(library_plan(network), tmp_path)
    return network, tmp_path


def run(folder, command):
    subprocess.run(command, cwd=folder, check=True)
    return subprocess.run([str(folder / "program")], check=True, capture_output=True, text=True).stdout.splitlines()


def sources(folder):
    return sorted(str(path) for path in (folder / "src").glob("*.c"))


def test_plain_example(library):
    network, folder = library
    command = ["gcc", "-std=c99", *WARNINGS, "-Isrc", *sources(folder), "examples/plain/main.c", "-o", "program"]
    counts, answers = expected_lines(network)
    assert run(folder, command) == counts + answers


def test_arduino_example_as_cpp(library):
    network, folder = library
    (folder / "Arduino.h").write_text(ARDUINO_H)
    (folder / "main.cpp").write_text(MAIN_CPP)
    for source in sources(folder):
        subprocess.run(["gcc", "-std=c99", *WARNINGS, "-c", source], cwd=folder, check=True)
    objects = [f"{Path(source).stem}.o" for source in sources(folder)]
    cpp = ["-std=c++11", "-I.", "-Isrc", *WARNINGS, "-x", "c++", "examples/first/first.ino", "main.cpp"]
    assert run(folder, ["g++", *cpp, "-x", "none", *objects, "-o", "program"]) == expected_lines(network)[1]
