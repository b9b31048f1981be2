"""The command that installs a system package here. Boards name packages as Debian does; other systems translate."""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence

_MANAGERS = {
    "apt-get": "apt-get install -y",
    "dnf": "dnf install -y",
    "pacman": "pacman -S --needed",
    "brew": "brew install",
}
"""Package managers in the order of preference, and how each installs."""

_NAMES = {
    "dnf": {
        "gcc-arm-none-eabi": "arm-none-eabi-gcc-cs",
        "libnewlib-arm-none-eabi": "arm-none-eabi-newlib",
        "gcc-avr": "avr-gcc",
        "g++": "gcc-c++",
    },
    "pacman": {
        "gcc-arm-none-eabi": "arm-none-eabi-gcc",
        "libnewlib-arm-none-eabi": "arm-none-eabi-newlib",
        "gcc-avr": "avr-gcc",
        "qemu-system-misc": "qemu-system-riscv",
        "g++": "gcc",
    },
    "brew": {
        "gcc-arm-none-eabi": "gcc-arm-embedded",
        "libnewlib-arm-none-eabi": "gcc-arm-embedded",
        "qemu-system-arm": "qemu",
        "qemu-system-misc": "qemu",
        "g++": "gcc",
    },
}
"""Debian's name of a package to another system's, where they differ."""


def manager() -> str:
    """The system's package manager, or '' when none of those known is here."""
    return next((name for name in _MANAGERS if shutil.which(name)), "")


def install_command(packages: Sequence[str]) -> str:
    """What to type to install these packages (Debian's names) on this system."""
    here = manager()
    if not packages:
        return ""
    if not here:
        return f"install with your system's package manager (Debian's names): {' '.join(packages)}"
    names = dict.fromkeys(_NAMES.get(here, {}).get(package, package) for package in packages)
    return f"{_sudo(here)}{_MANAGERS[here]} {' '.join(names)}"


def _sudo(here: str) -> str:
    return "" if here == "brew" or os.geteuid() == 0 else "sudo "
