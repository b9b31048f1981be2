"""The ``spikec`` command. Modules of heavy libraries are imported by the command that needs them, not before."""

from __future__ import annotations

import sys

from hostctl.cli.main import run


def main() -> None:
    """Entry point of the console script."""
    sys.exit(run(sys.argv[1:]))
