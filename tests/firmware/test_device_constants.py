"""The wire's constants: one TOML file, and what is generated from it."""

import subprocess
import sys
import tomllib

from codegen.resources import folder
from hostctl.protocol import constants

PROTOCOL = folder("firmware") / "protocol"


def test_the_generated_files_are_what_the_toml_says():
    done = subprocess.run(
        [sys.executable, PROTOCOL / "generate.py", "--check"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_python_has_every_constant():
    toml = tomllib.loads((PROTOCOL / "protocol.toml").read_text())
    assert toml["version"] == constants.VERSION
    for table, enum in {
        "to_device": constants.ToDevice,
        "to_host": constants.ToHost,
        "format": constants.Format,
        "flag": constants.Flag,
        "feature": constants.Feature,
        "trace_kind": constants.TraceKind,
        "error": constants.ErrorCode,
    }.items():
        assert {member.name: member.value for member in enum} == toml[table]
