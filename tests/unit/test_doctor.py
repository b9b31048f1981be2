"""``spikec doctor``: finds what is here, says what is missing and how to get it, and never waits long."""

from __future__ import annotations

import os
import threading
import time
from dataclasses import replace
from http.server import HTTPServer, SimpleHTTPRequestHandler
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from codegen.board import Board, load_board
from codegen.ir import make_events, write_nmnist
from hostctl.doctor import Check, boards, data, diagnose, install, missing_for, platformio, python, render, serial_ports
from hostctl.doctor import ask as ask_module
from hostctl.doctor.ask import ask
from hostctl.fpga import verilator


def script(folder: Path, name: str, text: str) -> None:
    """A program called ``name``."""
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)


@pytest.fixture
def bare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine without any program, offline; returns the folder that is its PATH."""
    programs = tmp_path / "bin"
    programs.mkdir()
    monkeypatch.setenv("PATH", str(programs))
    monkeypatch.setenv("PLATFORMIO_CORE_DIR", str(tmp_path / "pio"))
    monkeypatch.setattr(platformio, "registry_answers", lambda: False)
    monkeypatch.delenv("SPIKEC_DATA", raising=False)
    return programs


def fake_arm(programs: Path, machines: str = "mps2-an386  the Cortex-M4 one") -> None:
    """Stand-ins for the cross compiler and the emulator."""
    script(
        programs,
        "arm-none-eabi-gcc",
        'case "$*" in *print-file*) echo /lib/libc.a;; *) echo arm-none-eabi-gcc 12;; esac',
    )
    script(programs, "arm-none-eabi-size", "echo GNU size")
    script(programs, "qemu-system-arm", f'case "$*" in *help*) echo "{machines}";; *) echo QEMU 7;; esac')


def test_an_emulator_of_ours_needs_its_librarys_headers(bare: Path) -> None:
    script(bare, "gcc", "exit 1")
    script(bare, "apt-get", "exit 0")
    problem = next(one for one in missing_for(load_board("atmega328p")) if "simavr.c" in one.where)
    assert "its headers are missing" in problem.what
    assert "libsimavr-dev" in str(problem)


def test_every_check_of_this_machine_is_filled_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(platformio, "registry_answers", lambda: False)
    checks = diagnose()
    names = {check.name for check in checks}
    assert {"Python", "numpy", "torch", "tonic", "scons", "tensorboard", "PlatformIO Core", "git"} <= names
    assert {"arm-none-eabi-gcc", "qemu-system-arm -M mps2-an386", "board mps2_an386", "board native"} <= names
    assert all(check.found and check.needed_for and check.group for check in checks)
    assert all(check.fix for check in checks if not check.ok)
    assert len(names) == len(checks)


def test_a_bare_machine_gets_the_commands_that_install_what_is_missing(
    bare: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script(bare, "apt-get", "exit 0")
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    checks = {check.name: check for check in diagnose()}
    assert checks["arm-none-eabi-gcc"].fix == "sudo apt-get install -y gcc-arm-none-eabi"
    assert checks["qemu-system-arm"].fix == "sudo apt-get install -y qemu-system-arm"
    assert checks["board mps2_an386"].ok is False
    assert "lacks arm-none-eabi-gcc" in checks["board mps2_an386"].found
    assert "&&" in checks["board mps2_an386"].fix
    missing = next(line for line in render(list(checks.values())).splitlines() if line.startswith("Missing: "))
    assert "arm-none-eabi-gcc" in missing


def test_missing_for_names_each_missing_thing_with_its_cure(bare: Path) -> None:
    script(bare, "apt-get", "exit 0")
    problems = missing_for(load_board("mps2_an386"))
    assert [problem.where for problem in problems][:3] == [
        "arm-none-eabi-gcc",
        "arm-none-eabi-size",
        "qemu-system-arm",
    ]
    assert "apt-get install -y gcc-arm-none-eabi" in str(problems[0])
    fake_arm(bare)
    assert missing_for(load_board("mps2_an386")) == []


def test_a_simulated_fpga_needs_what_compiles_models_and_no_platformio(
    bare: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script(bare, "apt-get", "exit 0")
    board = load_board("fpga_sim")
    assert [problem.where for problem in missing_for(board)] == ["make", "c++"]
    assert "apt-get install -y g++" in str(missing_for(board)[1])
    script(bare, "make", "echo GNU Make")
    script(bare, "c++", "echo c++ 12")
    assert missing_for(board) == []
    monkeypatch.setattr(verilator, "version", lambda: "")
    (problem,) = missing_for(board)
    assert "pip install 'spikec[fpga]'" in str(problem)


def test_an_emulator_without_the_boards_machine_is_found_out(bare: Path) -> None:
    fake_arm(bare, machines="mps2-an3860 another machine")
    (problem,) = missing_for(load_board("mps2_an386"))
    assert problem.where == "qemu-system-arm -M mps2-an386"
    assert "unknown" in problem.what


def test_a_compiler_without_its_c_library_is_found_out(bare: Path) -> None:
    fake_arm(bare)
    script(bare, "arm-none-eabi-gcc", 'case "$*" in *-E*) exit 1;; *print-file*) echo libc.a;; *) echo gcc;; esac')
    assert missing_for(load_board("mps2_an386")) == []
    (problem,) = missing_for(replace(load_board("mps2_an386"), hosted=True))
    assert problem.where == "C library of arm-none-eabi-gcc"
    assert problem.what == "headers and library not found"


def real_board(packages: tuple[str, ...] = ()) -> Board:
    return replace(
        load_board("mps2_an386"),
        id="nucleo",
        emulated=False,
        emulator=(),
        platform="ststm32",
        toolchain_packages=packages,
    )


def test_a_real_board_needs_its_platform_and_nothing_of_the_system(bare: Path, tmp_path: Path) -> None:
    assert bare.is_dir()
    (check,) = boards.parts(real_board())
    assert check.name == "PlatformIO platform ststm32"
    assert not check.ok
    (tmp_path / "pio" / "platforms" / "ststm32").mkdir(parents=True)
    (check,) = boards.parts(real_board())
    assert check.ok


def test_a_broken_board_file_is_a_line_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = tmp_path / "boards" / "odd"
    broken.mkdir(parents=True)
    (broken / "board.toml").write_text("name = 3 =")
    monkeypatch.setattr("codegen.board.folder", lambda _name: tmp_path)
    (check,) = boards.checks(())
    assert (check.name, check.ok) == ("board odd", False)
    assert "cannot be read" in check.found


@pytest.mark.parametrize(
    ("manager", "wanted"),
    [
        ("apt-get", "sudo apt-get install -y gcc-arm-none-eabi libnewlib-arm-none-eabi"),
        ("dnf", "sudo dnf install -y arm-none-eabi-gcc-cs arm-none-eabi-newlib"),
        ("pacman", "sudo pacman -S --needed arm-none-eabi-gcc arm-none-eabi-newlib"),
        ("brew", "brew install gcc-arm-embedded"),
    ],
)
def test_packages_go_by_the_names_of_the_system(
    bare: Path, monkeypatch: pytest.MonkeyPatch, manager: str, wanted: str
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    script(bare, manager, "exit 0")
    assert install.install_command(["gcc-arm-none-eabi", "libnewlib-arm-none-eabi"]) == wanted
    assert install.install_command([]) == ""
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    assert "sudo" not in install.install_command(["gcc"])


@pytest.mark.usefixtures("bare")
def test_an_unknown_system_gets_debians_names() -> None:
    assert "package manager" in install.install_command(["gcc"])


def test_a_program_that_hangs_fails_or_is_no_program_is_an_answer(bare: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ask_module, "TIMEOUT_S", 0.2)
    script(bare, "slow", "while :; do :; done")
    script(bare, "bad", "echo complaint >&2; exit 3")
    (bare / "noprogram").write_bytes(b"\x7fELF nothing")
    (bare / "noprogram").chmod(0o755)
    begin = time.monotonic()
    assert "did not answer" in ask(["slow"]).text
    assert time.monotonic() - begin < 5
    assert ask(["bad"]) == ask_module.Answer(False, "complaint")
    assert "cannot be started" in ask(["noprogram"]).text
    assert ask(["absent"]).text == "not found"


def test_old_and_absent_python_packages_get_a_pip_command(monkeypatch: pytest.MonkeyPatch) -> None:
    wanted = [("", "numpy>=999"), ("train", "no-such-package-of-ours>=1"), ("odd", "click>=1")]
    monkeypatch.setattr(python, "requirements", lambda: wanted)
    _, numpy_, absent, click_ = python.checks()
    assert (numpy_.ok, numpy_.optional) == (False, False)
    assert numpy_.found == f"{np.__version__}, needs >=999"
    assert "-m pip install 'numpy>=999'" in numpy_.fix
    assert (absent.ok, absent.optional) == (False, True)
    assert "training" in absent.needed_for
    assert click_.ok
    assert click_.needed_for == "the extra 'odd'"


def test_requirements_come_from_the_metadata_where_there_is_no_checkout(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_checkout = python.requirements()
    assert ("train", "torch>=2.4") in in_checkout
    monkeypatch.setattr(python.codegen, "__file__", str(tmp_path / "codegen" / "__init__.py"))
    metadata = ["numpy>=1.26", "torch>=2.4; extra == 'train'", 'tonic>=1.5 ; extra == "nmnist"']
    monkeypatch.setattr(python.importlib.metadata, "requires", lambda _name: metadata)
    assert python.requirements() == [("", "numpy>=1.26"), ("train", "torch>=2.4"), ("nmnist", "tonic>=1.5")]


def test_the_build_engine_is_installed_staged_fetched_or_missing(
    bare: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert bare.is_dir()
    assert "can be staged" in platformio.build_engine(probe_registry=False).found
    monkeypatch.setattr(platformio, "_pypi_scons", lambda: "")
    missing = platformio.build_engine(probe_registry=True)
    assert not missing.ok
    assert "registry cannot be reached" in missing.found
    assert "spikec[offline]" in missing.fix
    monkeypatch.setattr(platformio, "registry_answers", lambda: True)
    assert "first build" in platformio.build_engine(probe_registry=True).found
    (tmp_path / "pio/packages/tool-scons").mkdir(parents=True)
    (tmp_path / "pio/packages/tool-scons/package.json").write_text("{}")
    assert "installed" in platformio.build_engine(probe_registry=False).found


def test_a_registry_that_is_no_server_does_not_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(platformio, "REGISTRY", "http://127.0.0.1:9")
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    assert platformio.registry_answers.__wrapped__() is False


@pytest.mark.parametrize("path", ["/there", "/absent"])
def test_a_registry_that_gives_any_http_answer_is_reached(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    (tmp_path / "there").write_text("yes")

    class Handler(SimpleHTTPRequestHandler):
        def __init__(self, *arguments: Any) -> None:
            super().__init__(*arguments, directory=str(tmp_path))

        def log_message(self, *_arguments: Any) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.handle_request)
        thread.start()
        monkeypatch.setattr(platformio, "REGISTRY", f"http://127.0.0.1:{server.server_port}{path}")
        monkeypatch.setenv("no_proxy", "127.0.0.1")
        assert platformio.registry_answers.__wrapped__() is True
        thread.join()


def test_the_registry_is_asked_when_nothing_is_staged(bare: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake_arm(bare)
    monkeypatch.setattr(platformio, "_pypi_scons", lambda: "")
    (problem,) = missing_for(load_board("mps2_an386"))
    assert problem.where == "PlatformIO's SCons"
    assert "the registry cannot be reached" in problem.what
    monkeypatch.setattr(platformio, "registry_answers", lambda: True)
    assert missing_for(load_board("mps2_an386")) == []


def test_a_platformio_that_does_not_run_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(platformio, "ask", lambda _command: ask_module.Answer(False, "Traceback\nNo module named x"))
    check = platformio.core()
    assert not check.ok
    assert "No module named x" in check.found


def test_data_is_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    events = make_events(np.array([5, 9]), np.array([1, 2]), np.array([3, 4]), np.array([0, 1]))
    for split, number in (("Train", 3), ("Test", 2)):
        for i in range(number):
            (tmp_path / "NMNIST" / split / str(i)).mkdir(parents=True)
            write_nmnist(tmp_path / "NMNIST" / split / str(i) / "1.bin", events)
    (tmp_path / "MNIST" / "raw").mkdir(parents=True)
    for name in data._FILES:
        (tmp_path / "MNIST" / "raw" / f"{name}.gz").write_bytes(b"")
    monkeypatch.setenv("SPIKEC_DATA", str(tmp_path))
    _, nmnist, mnist, fashion = data.checks()
    assert nmnist.found == "3 recordings in Train, 2 recordings in Test"
    assert mnist.ok
    assert not fashion.ok
    assert "FashionMNIST/raw" in fashion.fix


def test_absent_data_is_told_apart_from_empty_data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SPIKEC_DATA", str(tmp_path / "absent"))
    (check,) = data.checks()
    assert "is no folder" in check.found
    monkeypatch.setenv("SPIKEC_DATA", str(tmp_path))
    assert [c.ok for c in data.checks()] == [True, False, False, False]
    monkeypatch.delenv("SPIKEC_DATA")
    assert "embedded digits" in data.checks()[0].found


class _Group:
    gr_name, gr_gid = "dialout", 4_000_000


class _Port:
    device, description = "/dev/does-not-exist", "n/a"


def test_the_serial_permission_and_the_ports(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    monkeypatch.setattr(serial_ports.grp, "getgrall", lambda: [_Group])
    monkeypatch.setattr(serial_ports.list_ports, "comports", lambda: [_Port])
    permission, port = serial_ports.checks()
    assert "usermod -aG dialout" in permission.fix
    assert port.found == "may not be read and written"
    monkeypatch.setattr(os, "getgroups", lambda: [_Group.gr_gid])
    assert serial_ports.checks()[0].found == "member of the group 'dialout'"
    monkeypatch.setattr(serial_ports.grp, "getgrall", list)
    assert serial_ports.checks()[0].ok


def test_the_text_says_what_is_missing_and_what_mends_it() -> None:
    there = Check("a", True, "1.0", "x", group="G")
    optional = Check("b", False, "none", "y", "get b", "G", optional=True)
    text = render([there, optional, Check("c", False, "none", "z", "", "H")])
    assert text.splitlines() == [
        "G",
        "  ok  a  1.0",
        "  --  b  none",
        "         needed for: y",
        "         to mend:    get b",
        "",
        "H",
        "  NO  c  none",
        "         needed for: z",
        "",
        "Missing: c (1 optional thing missing, marked --).",
    ]
    assert render([there]).endswith("Everything that is needed is here.")
