"""The templates of a backend: found by listing its folder, strict about names that are not there."""

from __future__ import annotations

from functools import cache

import jinja2

from codegen.ir import fail
from codegen.resources import folder

NODES = ("layers", "neurons")
"""The template folders whose files are named by node kinds."""


@cache
def environment(backend: str) -> jinja2.Environment:
    """The Jinja environment of ``templates/<backend>``. Undefined names are errors; nothing is escaped."""
    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(folder("templates") / backend),
        undefined=jinja2.StrictUndefined,
        autoescape=False,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


def supported(backend: str, node: str) -> dict[str, str]:
    """Kinds of ``layers`` or ``neurons`` that a backend has a template for, with its name."""
    found = (folder("templates") / backend / node).glob("*.j2")
    return {path.name.split(".")[0]: f"{node}/{path.name}" for path in sorted(found)}


def template_of(backend: str, node: str, kind: str, where: str) -> str:
    """The template's name for a kind of node. Raises SpikecError, naming what is supported, where there is none."""
    known = supported(backend, node)
    if kind not in known:
        what = f"the {backend} backend has no template for {node.removesuffix('s')} '{kind}'"
        raise fail(where, what, f"It has: {', '.join(known) or 'none'} (see 'spikec support')")
    return known[kind]
