"""Which phase of the work a function belongs to, by its name, or by its file where it is local to one."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum
from pathlib import PurePath

from hostctl.profile.program import Function

NETWORK_FILE = "network.c"
"""The generated file: its functions are the layers' steps."""


class Kind(Enum):
    """How a function counts; the letters are those of ``firmware/emulators/counts.h``."""

    STEP = "s"
    KERNEL = "k"
    HELPER = "h"
    INTERRUPT = "i"
    OTHER = "o"


@dataclass(frozen=True)
class Phase:
    """A row of the table: its name, and whether it is part of a layer (its counts are then the same in every run)."""

    name: str
    in_layer: bool
    what: str


PHASES = (
    Phase("board", False, "drivers, start, waiting for bytes"),
    Phase("scan", True, "finding the spikes: a list of weight rows"),
    Phase("integrate", True, "adding weight rows to membranes"),
    Phase("convolve", True, "adding kernels to membranes, spikes found on the way"),
    Phase("bias", True, "membranes of a convolution set to their biases"),
    Phase("fire", True, "comparing, subtracting, packing spikes"),
    Phase("pool", True, "max-pooling"),
    Phase("calls", True, "the layer's generated step: the calls of its kernels"),
    Phase("other kernels", True, "functions of firmware/core that no phase is known for"),
    Phase("input", False, "events and frames into input spikes"),
    Phase("schedule", False, "which layer runs, its counters, the result"),
    Phase("protocol", False, "frames on the line"),
    Phase("interrupts", False, "bytes that come while the processor works"),
)
"""In the order of the table, but for the first: an emulator is in that phase before anything has run."""

_PATTERNS = (
    ("scan", r"spikec_(avr_)?scan"),
    ("integrate", r"spikec_(integrate|groups|rows|avr_[up]\d)"),
    ("convolve", r"spikec_conv"),
    ("bias", r"spikec_fill"),
    ("fire", r"spikec_(avr_)?(fire|word)"),
    ("pool", r"spikec_(max_)?pool"),
    ("input", r"spikec_(push|input|finish$)"),
    ("schedule", r"spikec_(poll|ready|run|reset|result|observe|finished|answer|count$|steps_done)"),
    ("schedule", r"spikec_(share|second|first_cores|hold|let_go|may_go|post|wait)"),
    ("protocol", r"spikec_(crc32|decode|encode|device|frame|link|pieces|report|sample)"),
)
_HELPER = re.compile(r"__|mem(cpy|set|move|cmp)$|_(?:div|mul)")
_INTERRUPT = re.compile(r"__vector(s|_\w+)$|__bad_interrupt$|(?!reset_)\w+_(handler|irq|isr)$")
UNKNOWN = "other kernels"


def phase_of(function: Function) -> tuple[Kind, str]:
    """Kind and phase of a function.

    A function whose name (or file) begins as those of ``firmware/core`` do but fits no phase is a kernel of the phase
    ``other kernels``: it counts for its layer, and the profile says aloud that somebody has to name its phase.
    """
    if function.file == NETWORK_FILE:
        return (Kind.STEP if function.name.endswith("_step") else Kind.KERNEL), "calls"
    names = [each for each in (function.name, PurePath(function.file).stem) if each.startswith("spikec_")]
    if names:
        fitting = (phase for name in names for phase, pattern in _PATTERNS if re.match(pattern, name))
        phase = next(fitting, UNKNOWN)
        return (Kind.KERNEL if in_layer(phase) else Kind.OTHER), phase
    if _INTERRUPT.match(function.name):
        return Kind.INTERRUPT, "interrupts"
    return (Kind.HELPER if _HELPER.match(function.name) else Kind.OTHER), "board"


def layer_of(function: Function) -> str:
    """The layer whose step a function of the kind STEP is."""
    return function.name.removesuffix("_step")


def number(phase: str) -> int:
    """A phase's number in plans and counts."""
    return next(i for i, each in enumerate(PHASES) if each.name == phase)


def in_layer(phase: str) -> bool:
    """Whether a phase is part of a layer."""
    return PHASES[number(phase)].in_layer
