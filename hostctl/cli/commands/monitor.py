"""``spikec monitor``: show live what a device says."""

from __future__ import annotations

import time

import click

from hostctl.cli.options import json_option
from hostctl.cli.output import Output


@click.command("monitor")
@click.option("--port", "-p", required=True, help="Serial port of the board.")
@click.option("--baud", type=click.IntRange(min=1), default=115_200, show_default=True, help="The line's rate.")
@click.option("--hello", is_flag=True, help="Greet the device first: it forgets what it was doing and says who it is.")
@click.option("--seconds", type=click.FloatRange(min=0), help="End after so long [default: at Ctrl-C].")
@json_option
def command(out: Output, port: str, baud: int, hello: bool, seconds: float | None) -> None:
    """Show what a device sends: its frames and log in words, anything else as text. Ctrl-C ends it."""
    import secrets

    from hostctl.protocol import Hello, encode_frame
    from hostctl.stream.watch import Watcher
    from hostctl.transport.serial import SerialLine

    watcher, start, lines = Watcher(), time.monotonic(), list[str]()
    outgoing = b"\0" + encode_frame(Hello.TYPE, 0, Hello(secrets.randbits(32)).pack()) if hello else b""

    def show(new: list[str]) -> None:
        lines.extend(new if out.json else [])
        for line in [] if out.json else new:
            click.echo(f"{time.strftime('%H:%M:%S')}  {line}")

    with SerialLine(port, baud) as line:
        out.note(f"watching {port} at {baud} baud; Ctrl-C ends it")
        try:
            while seconds is None or time.monotonic() - start < seconds:
                written, data = line.exchange(outgoing, 0.1)
                outgoing = outgoing[written:]
                show(watcher.feed(data))
        except KeyboardInterrupt:
            pass  # That is how it ends.
    show(watcher.finish())
    if out.json:
        out.result({"lines": lines}, "")
