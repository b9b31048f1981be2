"""How long the host waits for a device, and how often it tries."""

from __future__ import annotations

from dataclasses import dataclass

from hostctl.protocol.constants import GREETING_TIMEOUT_MS, REPLY_TIMEOUT_MS


@dataclass(frozen=True)
class Patience:
    """Seconds, and numbers of attempts.

    ``greeting_s``: for each HELLO, at least; ``reply_s``: for an acknowledgement, and at least for a result;
    ``reopen_s``: until a vanished port is back; ``greetings``: HELLOs before a device counts as silent; ``pings``:
    PINGs before it is greeted anew; ``attempts``: times that one sample is sent (more where the line loses much), and
    greetings in a row that bring no result; ``stuck_s``: until a device that answers but takes nothing is greeted anew.
    """

    greeting_s: float = GREETING_TIMEOUT_MS / 1000
    reply_s: float = REPLY_TIMEOUT_MS / 1000
    reopen_s: float = 30.0
    greetings: int = 5
    pings: int = 3
    attempts: int = 8
    stuck_s: float = 300.0


EMULATED = Patience(reopen_s=3.0, greetings=30, stuck_s=900.0)
"""For emulated boards: one that has ended is not plugged in again, one that runs is only slow on a busy computer."""
