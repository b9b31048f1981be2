"""All checks, side by side: most of the time goes into waiting for other programs."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from hostctl.doctor import boards, data, platformio, python, serial_ports
from hostctl.doctor.ask import ask
from hostctl.doctor.check import Check
from hostctl.doctor.install import install_command


def diagnose() -> list[Check]:
    """Look at this machine. Runs other programs with bounded waits; changes nothing. Takes a second or two."""
    with ThreadPoolExecutor(max_workers=4) as pool:
        builder = pool.submit(platformio.checks)
        tools = pool.submit(boards.checks, ())  # Asks the compilers while PlatformIO starts.
        local = pool.submit(lambda: (python.checks(), serial_ports.checks(), data.checks()))
        tools.result()
        packages, ports, found_data = local.result()
        shared = builder.result()
    machines = boards.checks(shared)
    return [
        *packages,
        *(check for check in machines if check.group == boards.TOOLS),
        _git(),
        *shared,
        *ports,
        *found_data,
        *(check for check in machines if check.group == boards.BOARDS),
    ]


def _git() -> Check:
    answer = ask(["git", "--version"])
    fix = "" if answer.ok else install_command(["git"])
    found = answer.first_line or "not found"
    return Check("git", answer.ok, found, "working on spikec itself", fix, boards.TOOLS, optional=True)
