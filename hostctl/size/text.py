"""A memory report for the terminal; it takes the JSON value, so that reports of earlier runs print as well."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

NAMES = {"flash": "flash", "ram": "RAM", "fast": "fast memory"}
"""Memories of a report by their keys; the last is in it only where weights have memory of their own."""


def memories(build: Mapping[str, Any], board: Mapping[str, Any]) -> list[tuple[str, str, int, int]]:
    """Of each memory that a build's figures tell: its key, the board's name for it, bytes taken, and bytes there."""
    found = [(key, NAMES[key], build[key], board[key]) for key in ("flash", "ram") if build.get(key) is not None]
    if build.get("fast"):
        found.append(("fast", board["fast"]["name"], build["fast"], board["fast"]["bytes"]))
    return found


def memory_lines(memory: Mapping[str, Any]) -> list[tuple[str, str]]:
    """In short, name and value of each line: what the stack may take, and whether there is a heap."""
    return [("stack", stack_words(memory["stack"])), ("heap", heap_words(memory["heap"]))]


def stack_words(stack: Mapping[str, Any]) -> str:
    """How deep the stack can get."""
    if stack["bound"] is None:
        return f"not bounded: {stack['unknown']}"
    kept = f" of {stack['kept']:,} that are kept for it" if stack["kept"] is not None else ""
    outside = ", without the C library's own" if stack["outside"] else ""
    return f"{stack['bound']:,} bytes at most{kept}{outside} (bound)"


def heap_words(heap: list[str]) -> str:
    """Whether anything can be on the heap."""
    return f"used: {', '.join(heap)}" if heap else "nothing: the program has no function of a heap"


def memory_text(memory: Mapping[str, Any]) -> str:
    """Every line of flash and RAM, and the deepest way down the stack. Lines of 0 bytes are left out."""
    lines = list[str]()
    for key, name in NAMES.items():
        if key in memory:
            lines += [*_table(name, memory[key]), ""]
    return "\n".join([*lines, *_stack(memory["stack"]), f"heap: {heap_words(memory['heap'])}"])


def _table(name: str, memory: Mapping[str, Any]) -> Iterator[str]:
    yield _line(name, memory["total"], 0)
    if memory["minimum"]:
        yield _line("the network's minimum", memory["least"], 2)
        yield from (_line(line["words"], line["bytes"], 4) for line in memory["minimum"])
    yield _line("on top of it", memory["total"] - memory["least"], 2)
    yield from (_line(line["words"], line["bytes"], 4) for line in memory["on_top"] if line["bytes"])


def _stack(stack: Mapping[str, Any]) -> Iterator[str]:
    yield f"stack: {stack_words(stack)}"
    if stack["bound"] is not None:
        ways = (
            ("main", "deepest way"),
            ("interrupt", "an interrupt or a fault on top"),
            ("second", "on the second core"),
        )
        for name, words in ways:
            if stack.get(name):
                yield f"  {words}: " + ", ".join(f"{function} {count}" for function, count in stack[name])


def _line(words: str, count: int, indent: int) -> str:
    return f"{' ' * indent + words:<52}{count:>12,}"
