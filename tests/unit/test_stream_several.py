"""Several boards share the samples; one that dies hands its work to the others; ports are found; the monitor."""

import contextlib
import time
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from stream_helpers import BOARD, NETWORK, QUICK, FakeDevice, Faults, make_samples, open_device, random_network

from codegen.ir import SpikecError, simulate_batch
from hostctl.cli.main import run
from hostctl.protocol import Ack, ToHost, encode_frame
from hostctl.results import read_run, run_stream
from hostctl.stream import Patience, find, stream_over
from hostctl.stream.find import find_devices, only_one
from hostctl.stream.watch import Watcher
from hostctl.transport import serial

SHORT = Patience(greeting_s=0.4, reply_s=0.2, reopen_s=0.3, greetings=2, pings=1)


@contextlib.contextmanager
def boards(tmp_path, *faults, patience=QUICK, network=NETWORK):
    """So many devices as there are faults, open."""
    with contextlib.ExitStack() as stack:
        devices = []
        for i, fault in enumerate(faults):
            (tmp_path / str(i)).mkdir()
            fake = stack.enter_context(FakeDevice(network, tmp_path / str(i), fault))
            devices.append((fake, stack.enter_context(open_device(fake, network, patience))))
        yield devices


def check_all(samples, found):
    assert sorted(result.index for _, result in found) == list(range(len(samples)))
    for _, result in found:
        batch = simulate_batch(NETWORK, samples[result.index].inputs(NETWORK)[None])
        assert np.array_equal(result.membranes, batch.membranes[0, -1])


def test_two_boards_share_the_samples(tmp_path):
    samples, notes = make_samples(60), []
    with boards(tmp_path, None, None) as devices:
        found = list(stream_over([d for _, d in devices], samples, len(samples), note=notes.append))
    check_all(samples, found)
    assert {number for number, _ in found} == {0, 1}
    assert not notes


@pytest.mark.parametrize("at", [1, 30, 70])
def test_a_board_that_dies_hands_its_work_to_the_others(tmp_path, at):
    samples, notes = make_samples(80), []
    with boards(tmp_path, Faults(stop_at=at), None, None, patience=SHORT) as devices:
        found = list(stream_over([d for _, d in devices], samples, len(samples), note=notes.append))
    check_all(samples, found)
    assert len(notes) == 1
    assert "is given up" in notes[0]


def test_boards_that_all_die(tmp_path):
    samples = make_samples(80)
    with (
        boards(tmp_path, Faults(stop_at=20), Faults(stop_at=30), patience=SHORT) as devices,
        pytest.raises(SpikecError) as caught,
    ):
        list(stream_over([d for _, d in devices], samples, len(samples), note=lambda _: None))
    assert len(caught.value.problems) == 2


def test_a_run_over_two_boards_says_which_answered(tmp_path):
    with boards(tmp_path, None, None) as devices:
        summary = run_stream(NETWORK, BOARD, [d for _, d in devices], make_samples(40), tmp_path / "run")
    assert (summary.samples, summary.different) == (40, 0)
    assert summary.link["greetings"] == 2
    assert {sample.device for sample in read_run(tmp_path / "run").samples} == {0, 1}


def test_boards_of_two_kinds_are_not_mixed(tmp_path):
    with (
        boards(tmp_path, None, Faults(greeting={"board": "other"})) as devices,
        pytest.raises(SpikecError, match="the boards are not alike"),
    ):
        list(stream_over([d for _, d in devices], make_samples(4), 4, note=lambda _: None))


def usb(monkeypatch, *ports):
    """Let the computer have these ports: (device, vendor)."""
    infos = [
        SimpleNamespace(device=port, vid=vid, pid=1, description="a port", serial_number=None) for port, vid in ports
    ]
    monkeypatch.setattr(find.list_ports, "comports", lambda: infos)


