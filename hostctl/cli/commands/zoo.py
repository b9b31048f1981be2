"""``spikec zoo``: the trained networks that come with spikec."""

from __future__ import annotations

import click

from hostctl.cli.options import json_option
from hostctl.cli.output import Output


@click.command("zoo")
@click.argument("name", required=False)
@click.option("--markdown", "as_table", is_flag=True, help="Print the list as a table in Markdown.")
@json_option
def command(out: Output, name: str | None, as_table: bool) -> None:
    """List the trained networks that come with spikec, or show the model card of the one called NAME.

    Their names can be given wherever a command takes a network.
    """
    from codegen import zoo
    from codegen.ir import load
    from hostctl.cli import zoo_text

    found = [zoo.card(name)] if name else zoo.cards()
    paths = [zoo.folder() / f"{card.name}.spk" for card in found]
    networks = [load(path) for path in paths]
    values = [zoo_text.card_json(*three) for three in zip(found, networks, paths, strict=True)]
    if name:
        out.result(values[0], zoo_text.card_text(found[0], networks[0]))
        return
    entries = "\n\n".join(map(zoo_text.entry, found, networks))
    out.result({"networks": values}, zoo_text.markdown(found) if as_table else entries or zoo_text.EMPTY)
