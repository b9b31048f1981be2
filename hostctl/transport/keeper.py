"""Runs a command that must not outlive whoever started it: ``python keeper.py command...``.

The command is asked to end by SIGTERM (handed on), and killed at once when standard input ends, which also happens when
the parent crashes. It gets a standard input of its own that ends with the keeper. A program by itself: it imports
nothing of ours and starts in a few milliseconds.
"""

import os
import select
import signal
import subprocess
import sys


def main(lifeline: int = 0) -> int:
    """Run the command to its end and give its exit status (128 + number for a signal); ``lifeline``: see above."""
    ended, end = os.pipe()
    os.set_blocking(end, False)
    signal.set_wakeup_fd(end)
    told = []
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.signal(signal.SIGTERM, lambda number, _: told.append(number))
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent to answer: the board lives on till then.
    process = subprocess.Popen(sys.argv[1:], stdin=subprocess.PIPE, process_group=0)
    while process.poll() is None:
        ready, _, _ = select.select([lifeline, ended], [], [])
        if ended in ready:
            os.read(ended, 512)
        if told:
            process.terminate()
            told.clear()
        if lifeline in ready and not os.read(lifeline, 512):
            process.kill()
            process.wait()
    assert process.stdin is not None
    process.stdin.close()
    status = process.returncode
    return 128 - status if status < 0 else status


if __name__ == "__main__":
    sys.exit(main())
