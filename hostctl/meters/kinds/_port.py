"""A meter's serial port, opened for us alone; what goes wrong is told to people."""

from __future__ import annotations

import time

import serial

from codegen.ir import SpikecError, fail

WAIT_S = 0.02


def open_port(where: str, kind: str, baud: int = 115_200) -> serial.Serial:
    """Open a meter's port. Raises SpikecError when it cannot be."""
    if not where:
        raise fail("--meter", f"{kind} needs its serial port", f"As in '{kind}:/dev/ttyACM0'")
    try:
        return serial.Serial(where, baud, timeout=WAIT_S, write_timeout=2.0, exclusive=True)
    except (OSError, ValueError) as error:
        raise fail(
            where, f"the meter's port cannot be opened ({error})", "Check the cable, the name and its rights"
        ) from error


def read_some(port: serial.Serial) -> bytes:
    """Give what has come, after at most WAIT_S. Raises SpikecError when the meter was unplugged."""
    try:
        return bytes(port.read(max(1, port.in_waiting)))
    except OSError as error:
        raise fail(str(port.name), f"the meter has gone ({error})", "Plug it in again and repeat the run") from error


def read_until(port: serial.Serial, ends: tuple[bytes, ...], patience_s: float = 3.0) -> bytes:
    """Give all up to what contains one of ``ends``. Raises SpikecError when it does not come."""
    said, deadline = b"", time.monotonic() + patience_s
    while not any(end in said for end in ends):
        if time.monotonic() > deadline:
            raise fail(str(port.name), f"the meter does not answer (it said {said[-60:]!r})", "Is it the right port?")
        said += read_some(port)
    return said


def send(port: serial.Serial, data: bytes) -> None:
    """Send. Raises SpikecError when the meter takes nothing or has gone."""
    try:
        port.write(data)
    except (OSError, serial.SerialException) as error:
        raise fail(str(port.name), f"the meter takes no command ({error})", "Plug it in again") from error


__all__ = ["SpikecError", "open_port", "read_some", "read_until", "send"]
