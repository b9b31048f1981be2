"""Which serial ports have a board that carries a network: by their USB ids, and by greeting what is there."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

from serial.tools import list_ports

from codegen.board import Board
from codegen.ir import Network, SpikecError, fail
from hostctl.stream.device import Device
from hostctl.stream.patience import Patience
from hostctl.transport.serial import ports_hint

VENDORS = {
    0x0403: "FTDI",
    0x0483: "STMicroelectronics",
    0x0D28: "Arm DAPLink",
    0x10C4: "Silicon Labs",
    0x1366: "SEGGER",
    0x1A86: "WCH",
    0x1D50: "OpenMoko",
    0x2341: "Arduino",
    0x239A: "Adafruit",
    0x2E8A: "Raspberry Pi",
    0x303A: "Espressif",
    0x067B: "Prolific",
    0x16C0: "Teensy",
}
"""USB vendors of boards and of the adapters on them: their ports are asked first."""
GREETINGS = 2


@dataclass(frozen=True)
class Candidate:
    """A USB serial port. ``vendor`` is its maker's name where it is known."""

    port: str
    vendor: str | None
    description: str

    def __str__(self) -> str:
        return f"{self.port} ({self.vendor or self.description})"


def candidates() -> list[Candidate]:
    """The USB serial ports of this computer, makers of boards first."""
    found = [
        Candidate(info.device, VENDORS.get(info.vid), info.description or "")
        for info in list_ports.comports()
        if info.vid is not None
    ]
    return sorted(found, key=lambda candidate: (candidate.vendor is None, candidate.port))


def find_devices(network: Network, board: Board, patience: Patience, note: Callable[[str], None]) -> list[Device]:
    """Greet everything on USB at once; give the boards of this kind that carry the network, opened.

    ``note`` is told why a port is none of them. Raises SpikecError, with what every port said, when there is none.
    """
    ports = candidates()
    if not ports:
        raise fail("--port", "is not given, and no USB serial port was found", ports_hint())
    quick = replace(patience, greetings=GREETINGS)
    with ThreadPoolExecutor(len(ports), "greet") as pool:
        answers = list(pool.map(lambda candidate: _greet(candidate, network, board, quick, note), ports))
    found = [answer for answer in answers if isinstance(answer, Device)]
    for device in found:
        device.patience = patience
    refusals = [answer for answer in answers if isinstance(answer, str)]
    if not found:
        said = "\n".join(refusals)
        raise fail("--port", f"no {board.id} with network '{network.name}' answers on USB", f"The ports said:\n{said}")
    for refusal in refusals:
        note(refusal)
    return found


def only_one(devices: Sequence[Device]) -> Device:
    """The only device there is. Raises SpikecError, and closes them, when there are several."""
    if len(devices) == 1:
        return devices[0]
    names = ", ".join(device.line.name for device in devices)
    for device in devices:
        device.close()
    raise fail("--port", f"is not given, and several boards answer: {names}", "Name one, or --port all to use them all")


def _greet(
    candidate: Candidate, network: Network, board: Board, patience: Patience, note: Callable[[str], None]
) -> Device | str:
    try:
        device = Device.open(candidate.port, network, baud=board.baud, patience=patience, note=note)
    except SpikecError as error:
        return f"{candidate}: {error}"
    if device.greeting.board != board.id:
        device.close()
        return f"{candidate}: it is the board {device.greeting.board}"
    return device
