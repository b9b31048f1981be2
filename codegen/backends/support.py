"""Which backend can make which node, read off the template folders."""

from __future__ import annotations

from codegen.backends.templates import NODES, supported
from codegen.ir.layers import kinds
from codegen.ir.neurons import models
from codegen.resources import folder


def backends() -> list[str]:
    """Every backend: the template folders that hold templates for nodes."""
    return sorted(path.name for path in folder("templates").iterdir() if (path / NODES[0]).is_dir())


def matrix() -> dict[str, dict[str, bool]]:
    """Node (``layers/affine``, ``neurons/snn_ct``, ...) to backend to whether the backend can make it."""
    nodes = {"layers": sorted(kinds()), "neurons": sorted(models())}
    have = {name: {node: supported(name, node) for node in NODES} for name in backends()}
    return {
        f"{node}/{kind}": {name: kind in have[name][node] for name in have} for node in NODES for kind in nodes[node]
    }
