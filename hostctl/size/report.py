"""The memory of a built network in one value: what the command line, the run's report and programs are told."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from codegen.ir import Network
from hostctl.size.account import Account, account
from hostctl.size.image import Image
from hostctl.size.stack import StackBound, stack_kept

_ALLOCATORS = frozenset(
    {
        "malloc", "calloc", "realloc", "reallocarray", "free", "aligned_alloc", "memalign", "posix_memalign",
        "valloc", "pvalloc", "strdup", "strndup", "asprintf", "_malloc_r", "_calloc_r", "_realloc_r", "_free_r",
        "_memalign_r", "sbrk", "_sbrk", "_sbrk_r", "brk",
    }
)  # fmt: skip
_OPERATORS = ("_Znw", "_Zna", "_Zdl", "_Zda")
"""What C++ calls new and delete, and those of arrays."""


@dataclass(frozen=True)
class MemoryReport:
    """Flash and RAM by line, and the stack: its bound, the bytes kept for it, and why there is no bound where none is.

    ``stack_kept``: None where the firmware is a process, whose stack the system gives. ``heap``: the names of functions
    of a heap that the program has or asks for; empty as it should be.
    """

    account: Account
    stack: StackBound | None
    stack_unknown: str
    stack_kept: int | None
    heap: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values."""
        bound = self.stack.to_json() if self.stack else {"bound": None, "unknown": self.stack_unknown}
        fast = self.account.fast
        return {
            "flash": self.account.flash.to_json(),
            "ram": self.account.ram.to_json(),
            **({"fast": fast.to_json()} if fast else {}),
            "stack": {**bound, "kept": self.stack_kept},
            "heap": list(self.heap),
        }


def memory_report(network: Network, image: Image, stack: StackBound | None, stack_unknown: str = "") -> MemoryReport:
    """All about the memory of a program that was generated from the network."""
    return MemoryReport(account(image, network), stack, stack_unknown, stack_kept(image), heap_functions(image))


def heap_functions(image: Image) -> tuple[str, ...]:
    """The functions of a heap that a program has, or asks a shared library for."""
    return tuple(sorted(name for name in image.names if name in _ALLOCATORS or name.startswith(_OPERATORS)))
