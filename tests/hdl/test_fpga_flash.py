"""Bitstreams go onto boards by openFPGALoader, and what is wrong is told in words."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from codegen.board import load_board
from codegen.ir import SpikecError
from hostctl.cli.main import run
from hostctl.fpga import flash as flashing
from hostctl.fpga import flash_bitstream
from hostctl.fpga.tool import Tool


def project(folder: Path, **changes: object) -> Path:
    """A project with the result of a synthesis."""
    (folder / "synthesis").mkdir()
    (folder / "synthesis" / "spikec_top.bit").write_bytes(bytes(64))
    result = {"board": "ulx3s_85f", "met": True, "bitstream": "elsewhere/spikec_top.bit"} | changes
    (folder / "synthesis" / "result.json").write_text(json.dumps(result))
    return folder


def loader(monkeypatch: pytest.MonkeyPatch, said: str, status: int) -> None:
    code = f"import sys; print(sys.argv[1:]); print({said!r}); sys.exit({status})"
    monkeypatch.setattr(flashing, "LOADER", Tool("openFPGALoader", "json", "pip", code))


def test_what_openfpgaloader_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    loader(monkeypatch, "DONE", 0)
    told: list[str] = []
    made = project(tmp_path)
    assert flash_bitstream(made, load_board("ulx3s_85f"), log=told.append) == made / "synthesis" / "spikec_top.bit"
    assert told == ["['--board', 'ulx3s', 'synthesis/spikec_top.bit']", "DONE"]
    flash_bitstream(made, load_board("ulx3s_85f"), permanent=True, log=told.append)
    assert told[2] == "['--board', 'ulx3s', '--write-flash', 'synthesis/spikec_top.bit']"


def test_without_a_board(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """openFPGALoader itself, on a machine without a board."""
    assert run(["flash", str(project(tmp_path)), "--board", "ulx3s_85f"]) == 2
    assert "board ulx3s_85f: no board was found at a USB port. Plug it in" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("unable to open ftdi device: -4 (usb_open() failed)", "this user may not use the board's USB device"),
        ("unable to open ftdi device: -3 (device not found)", "no board was found at a USB port"),
        (
            "error while loading shared libraries: libftdi1.so.2: cannot open",
            "a library of the system's is missing: libftdi1",
        ),
        ("CRC mismatch", r"cannot be flashed\. openFPGALoader said:\n .*\n  CRC mismatch"),
    ],
)
def test_reasons(said: str, told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    loader(monkeypatch, said, 1)
    with pytest.raises(SpikecError, match=told):
        flash_bitstream(project(tmp_path), load_board("ulx3s_85f"))


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"board": "icebreaker"}, "is built for the board icebreaker"),
        ({"met": False, "bitstream": None}, "its timing was not met"),
        ({"bitstream": "elsewhere/other.bit"}, r"other\.bit: is missing"),
    ],
)
def test_projects_without_a_fitting_bitstream(changes: dict[str, object], told: str, tmp_path: Path) -> None:
    with pytest.raises(SpikecError, match=told):
        flash_bitstream(project(tmp_path, **changes), load_board("ulx3s_85f"))


def test_what_cannot_be_flashed(tmp_path: Path) -> None:
    for board_id, told in {
        "ulx3s_85f": "holds no bitstream",
        "arty_a7_100t": r"spikec_top\.bit: is missing\. Make it in that folder: vivado",
        "de10_nano": "its bitstream is Quartus's affair",
        "native": "has no FPGA",
        "fpga_sim": "is simulated",
    }.items():
        with pytest.raises(SpikecError, match=told):
            flash_bitstream(tmp_path, load_board(board_id))
