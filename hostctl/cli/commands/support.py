"""``spikec support``: which neurons and layers which backend can make."""

from __future__ import annotations

import click

from hostctl.cli.options import json_option
from hostctl.cli.output import Output


@click.command("support")
@json_option
def command(out: Output) -> None:
    """Show which neurons and layers each backend supports."""
    from codegen.backends.support import matrix

    rows = matrix()
    backends = sorted({name for row in rows.values() for name in row})
    lines = [f"{'node':<20}" + "".join(f"{name:>10}" for name in backends)]
    for node, row in sorted(rows.items()):
        lines.append(f"{node:<20}" + "".join(f"{'yes' if row.get(name) else 'no':>10}" for name in backends))
    out.result({"support": rows}, "\n".join(lines))
