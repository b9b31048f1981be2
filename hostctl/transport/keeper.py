"""Runs a command that must not outlive whoever started it: ``python keeper.py [--one-core] command...``.

The command is asked to end by SIGTERM (handed on), and killed at once when standard input ends, which also happens when
the parent crashes. It gets a standard input of its own that ends with the keeper, and with ``--one-core`` just one of
the computer's cores. A program by itself: it imports nothing of ours and starts in a few milliseconds.
"""

import os
import select
import signal
import subprocess
import sys


def take_one_core() -> None:
    """Bind this process to one of the cores that it may use, whichever its number falls on."""
    cores = sorted(os.sched_getaffinity(0))
    os.sched_setaffinity(0, {cores[os.getpid() % len(cores)]})


def main(lifeline: int = 0) -> int:
    """Run the command to its end and give its exit status (128 + number for a signal); ``lifeline``: see above."""
    ended, end = os.pipe()
    os.set_blocking(end, False)
    signal.set_wakeup_fd(end)
    told = []
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.signal(signal.SIGTERM, lambda number, _: told.append(number))
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent to answer: the board lives on till then.
    one_core = sys.argv[1] == "--one-core"
    process = subprocess.Popen(
        sys.argv[1 + one_core :],
        stdin=subprocess.PIPE,
        process_group=0,
        preexec_fn=take_one_core if one_core else None,  # noqa: PLW1509 (there is just one thread)
    )
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
