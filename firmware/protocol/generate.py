"""Make the C header, the Verilog header and the Python module of the wire's constants from ``protocol.toml``.

``python firmware/protocol/generate.py`` writes all three; with ``--check`` it writes nothing and exits with 1 when one
is not what the TOML says.
"""

from __future__ import annotations

import sys
import tomllib
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
HEADER = HERE / "spikec_protocol.h"
VERILOG = HERE.parent / "rtl" / "spikec_protocol.vh"
MODULE = HERE.parent.parent / "hostctl" / "protocol" / "constants.py"

ENUMS = {  # table -> (prefix in C and Verilog, Python class, its base, what it is)
    "to_device": ("SPIKEC_MSG", "ToDevice", "IntEnum", "Message types towards the device"),
    "to_host": ("SPIKEC_MSG", "ToHost", "IntEnum", "Message types towards the host"),
    "format": ("SPIKEC_FORMAT", "Format", "IntEnum", "How a sample's input travels"),
    "flag": ("SPIKEC_FLAG", "Flag", "IntFlag", "Flags of SAMPLE_BEGIN"),
    "feature": ("SPIKEC_FEATURE", "Feature", "IntFlag", "What a device can do, in its greeting"),
    "trace_kind": ("SPIKEC_TRACE", "TraceKind", "IntEnum", "What a TRACE frame holds"),
    "error": ("SPIKEC_ERROR", "ErrorCode", "IntEnum", "Codes of ERROR"),
}


def c_header(toml: dict[str, Any]) -> str:
    """Write the C header: a macro for each number, an enum for each table."""
    lines = [
        "/* spikec_protocol.h: the constants of the wire. Made from protocol.toml by generate.py: edit that. */",
        "#ifndef SPIKEC_PROTOCOL_H",
        "#define SPIKEC_PROTOCOL_H",
        "",
    ]
    for name, value in _numbers(toml).items():
        lines.append(f"#define SPIKEC_PROTOCOL_{name.upper()} {value}u")
    for table, (prefix, _, _, text) in ENUMS.items():
        lines += ["", f"/* {text}. */", f"enum spikec_{table} {{"]
        entries = [f"    {prefix}_{name} = 0x{value:02X}" for name, value in toml[table].items()]
        lines += [entry + "," for entry in entries[:-1]] + [entries[-1], "};"]
    return "\n".join([*lines, "", "#endif", ""])


def verilog_header(toml: dict[str, Any]) -> str:
    """Write the Verilog header: a macro of 8 bits for each entry of each table, and for the version."""
    lines = [
        "// spikec_protocol.vh: the constants of the wire. Made from protocol.toml by generate.py: edit that.",
        "`ifndef SPIKEC_PROTOCOL_VH",
        "`define SPIKEC_PROTOCOL_VH",
        "",
        f"`define SPIKEC_PROTOCOL_VERSION 8'd{toml['version']}",
    ]
    for table, (prefix, _, _, text) in ENUMS.items():
        lines += ["", f"// {text}."]
        lines += [f"`define {prefix}_{name} 8'h{value:02X}" for name, value in toml[table].items()]
    return "\n".join([*lines, "", "`endif", ""])


def python_module(toml: dict[str, Any]) -> str:
    """Write the Python module: the same names."""
    lines = [
        '"""The constants of the wire. Made from ``firmware/protocol/protocol.toml`` by ``generate.py``: edit that."""',
        "",
        "from enum import IntEnum, IntFlag",
        "",
    ]
    lines += [f"{name.upper()} = {value}" for name, value in _numbers(toml).items()]
    for table, (_, cls, base, text) in ENUMS.items():
        lines += ["", "", f"class {cls}({base}):", f'    """{text}."""', ""]
        lines += [f"    {name} = 0x{value:02X}" for name, value in toml[table].items()]
    return "\n".join([*lines, ""])


def outputs() -> dict[Path, str]:
    """Name the files and what belongs in them."""
    toml = tomllib.loads((HERE / "protocol.toml").read_text())
    return {HEADER: c_header(toml), VERILOG: verilog_header(toml), MODULE: python_module(toml)}


def main() -> int:
    """Write the files, or check them."""
    stale = [path for path, text in outputs().items() if not path.exists() or path.read_text() != text]
    for path in stale:
        if "--check" in sys.argv[1:]:
            print(f"{path} is not what protocol.toml says; run {Path(__file__).name}", file=sys.stderr)
        else:
            path.write_text(outputs()[path], encoding="utf-8", newline="\n")
    return int(bool(stale) and "--check" in sys.argv[1:])


def _numbers(toml: dict[str, Any]) -> dict[str, int]:
    return {name: value for name, value in toml.items() if isinstance(value, int)}


if __name__ == "__main__":
    sys.exit(main())
