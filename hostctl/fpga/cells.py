"""Models of a chip's cells, so that a synthesised netlist can be simulated: Yosys's, and ours where Yosys has none."""

from __future__ import annotations

import importlib.util
import re
from dataclasses import dataclass
from pathlib import Path

from codegen.resources import folder
from hostctl.fpga.tool import YOSYS

_INCLUDE = re.compile(r"^`include .*\n", re.MULTILINE)
_BLACKBOX = re.compile(r"^\(\* *blackbox.*?^endmodule\n", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Cells:
    """``files``: of Yosys's library. ``without``: modules that some simulator cannot read and no netlist has.

    ``define``: a macro that the files want to be set. ``ours``: the file in ``firmware/models``.
    """

    files: tuple[str, ...]
    ours: str
    without: tuple[str, ...] = ()
    define: str = ""

    def verilog(self) -> str:
        """All models, as one file that stands alone. Raises SpikecError when Yosys is not installed."""
        YOSYS.check()
        found = importlib.util.find_spec(YOSYS.module)
        assert found is not None
        assert found.origin is not None
        library = Path(found.origin).parent / "share"
        text = "\n".join((library / name).read_text(encoding="utf-8") for name in self.files)
        text = _BLACKBOX.sub("", _INCLUDE.sub("", text))
        for module in self.without:
            text = re.sub(rf"^module {module}\b.*?^endmodule\n", "", text, flags=re.MULTILINE | re.DOTALL)
        define = f"`define {self.define}\n" if self.define else ""
        return define + text + (folder("firmware") / "models" / self.ours).read_text(encoding="utf-8")
