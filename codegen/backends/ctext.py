"""Values of Python, spelled in C."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

COLUMNS = 16
"""Numbers in a line of a table."""

STRUCTS = 6
"""Structs in a line of a table."""


def c_int(value: int) -> str:
    """An integer of 32 bits as a C constant expression of the right type.

    >>> c_int(-5), c_int(-2147483648)
    ('-5', '(-2147483647 - 1)')
    """
    return "(-2147483647 - 1)" if value == -(2**31) else str(value)


def c_string(text: str) -> str:
    r"""A string literal; everything but plain ASCII as octal bytes of UTF-8, so that no compiler reads more into it.

    >>> print(c_string('say "hi" ?'))
    "say \"hi\" \077"
    """
    plain = set(range(32, 127)) - set(b'"\\?')
    special = {ord('"'): '\\"', ord("\\"): "\\\\"}
    return '"' + "".join(chr(b) if b in plain else special.get(b, f"\\{b:03o}") for b in text.encode()) + '"'


def table_lines(values: NDArray[Any]) -> list[str]:
    """The numbers of a one-dimensional array as lines of a C initialiser, in columns."""
    words = [c_int(int(value)) for value in values]
    width = max(map(len, words))
    rows = (words[i : i + COLUMNS] for i in range(0, len(words), COLUMNS))
    return ["    " + ", ".join(word.rjust(width) for word in row) + "," for row in rows]


def struct_lines(values: NDArray[np.void]) -> list[str]:
    """An initialiser of an array of structs, several a line.

    >>> struct_lines(np.array([(1, 20), (3, 4)], [("a", int), ("b", int)]))
    ['    {1, 20}, {3,  4},']
    """
    rows = values.tolist()
    widths = [max(len(str(value)) for value in column) for column in zip(*rows, strict=True)]
    words = ["{" + ", ".join(str(v).rjust(w) for v, w in zip(row, widths, strict=True)) + "}" for row in rows]
    return ["    " + ", ".join(words[i : i + STRUCTS]) + "," for i in range(0, len(words), STRUCTS)]


def matrix_lines(rows: NDArray[np.integer[Any]]) -> list[str]:
    """A flat initialiser of a matrix of bytes: every row begins with a comment that tells its number."""
    lines = []
    spelled = {value: f"{value:4d}" for value in range(-128, 256)}
    for index, row in enumerate(rows.tolist()):
        lines.append(f"    /* {index} */")
        for start in range(0, len(row), COLUMNS):
            lines.append("   " + ",".join(spelled[value] for value in row[start : start + COLUMNS]) + ",")
    return lines
