"""An instrument on a serial port: asked and answered, then listened to in the background while it measures."""

from __future__ import annotations

import threading
import time

import serial

from codegen.ir import fail

READ_BYTES = 1 << 16
POLL_S = 0.02


class InstrumentPort:
    """A serial port of an instrument. ``name`` is its path."""

    def __init__(self, port: str, baud: int) -> None:
        """Open it for us alone. Raises SpikecError when that fails."""
        self.name = port
        try:
            self._serial = serial.Serial(port, baud, timeout=POLL_S, write_timeout=2.0, exclusive=True)
        except (OSError, ValueError, serial.SerialException) as error:
            hint = "Check the meter's cable, the port's name and your permission ('spikec doctor' tells)"
            raise fail(port, f"the meter's port cannot be opened ({error})", hint) from error
        self._thread: threading.Thread | None = None
        self._ending = threading.Event()
        self._chunks: list[bytes] = []
        self._gone: Exception | None = None

    def send(self, data: bytes) -> None:
        """Write a command. Raises SpikecError when the port has gone."""
        try:
            self._serial.write(data)
        except (OSError, serial.SerialException) as error:
            raise fail(self.name, f"the meter has gone ({error})", "Plug it in again") from error

    def drain(self) -> None:
        """Throw away what has come unasked."""
        while self._serial.read(READ_BYTES):
            pass

    def until(self, end: bytes, timeout: float = 2.0) -> bytes:
        """What comes, up to and with ``end``. Raises SpikecError when it does not come in ``timeout`` seconds."""
        heard, limit = bytearray(), time.monotonic() + timeout
        while not heard.endswith(end):
            if time.monotonic() > limit:
                said = bytes(heard[-80:]).decode("ascii", "replace").strip() or "nothing"
                hint = "Check that it is this kind of meter, and give it power anew"
                raise fail(self.name, f"the meter does not answer as it should (it said: {said})", hint)
            heard += self._serial.read(1)
        return bytes(heard)

    def listen(self) -> None:
        """Begin to collect what comes, in the background."""
        self._chunks, self._gone = [], None
        self._ending.clear()
        self.started = time.monotonic()
        self._thread = threading.Thread(target=self._collect, name="meter", daemon=True)
        self._thread.start()

    def collected(self) -> bytes:
        """End collecting, and hand over what has come. Raises SpikecError when the port vanished meanwhile."""
        self._ending.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None
        if self._gone is not None:
            hint = "Plug it in again, and run with --resume"
            raise fail(self.name, f"the meter has gone while it measured ({self._gone})", hint)
        return b"".join(self._chunks)

    def close(self) -> None:
        """Close the port; allowed twice."""
        self._ending.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None
        self._serial.close()

    def _collect(self) -> None:
        try:
            while not self._ending.is_set():
                data = self._serial.read(max(1, self._serial.in_waiting))
                if data:
                    self._chunks.append(data)
        except (OSError, TypeError, serial.SerialException) as error:
            self._gone = error
