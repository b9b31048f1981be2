"""The test run: all tests on both cores, then the coverage bar, each part with its own number.

Arguments are handed to pytest: ``python scripts/test.py -k protocol``. The bar applies to full runs only.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

BAR = 90
"""Least coverage of ``codegen`` and of ``hostctl``, in percent of lines and branches run."""


def main() -> int:
    """Run the tests, and after a full run hold the coverage to the bar."""
    root = Path(__file__).resolve().parent.parent
    os.chdir(root)
    if not os.environ.get("SPIKEC_DATA"):
        print("*" * 100)
        print("* SPIKEC_DATA is not set: tests on real recordings cannot run and will be listed as skipped.")
        print("* Set it to a folder that holds NMNIST/Test/<digit>/*.bin to run them.")
        print("*" * 100, flush=True)
    else:  # Tests change folders; a relative path must survive that.
        os.environ["SPIKEC_DATA"] = str(Path(os.environ["SPIKEC_DATA"]).resolve())
    arguments = sys.argv[1:]
    for old in root.glob(".coverage*"):
        old.unlink()
    command = [sys.executable, "-m", "pytest", "-n", "2", "--dist", "worksteal", *arguments]
    if not arguments:
        command += ["--cov=codegen", "--cov=hostctl", "--cov-report="]
    status = subprocess.run(command, check=False).returncode
    if status or arguments:
        return status
    return max(coverage(package) for package in ("codegen", "hostctl"))


def coverage(package: str) -> int:
    """Report one package's coverage and hold it to the bar."""
    print(f"\ncoverage of {package} (bar: {BAR} %)", flush=True)
    command = [sys.executable, "-m", "coverage", "report", f"--include={package}/*", f"--fail-under={BAR}"]
    return subprocess.run(command, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
