"""Serial ports: what they say when they cannot be opened, are taken, or vanish."""

import errno
import os
import time
import tty
from types import SimpleNamespace

import pytest
import serial

from codegen.ir import SpikecError
from hostctl.transport import serial as transport
from hostctl.transport.serial import DeviceGone, SerialLine


@pytest.fixture
def pty():
    master, slave = os.openpty()
    tty.setraw(slave)
    yield SimpleNamespace(master=master, slave=slave, name=os.ttyname(slave))
    for fd in (master, slave):
        if fd != -1:
            try:
                os.close(fd)
            except OSError:
                assert fd, "closed by the test"


def read(line, length):
    data = b""
    deadline = time.monotonic() + 5
    while len(data) < length and time.monotonic() < deadline:
        data += line.exchange(b"", 0.1)[1]
    return data


def test_bytes_go_both_ways(pty):
    with SerialLine(pty.name) as line:
        assert line.exchange(b"", 0) == (0, b"")
        written, _ = line.exchange(bytes(range(256)), 1)
        assert os.read(pty.master, 1000) == bytes(range(written))
        os.write(pty.master, bytes(range(256)))
        assert read(line, 256) == bytes(range(256))


def test_a_full_line_takes_what_it_can_and_does_not_wait(pty):
    with SerialLine(pty.name) as line:
        sent = 0
        start = time.monotonic()
        while written := line.exchange(bytes(1 << 16), 0)[0]:
            sent += written
        assert 0 < sent < 1 << 22
        assert time.monotonic() - start < 2


def test_two_hosts_on_one_port(pty):
    with SerialLine(pty.name), pytest.raises(SpikecError, match="is in use by another program") as caught:
        SerialLine(pty.name)
    assert "fuser" in caught.value.problems[0].hint
    SerialLine(pty.name).close()


def test_no_such_port(monkeypatch):
    found = [SimpleNamespace(device="/dev/ttyACM7", description="A board")]
    monkeypatch.setattr(transport.list_ports, "comports", lambda: found)
    with pytest.raises(SpikecError, match=r"no such port.*/dev/ttyACM7 \(A board\)"):
        SerialLine("/dev/ttyNone")
    monkeypatch.setattr(transport.list_ports, "comports", list)
    with pytest.raises(SpikecError, match="is the board plugged in"):
        SerialLine("/dev/ttyNone")


def test_a_file_is_no_port(tmp_path):
    path = tmp_path / "file"
    path.write_text("x")
    with pytest.raises(SpikecError, match="cannot be opened"):
        SerialLine(str(path))


@pytest.mark.parametrize(
    ("code", "words"),
    [(errno.EACCES, "usermod -aG dialout"), (errno.EBUSY, "another program"), (errno.EIO, "cannot be opened")],
)
def test_errors_of_the_system_are_explained(monkeypatch, code, words):
    def refuse(*_args, **_options):
        raise serial.SerialException(code, os.strerror(code))

    monkeypatch.setattr(transport.serial, "Serial", refuse)
    with pytest.raises(SpikecError, match=words):
        SerialLine("/dev/ttyACM0")


def test_a_baud_rate_that_the_port_cannot_do(pty):
    with pytest.raises(SpikecError, match="baud"):
        SerialLine(pty.name, -5)


def test_a_port_that_vanishes_is_missed_and_found_again(tmp_path, pty):
    link = tmp_path / "port"
    link.symlink_to(pty.name)
    line = SerialLine(str(link))
    os.close(pty.master)
    os.close(pty.slave)
    with pytest.raises(DeviceGone, match="has gone"):
        read(line, 1)
    with pytest.raises(DeviceGone):
        line.exchange(b"x", 0)
    link.unlink()
    with pytest.raises(SpikecError, match=r"did not come back within 0 s.*--resume"):
        line.reopen(0.1)
    pty.master, pty.slave = os.openpty()
    tty.setraw(pty.slave)
    link.symlink_to(os.ttyname(pty.slave))
    line.reopen(1)
    os.write(pty.master, b"again")
    assert read(line, 5) == b"again"
    line.close()


def test_a_usb_device_is_known_by_its_serial_number(monkeypatch, pty):
    def port(device, number):
        return SimpleNamespace(device=device, vid=1, pid=2, serial_number=number, description="x")

    monkeypatch.setattr(transport.list_ports, "comports", lambda: [port("/dev/other", "B"), port(pty.name, "A")])
    line = SerialLine(pty.name)
    master, slave = os.openpty()
    monkeypatch.setattr(transport.list_ports, "comports", lambda: [port(os.ttyname(slave), "A")])
    line.reopen(1)
    assert line.name == os.ttyname(slave)
    line.close()
    os.close(master)
    os.close(slave)
    monkeypatch.setattr(transport.list_ports, "comports", list)
    assert transport._find((1, 2, "A")) is None
