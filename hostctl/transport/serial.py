"""A serial port: opened for one host alone, read and written without waiting, missed when it vanishes."""

from __future__ import annotations

import contextlib
import errno
import grp
import os
import select
import time
from pathlib import Path
from types import TracebackType
from typing import Self

import serial
from serial.tools import list_ports

from codegen.ir import SpikecError, fail

READ_BYTES = 1 << 16
RETRY_S = 0.2
PULSE_S = 0.1
_BUSY = (errno.EBUSY, errno.EAGAIN, errno.EWOULDBLOCK)
_DENIED = (errno.EACCES, errno.EPERM)


class DeviceGone(SpikecError):  # noqa: N818 - it says what happened
    """The port was there and has vanished: unplugged, or its emulator has ended."""


class SerialLine:
    """An open serial port. ``name`` is its path; it may change when the device is plugged in again elsewhere."""

    def __init__(self, port: str, baud: int = 115_200) -> None:
        """Open the port. Raises SpikecError: no such port, no permission, in use by another program, no serial port."""
        self.name = port
        self._baud = baud
        self._serial = _open(port, baud)
        self._identity = _identity(port)

    def exchange(self, outgoing: bytes | bytearray | memoryview, timeout: float) -> tuple[int, bytes]:
        """Write as much of ``outgoing`` as the line takes now, and read what has come.

        Waits at most ``timeout`` seconds for either. Returns the number of bytes written, and the bytes read.
        Raises DeviceGone when the port has vanished.
        """
        try:
            fd = self._serial.fileno()
            readable, writable, _ = select.select([fd], [fd] if len(outgoing) else [], [], max(0.0, timeout))
            written = _write(fd, outgoing) if writable else 0
            data = os.read(fd, READ_BYTES) if readable else b""
        except (OSError, ValueError, TypeError, serial.SerialException) as error:
            raise self._gone(getattr(error, "strerror", None) or str(error)) from error
        if readable and not data:
            raise self._gone("the other end is closed")
        return written, data

    def _gone(self, why: str) -> DeviceGone:
        self.close()
        return DeviceGone(fail(self.name, f"the device has gone ({why})", "Plug it in again").problems)

    def reopen(self, timeout: float) -> None:
        """Wait until the port is back, at most ``timeout`` seconds. Raises SpikecError when it is not.

        A USB device may come back under another name: it is known by its serial number.
        """
        self.close()
        deadline = time.monotonic() + timeout
        while True:
            try:
                name = _find(self._identity) or self.name
                self._serial = _open(name, self._baud)
                self.name = name
                return
            except SpikecError as error:
                if time.monotonic() >= deadline:
                    what = f"vanished and did not come back within {timeout:.0f} s"
                    hint = f"Last attempt: {error}. 'spikec stream --resume' goes on where this run stopped"
                    raise fail(self.name, what, hint) from error
            time.sleep(RETRY_S)

    def pulse_reset(self) -> None:
        """Drop DTR and RTS for a moment, which resets boards that have one of them wired to it, and others not.

        Raises DeviceGone when the port has vanished.
        """
        try:
            self._serial.dtr = self._serial.rts = False
            time.sleep(PULSE_S)
            self._serial.dtr = self._serial.rts = True
        except (OSError, ValueError, serial.SerialException) as error:
            raise self._gone(getattr(error, "strerror", None) or str(error)) from error

    def close(self) -> None:
        """Give the port back; may be called twice."""
        with contextlib.suppress(OSError, serial.SerialException):
            self._serial.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _write(fd: int, outgoing: bytes | bytearray | memoryview) -> int:
    try:
        return os.write(fd, outgoing)
    except BlockingIOError:
        return 0


def _open(port: str, baud: int) -> serial.Serial:
    try:
        line = serial.Serial(port, baud, timeout=0, write_timeout=0, exclusive=True)
    except ValueError as error:
        raise fail(
            port, f"cannot be opened at {baud} baud ({error})", "Check the port's name and the baud rate"
        ) from error
    except (serial.SerialException, OSError) as error:
        raise _explain(port, error) from error
    with contextlib.suppress(OSError, ValueError, NotImplementedError, AttributeError):
        line.set_low_latency_mode(True)  # USB adapters otherwise gather bytes for 16 ms; others know no such mode.
    return line


def _explain(port: str, error: OSError) -> SpikecError:
    code = error.errno
    if code in (errno.ENOENT, errno.ENODEV, errno.ENXIO):
        return fail(port, "there is no such port", ports_hint())
    if code in _DENIED:
        return fail(port, "you may not open it", _permission_hint(port))
    if code in _BUSY:
        hint = "Close the other program (a serial monitor, another spikec): 'fuser " + port + "' names it"
        return fail(port, "is in use by another program", hint)
    return fail(port, f"cannot be opened ({error.strerror or error})", ports_hint())


def _permission_hint(port: str) -> str:
    """Make the two ways out: the group that owns the port, and a rule for udev that names the device."""
    group, rule = "dialout", 'SUBSYSTEM=="tty"'
    with contextlib.suppress(OSError, KeyError):
        group = grp.getgrgid(Path(port).stat().st_gid).gr_name
    for info in list_ports.comports():
        if info.device in (port, os.path.realpath(port)) and info.vid is not None:
            rule += f', ATTRS{{idVendor}}=="{info.vid:04x}", ATTRS{{idProduct}}=="{info.pid:04x}"'
    udev = (
        f"echo '{rule}, TAG+=\"uaccess\"' | sudo tee /etc/udev/rules.d/70-spikec.rules && "
        "sudo udevadm control --reload && sudo udevadm trigger, and plug it in again"
    )
    if group == "root":  # Nobody should join that.
        return f"Let udev give it to whoever is logged in: {udev}"
    return f"Join the group that owns it: 'sudo usermod -aG {group} $USER', then log in again; or: {udev}"


def ports_hint() -> str:
    """Make a sentence that names the serial ports of this computer."""
    found = [f"{port.device} ({port.description})" for port in list_ports.comports() if port.description != "n/a"]
    if not found:
        return "No serial port was found: is the board plugged in, by a cable that carries data?"
    return "Serial ports here: " + ", ".join(sorted(found))


_Identity = tuple[int, int, str]


def _identity(port: str) -> _Identity | None:
    """USB vendor, product and serial number of the device behind a port, where it has them."""
    real = os.path.realpath(port)
    for info in list_ports.comports():
        if info.device in (port, real) and info.serial_number:
            return info.vid, info.pid, info.serial_number
    return None


def _find(identity: _Identity | None) -> str | None:
    if identity is None:
        return None
    for info in list_ports.comports():
        if (info.vid, info.pid, info.serial_number) == identity:
            return str(info.device)
    return None
