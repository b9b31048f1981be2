"""What a built program takes: flash and RAM by line beside the network's minimum, the depth of its stack, its heap."""

from hostctl.size.account import Account, Line, Memory, account
from hostctl.size.image import Image, read_image
from hostctl.size.machine import UnknownCode
from hostctl.size.report import MemoryReport, heap_functions, memory_report
from hostctl.size.stack import Frame, StackBound, second_kept, stack_bound, stack_kept
from hostctl.size.text import memories, memory_lines, memory_text

__all__ = [
    "Account",
    "Frame",
    "Image",
    "Line",
    "Memory",
    "MemoryReport",
    "StackBound",
    "UnknownCode",
    "account",
    "heap_functions",
    "memories",
    "memory_lines",
    "memory_report",
    "memory_text",
    "read_image",
    "second_kept",
    "stack_bound",
    "stack_kept",
]
