"""``spikec doctor``: what is installed, what is missing, and the command that installs it."""

from __future__ import annotations

from dataclasses import asdict

import click

from hostctl.cli.options import json_option
from hostctl.cli.output import Output


@click.command("doctor")
@json_option
def command(out: Output) -> None:
    """Say what is installed, what is missing, and what installs it."""
    from hostctl.doctor import diagnose, render

    checks = diagnose()
    out.result({"checks": [asdict(check) for check in checks]}, render(checks))