def test_boards_are_found_by_greeting_what_is_on_usb(tmp_path, monkeypatch):
    notes = []
    with contextlib.ExitStack() as stack:
        fakes = []
        faults = [
            Faults(greeting={"board": "native"}),
            Faults(mute=True),
            Faults(),
            Faults(greeting={"board": "native"}),
        ]
        for i, (network, fault) in enumerate(zip([NETWORK, NETWORK, NETWORK, random_network(9)], faults, strict=True)):
            (tmp_path / str(i)).mkdir()
            fakes.append(stack.enter_context(FakeDevice(network, tmp_path / str(i), fault)))
        usb(monkeypatch, *((fake.port, 0x0483) for fake in fakes), ("/dev/ttyS0", None))
        (device,) = find_devices(NETWORK, BOARD, replace(SHORT, greetings=5), notes.append)
        assert device.line.name == fakes[0].port
        assert device.patience.greetings == 5
        assert only_one([device]) is device
        device.close()
    assert [word for word in ("no answer", "it is the board fake", "another network") if word in "\n".join(notes)] == [
        "no answer",
        "it is the board fake",
        "another network",
    ]


def test_no_board_on_usb(monkeypatch):
    usb(monkeypatch)
    with pytest.raises(SpikecError, match="no USB serial port was found"):
        find_devices(NETWORK, BOARD, SHORT, lambda _: None)
    usb(monkeypatch, ("/dev/ttyNONE", 0x0483))
    with pytest.raises(SpikecError, match=r"(?s)no native with network 'tiny' answers on USB.*STMicro.*no such port"):
        find_devices(NETWORK, BOARD, SHORT, lambda _: None)


def test_several_boards_and_no_word_which(tmp_path):
    with (
        boards(tmp_path, None, None) as devices,
        pytest.raises(SpikecError, match=r"several boards answer.*--port all"),
    ):
        only_one([device for _, device in devices])


def test_makers_of_boards_are_asked_first(monkeypatch):
    usb(monkeypatch, ("/dev/ttyUSB0", 0x9999), ("/dev/ttyUSB1", 0x2341))
    assert [str(candidate) for candidate in find.candidates()] == ["/dev/ttyUSB1 (Arduino)", "/dev/ttyUSB0 (a port)"]


def test_permission_is_explained_with_a_rule_for_udev(tmp_path, monkeypatch):
    usb(monkeypatch, (str(tmp_path), 0x0483))
    hint = serial._permission_hint(str(tmp_path))
    assert 'ATTRS{idVendor}=="0483", ATTRS{idProduct}=="0001"' in hint
    assert "udevadm control --reload" in hint


def test_the_monitor_shows_frames_and_text():
    watcher = Watcher()
    ack = encode_frame(ToHost.ACK, 3, Ack(7).pack())
    assert watcher.feed(ack[:5]) == []
    assert watcher.feed(ack[5:]) == ["#3 ACK 7"]
    assert watcher.feed(encode_frame(ToHost.LOG, 4, b"21 degrees")) == ["#4 LOG 21 degrees"]
    assert watcher.feed(b"boot v1\r\nready") == ["boot v1"]
    assert watcher.feed(b"\n") == ["ready"]
    assert watcher.feed(b"\x01\x02\0") == [r"2 bytes that are no frame: b'\x01\x02'"]
    assert watcher.feed(encode_frame(0x99, 0, b"")) == ["#0 a frame of unknown type 0x99, 0 bytes"]
    assert "does not hold its message" in watcher.feed(encode_frame(ToHost.ACK, 0, b""))[0]
    watcher.feed(b"the end")
    assert watcher.finish() == ["the end"]


def test_the_monitors_command(tmp_path, capsys):
    with FakeDevice(NETWORK, tmp_path, Faults(log=b"21 degrees")) as fake:
        assert run(["monitor", "--port", fake.port, "--hello", "--seconds", "0.6"]) == 0
        time.sleep(0.1)
        said = capsys.readouterr().out
    assert "GREETING fake, spikec 0, network tiny" in said
    assert "LOG 21 degrees" in said
