"""May this user talk to serial ports, and which are there?"""

from __future__ import annotations

import getpass
import grp
import os

from serial.tools import list_ports

from hostctl.doctor.check import Check

GROUP = "Serial ports"
_GROUPS = ("dialout", "uucp")
"""Who owns serial ports: Debian and Fedora, Arch."""


def checks() -> list[Check]:
    """The permission, and each port with its description."""
    return [_permission(), *(_port(port.device, port.description) for port in sorted(list_ports.comports()))]


def _permission() -> Check:
    groups = [group for group in grp.getgrall() if group.gr_name in _GROUPS]
    if os.geteuid() == 0:
        return _check("permission", True, "this is the root user", "")
    if not groups:
        return _check("permission", True, "this system has no group for serial ports", "")
    mine = [group.gr_name for group in groups if group.gr_gid in os.getgroups()]
    if mine:
        return _check("permission", True, f"member of the group '{mine[0]}'", "")
    name = groups[0].gr_name
    fix = f"sudo usermod -aG {name} {getpass.getuser()}  (then log in again)"
    return _check("permission", False, f"not a member of the group '{name}'", fix)


def _port(device: str, description: str) -> Check:
    ok = os.access(device, os.R_OK | os.W_OK)
    words = description if description not in ("", "n/a") else "usable"
    return _check(device, ok, words if ok else "may not be read and written", "" if ok else f"sudo chmod a+rw {device}")


def _check(name: str, ok: bool, found: str, fix: str) -> Check:
    return Check(name, ok, found, "real boards", fix, GROUP, optional=True)
