"""Emulators of our own: compiled once, and what is said when that cannot be done."""

from dataclasses import replace

import pytest

from codegen.board import load_board
from codegen.ir import SpikecError
from hostctl.transport import program
from hostctl.transport.program import emulator_program

BOARD = replace(load_board("atmega328p"), emulator_program="tiny", emulator_libraries=())


@pytest.fixture
def source(tmp_path, monkeypatch):
    monkeypatch.setenv("SPIKEC_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(program, "folder", lambda _: tmp_path)
    (tmp_path / "emulators").mkdir()
    source = tmp_path / "emulators" / "tiny.c"
    source.write_text("int main(void) { return 0; }\n")
    return source


def test_it_is_compiled_once_for_each_version_of_its_source(source):
    first = emulator_program(BOARD)
    made = first.stat().st_mtime_ns
    assert emulator_program(BOARD) == first
    assert first.stat().st_mtime_ns == made
    source.write_text("int main(void) { return 1; }\n")
    assert emulator_program(BOARD) != first


def test_a_missing_library_names_the_package_and_what_the_compiler_said(source):
    source.write_text("#include <no_such_header.h>\n")
    with pytest.raises(SpikecError, match=r"(?s)tiny.c cannot be compiled.*libsimavr-dev.*no_such_header"):
        emulator_program(BOARD)


@pytest.mark.usefixtures("source")
def test_a_missing_compiler_is_named(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SpikecError, match="gcc is not installed"):
        emulator_program(BOARD)


@pytest.mark.usefixtures("source")
def test_a_cache_that_cannot_be_written_is_named(monkeypatch, tmp_path):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("SPIKEC_CACHE", str(tmp_path / "file"))
    with pytest.raises(SpikecError, match="SPIKEC_CACHE"):
        emulator_program(BOARD)
