"""PlatformIO builds: what comes out, what is said when it fails, and where its engine comes from."""

import importlib.metadata
import json
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from codegen.board import load_board
from codegen.ir import SpikecError
from codegen.resources import folder
from hostctl.build import BuildBug, build, engine, flash, pio, project, upload
from hostctl.size import read_image

INI = """[platformio]
platforms_dir = platform

[env:native]
platform = spikec_emulated
board = native
lib_ldf_mode = off
"""
NATIVE = load_board("native")


@pytest.fixture
def cores(tmp_path, monkeypatch):
    """No PlatformIO of the user's, no registry: the engine must be staged."""
    monkeypatch.setenv("PLATFORMIO_CORE_DIR", str(tmp_path / "user core"))
    monkeypatch.setenv("SPIKEC_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("SPIKEC_OFFLINE", "1")
    return tmp_path


@pytest.fixture
def plain_project(cores):
    """A project whose program does nothing, in a folder with a space in its name."""
    path = cores / "a project"
    (path / "src").mkdir(parents=True)
    (path / "src" / "main.c").write_text("static char zeros[5000];\nint main(void) { return zeros[0]; }\n")
    (path / "platformio.ini").write_text(INI)
    shutil.copytree(folder("firmware") / "platform", path / "platform")
    return path


def test_builds_measures_and_builds_again_without_compiling(plain_project, cores):
    said = []
    first = build(plain_project, NATIVE, log=said.append)
    assert subprocess.run([first.elf], check=False).returncode == 0
    assert first.ram >= 5000
    assert first.flash > 500
    assert first.seconds > 0
    assert any("Compiling" in line for line in said)
    assert not (cores / "user core" / "packages").exists(), "the user's PlatformIO must be left alone"

    said.clear()
    again = build(plain_project, NATIVE, log=said.append)
    assert (again.flash, again.ram) == (first.flash, first.ram)
    assert not any("Compiling" in line for line in said)


@pytest.mark.parametrize(
    ("code", "shown"),
    [
        ("int main(void) { return nonsense; }\n", "nonsense"),
        ("int elsewhere(void);\nint main(void) { return elsewhere(); }\n", "undefined reference"),
    ],
)
def test_code_that_does_not_compile_is_our_bug(plain_project, code, shown):
    (plain_project / "src" / "main.c").write_text(code)
    with pytest.raises(BuildBug, match=shown):
        build(plain_project, NATIVE)


def test_a_program_too_large_for_its_board_is_refused_with_numbers(plain_project):
    small = replace(NATIVE, flash=100, ram=2000)
    with pytest.raises(SpikecError) as caught:
        build(plain_project, small)
    flash_problem, ram_problem = caught.value.problems
    assert "bytes of flash, 100 are there" in flash_problem.what
    assert "bytes of RAM, 2,000 are there" in ram_problem.what
    assert "fewer bits" in ram_problem.hint


def test_a_missing_compiler_names_its_packages(plain_project, monkeypatch):
    monkeypatch.setenv("PATH", str(plain_project))
    with pytest.raises(SpikecError, match=r"arm-none-eabi-gcc is not installed.*apt-get install gcc-arm-none-eabi"):
        build(plain_project, load_board("mps2_an386"))


def test_a_folder_that_is_no_project_is_refused(tmp_path):
    with pytest.raises(SpikecError, match="not a generated project"):
        build(tmp_path, NATIVE)


@pytest.mark.parametrize(
    ("line", "kind", "shown"),
    [
        ("ld: region `FLASH' overflowed by 4242 bytes", SpikecError, "4242 bytes.*fewer bits"),
        ("Error: The program size (9 bytes) is greater than maximum allowed (8 bytes)", SpikecError, "9 bytes"),
        ("UnknownPackageError: Could not find the package", SpikecError, "PlatformIO said:.*Unknown"),
        ("src/network.c:7:1: error: expected ';'", BuildBug, "network.c:7"),
    ],
)
def test_what_platformio_says_is_told_again_for_people(plain_project, monkeypatch, line, kind, shown):
    monkeypatch.setattr(project, "run_pio", lambda *_, **__: (1, ["Processing native", "", line]))
    with pytest.raises(kind, match=f"(?s){shown}"):
        build(plain_project, NATIVE)


def test_the_users_engine_is_used_where_it_is(cores):
    package = cores / "user core" / "packages" / "tool-scons"
    package.mkdir(parents=True)
    (package / "package.json").write_text("{}")
    assert engine.core_folder(offline=True, log=pytest.fail) is None


def test_a_registry_that_answers_is_left_to_platformio(cores, monkeypatch):
    monkeypatch.setenv("SPIKEC_OFFLINE", "0")
    monkeypatch.setattr(engine, "registry_answers", lambda: True)
    assert engine.core_folder(offline=False, log=pytest.fail) is None
    assert not (cores / "cache").exists()


def test_without_registry_the_engine_is_staged_once(cores, monkeypatch):
    monkeypatch.setenv("SPIKEC_OFFLINE", "")
    monkeypatch.setattr(engine, "registry_answers", lambda: False)
    said = []
    core = engine.core_folder(offline=False, log=said.append)
    assert core is not None
    assert core.is_relative_to(cores / "cache")
    assert "cannot be reached" in said[0]
    manifest = json.loads((core / "packages" / "tool-scons" / "package.json").read_text())
    assert manifest["version"] == engine.wanted_version()
    script = core / "packages" / "tool-scons" / "scons.py"
    stamp = script.stat().st_mtime_ns
    assert engine.core_folder(offline=True, log=said.append) == core
    assert script.stat().st_mtime_ns == stamp
    assert [path.name for path in core.iterdir()] == ["packages"], "no half-made package is left behind"


@pytest.mark.usefixtures("cores")
def test_no_engine_anywhere_says_how_to_get_it(monkeypatch):
    def missing(name):
        raise importlib.metadata.PackageNotFoundError(name)

    monkeypatch.setattr(importlib.metadata, "version", missing)
    with pytest.raises(SpikecError, match=r"pip install 'spikec\[offline\]'"):
        engine.core_folder(offline=True, log=lambda _: None)


@pytest.mark.usefixtures("cores")
def test_another_scons_than_the_pinned_is_said(monkeypatch):
    monkeypatch.setattr(engine, "wanted_version", lambda: "4.40801.0")
    said = []
    engine.stage(said.append)
    assert "asks for SCons 4.8.1" in said[0]


def test_a_cache_that_cannot_be_written_is_said(cores):
    (cores / "cache").write_text("in the way")
    with pytest.raises(SpikecError, match="SPIKEC_CACHE"):
        engine.core_folder(offline=True, log=lambda _: None)


def test_versions_of_the_package_name_those_of_scons():
    assert engine.pypi_version("4.41101.0") == "4.11.1"
    assert engine.pypi_version("5.1") == "5.1"


def test_an_interrupted_build_leaves_no_process(plain_project):
    def interrupt(line):
        if "Processing" in line:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        pio.run_pio(plain_project, NATIVE, log=interrupt)


def test_emulated_boards_need_no_flashing(tmp_path):
    with pytest.raises(SpikecError, match="emulated, so there is nothing to flash"):
        flash(tmp_path, NATIVE, None)


def test_flashing_asks_platformio_to_upload(tmp_path, monkeypatch):
    calls = []

    def fake(_, board, arguments, **__):
        calls.append((board.id, arguments))
        return status, ["Uploading", "", "no device found"]

    monkeypatch.setattr(upload, "run_pio", fake)
    real = replace(NATIVE, emulated=False)
    status = 0
    flash(tmp_path, real, "/dev/ttyX")
    flash(tmp_path, real, None)
    assert calls == [
        ("native", ["--target", "upload", "--upload-port", "/dev/ttyX"]),
        ("native", ["--target", "upload"]),
    ]
    status = 1
    with pytest.raises(SpikecError, match=r"(?s)/dev/ttyX: cannot be flashed.*no device found"):
        flash(tmp_path, real, "/dev/ttyX")


@pytest.mark.parametrize("size", [0, 4, 30, 100, 1000])
def test_files_that_are_no_programs_are_refused(tmp_path, size):
    path = tmp_path / "x.elf"
    path.write_bytes(Path(sys.executable).resolve().read_bytes()[:size])
    with pytest.raises(SpikecError, match="not a whole ELF file"):
        read_image(path)
    path.write_bytes(b"#!/bin/sh\n")
    with pytest.raises(SpikecError, match="not a whole ELF file"):
        read_image(path)


def test_a_missing_program_is_said(tmp_path):
    with pytest.raises(SpikecError, match="cannot be read"):
        read_image(tmp_path / "none.elf")


def test_a_program_without_its_map_is_refused(plain_project):
    elf = build(plain_project, NATIVE).elf
    elf.with_suffix(".map").write_text("nothing of it\n")
    with pytest.raises(SpikecError, match="names none of the program's sections"):
        read_image(elf)
    elf.with_suffix(".map").unlink()
    with pytest.raises(SpikecError, match=r"firmware.map: cannot be read"):
        read_image(elf)
