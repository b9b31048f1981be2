"""How deep the stack of a program can get: a bound, from every function's frame and every way through the calls.

Pointers are resolved for whole parts of the firmware: the kernels may call any function whose address the network's
tables, the protocol or the board hands out (a layer's step, the observer, the counter); the protocol any that the board
hands out (its line, its counter). A call by pointer from anywhere else, a recursion, or code whose stack use is unknown
is an error, not a guess. A second core has a stack of its own, whose way begins where the board calls its work.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from hostctl.size.account import STACK, STACK_SYMBOL
from hostctl.size.calls import VECTORS, Function, Graph, read_graph
from hostctl.size.image import Image
from hostctl.size.machine import UnknownCode, machine_of

POINTERS = {"kernels": ("network", "protocol", "board", "kernels"), "protocol": ("board",)}
"""Whose functions a part of the firmware may call by pointer: those whose address is taken there."""
SECOND_WORK = "work_of_second"
"""What the board calls by pointer on its second core, and nobody else."""
SECOND_STACK = "spikec_second_stack"
"""The array that is the second core's stack, where the board keeps one."""
_HANDLER = re.compile(r"^__vector_\d+$")
"""What handlers of interrupts are called on an AVR."""


@dataclass(frozen=True)
class Frame:
    """A function on the way down, and the bytes that it takes."""

    function: str
    bytes: int


@dataclass(frozen=True)
class StackBound:
    """The deepest way: ``main`` from start-up on, ``interrupt`` what a handler takes on top of it at the worst moment.

    ``second``: the way on the second core's stack, where the firmware uses one. ``outside``: functions of a shared
    library that it does not cover (only where the firmware is a process).
    """

    main: tuple[Frame, ...]
    interrupt: tuple[Frame, ...]
    outside: tuple[str, ...]
    second: tuple[Frame, ...] = ()

    @property
    def bytes(self) -> int:
        """The bound, of the first core."""
        return sum(frame.bytes for frame in (*self.main, *self.interrupt))

    @property
    def second_bytes(self) -> int:
        """The bound of the second core's stack."""
        return _total(self.second)

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values."""
        ways = {name: [[one.function, one.bytes] for one in way] for name, way in self._ways().items()}
        return {"bound": self.bytes, **ways, "outside": list(self.outside)}

    def _ways(self) -> dict[str, tuple[Frame, ...]]:
        return {"main": self.main, "interrupt": self.interrupt, "second": self.second}


def stack_bound(image: Image, prefix: str) -> StackBound:
    """Bound the stack of a program; ``prefix`` is of its toolchain's commands.

    Raises UnknownCode, which says what cannot be bounded and why, also where the toolchain's objdump is missing.
    """
    machine = machine_of(image.machine, image.flags)
    search = _Search(read_graph(image, machine, prefix))
    main = search.deepest(_root(image, search.graph))
    interrupts = [search.deepest(handler) for handler in _handlers(image, search.graph)]
    worst = max(interrupts, key=_total, default=())
    if worst and machine.trap_bytes:
        worst = (Frame("(registers saved by the core)", machine.trap_bytes), *worst)
    second = max(map(search.deepest, search.second), key=_total, default=())
    return StackBound(main, worst, tuple(sorted(search.outside)), second)


class _Search:
    """The deepest way from each function on, found once."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.outside: set[str] = set()
        self.work = [function for function in graph.functions if function.name == SECOND_WORK]
        self.second = [f for f in graph.functions if f.maker == "board" and f.indirect] if self.work else []
        self._known: dict[int, tuple[Frame, ...]] = {}
        self._open: list[Function] = []

    def deepest(self, function: Function) -> tuple[Frame, ...]:
        """The way that takes most. Raises UnknownCode for recursion, and for what cannot be followed."""
        if function.start in self._known:
            return self._known[function.start]
        if function in self._open:
            ring = [one.name for one in self._open[self._open.index(function) :]]
            raise UnknownCode(f"a recursion: {' -> '.join([*ring, function.name])}")
        if function.unknown:
            raise UnknownCode(function.unknown)
        if function.sets_stack and self._open:
            raise UnknownCode(f"{function.name} sets the stack pointer")
        self._open.append(function)
        self.outside |= function.outside
        ways = [self.deepest(callee) for callee in self._callees(function)]
        self._open.pop()
        way = (Frame(function.name, function.frame), *max(ways, key=_total, default=()))
        self._known[function.start] = way
        return way

    def _callees(self, function: Function) -> Iterator[Function]:
        yield from (self.graph.at(address) for address in sorted(function.calls))
        if not function.indirect:
            return
        if function in self.second:
            yield from self.work
            return
        if function.maker not in POINTERS:
            raise UnknownCode(f"{function.name} calls by pointer, and nothing is known of whom")
        for whose in POINTERS[function.maker]:
            found = map(self.graph.at, sorted(self.graph.taken.get(whose, ())))
            yield from (callee for callee in found if callee not in (*self.work, *self.second))


def _total(way: tuple[Frame, ...]) -> int:
    return sum(frame.bytes for frame in way)


def _root(image: Image, graph: Graph) -> Function:
    """Where the stack is empty: the board's own start-up code, else main()."""
    for function in graph.functions:
        if function.maker == "board" and function.start <= image.entry & ~1 < function.end:
            return function
    for function in graph.functions:
        if function.name == "main":
            return function
    raise UnknownCode("a program without main()")


def _handlers(image: Image, graph: Graph) -> Iterator[Function]:
    """What an interrupt or a fault may start: by their names, or from the table of vectors."""
    yield from (function for function in graph.functions if _HANDLER.match(function.name))
    root, vectors = _root(image, graph), graph.taken.get(VECTORS, ())
    yield from (function for function in map(graph.at, sorted(vectors)) if function is not root)


def stack_kept(image: Image) -> int | None:
    """Bytes that the program keeps for its stack; None for a process, to which the system gives one."""
    sections = sum(section.size for section in image.sections if section.name == STACK)
    arrays = sum(symbol.size for symbol in image.symbols if symbol.name == STACK_SYMBOL)
    return sections + arrays or None


def second_kept(image: Image) -> int | None:
    """Bytes that the program keeps for its second core's stack; None where it has none, or the system gives one."""
    return sum(symbol.size for symbol in image.symbols if symbol.name == SECOND_STACK) or None
