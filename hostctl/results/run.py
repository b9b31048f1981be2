"""A whole run: stream, compare, write down; and going on with one that was interrupted."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from codegen import __version__
from codegen.board import Board
from codegen.ir import Network, Problem, SpikecError, fail
from codegen.ir.network import describe
from hostctl.results.ahead import ReferenceAhead
from hostctl.results.compare import Reference, compare, device_answers
from hostctl.results.energy import FILE as ENERGY
from hostctl.results.records import FILE, Header, RunFile, SampleRecord, SessionRecord, Writer, read_run
from hostctl.results.summary import Summary, summarise
from hostctl.samples import Sample, samples_digest
from hostctl.stream import EMULATED, Device, DeviceResult, Patience, greeting_json, stream

Progress = Callable[[int, int, str], None]
SIMULATED_REPLY_S, SIMULATED_GREETINGS = 20.0, 3
"""Simulated hardware loses nothing and answers everything, but what takes it a millisecond can take us seconds."""


def run_stream(
    network: Network,
    board: Board,
    port: str | Device,
    samples: Sequence[Sample],
    folder: Path | str,
    *,
    trace: bool = False,
    resume: bool = False,
    force: bool = False,
    data: Mapping[str, Any] | None = None,
    options: Mapping[str, Any] | None = None,
    build: Mapping[str, Any] | None = None,
    progress: Progress | None = None,
    note: Callable[[str], None] | None = None,
) -> Summary:
    """Stream samples to the device at ``port``, compare with the reference, and write ``folder``/results.jsonl.

    ``data`` (``folder``, ``split``), ``options`` (``seed``, ``reversed``, ``all_events``) and ``build`` (``flash``,
    ``ram`` in bytes) go into the header. ``resume`` goes on with the folder's results; ``force`` puts older results
    aside (results.jsonl.old). Ctrl-C and errors leave every result that has arrived on the disk.

    Raises SpikecError: device trouble, a folder with results (without ``resume`` or ``force``), results of another
    network, data or options (with ``resume``).
    """
    folder = Path(folder)
    if not samples:
        raise fail("data", "there are no samples to stream", "Choose another --split or a higher --limit")
    device = port if isinstance(port, Device) else _open(port, network, board, note)
    try:
        chosen = {**(options or {}), "trace": trace}
        header = _header(network, board, device, samples, data=data or {}, options=chosen, build=build)
        old = _old_run(folder, header, resume=resume, force=force)
        done = set() if old is None else {sample.index for sample in old.samples}
        todo = [sample for sample in samples if sample.index not in done]
        with Writer(folder / FILE, keep_bytes=0 if old is None else old.sound_bytes) as writer:
            if old is None:
                (folder / ENERGY).unlink(missing_ok=True)  # Of another run.
                writer.add(header)
            session = 0 if old is None else old.next_session
            _Session(network, device, writer, session, len(samples), trace, progress).run(todo)
    finally:
        if device is not port:
            device.close()
    return summarise(folder)


def _open(port: str, network: Network, board: Board, note: Callable[[str], None] | None) -> Device:
    patience = EMULATED if board.emulated else Patience()
    if board.fpga is not None and board.fpga.family == "sim":
        patience = replace(
            patience, greeting_s=SIMULATED_REPLY_S, reply_s=SIMULATED_REPLY_S, greetings=SIMULATED_GREETINGS
        )
    return Device.open(port, network, baud=board.baud, patience=patience, note=note or (lambda _: None))


@dataclass
class _Session:
    """One stretch of streaming."""

    network: Network
    device: Device
    writer: Writer
    number: int
    planned: int
    trace: bool
    progress: Progress | None

    def run(self, todo: Sequence[Sample]) -> None:
        by_index = {sample.index: sample for sample in todo}
        ahead = ReferenceAhead(self.network, todo, trace=self.trace)
        start, count, different, finished = time.monotonic(), 0, 0, False
        try:
            for result in stream(self.device, ahead.samples(), trace=self.trace):
                at = time.monotonic() - start
                record = self._record(by_index[result.index], result, ahead.take(result.index), at)
                self.writer.add(record)
                count += 1
                different += record.different
                self._tell(count + self.planned - len(todo), different)
            finished = True
        finally:
            ahead.close()
            wall = time.monotonic() - start
            self.writer.add(SessionRecord(self.number, count, round(wall, 6), finished, self.device.stats.to_json()))

    def _tell(self, done: int, different: int) -> None:
        if self.progress is not None:
            self.progress(done, self.planned, f"{different} differ" if different else "all equal")

    def _record(self, sample: Sample, result: DeviceResult, reference: Reference, at: float) -> SampleRecord:
        comparison = compare(self.network, result, reference)
        return SampleRecord(
            index=sample.index,
            id=sample.id,
            labels=sample.labels,
            answers=device_answers(self.network, result),
            reference_answers={name: value.tolist() for name, value in reference.answers.items()},
            counts=result.spikes.sum(axis=0).tolist(),
            layer_spikes=result.layer_spikes.tolist(),
            **vars(comparison),
            ticks=result.ticks,
            layer_ticks=list(result.layer_ticks),
            synops=list(result.synops),
            wall_s=round(result.wall_s, 6),
            at_s=round(at, 6),
            session=self.number,
        )


def _header(
    network: Network,
    board: Board,
    device: Device,
    samples: Sequence[Sample],
    *,
    data: Mapping[str, Any],
    options: Mapping[str, Any],
    build: Mapping[str, Any] | None,
) -> Header:
    return Header(
        tool=__version__,
        network=_describe_network(network),
        board=describe_board(board),
        greeting=greeting_json(device.greeting),
        data={**data, "samples": len(samples), "digest": samples_digest(samples)},
        options=dict(options),
        build=None if build is None else dict(build),
    )


def _describe_network(network: Network) -> dict[str, Any]:
    layers = [
        {
            "name": layer.name,
            "size": layer.size,
            "shape": list(layer.connection.out_shape),
            "inputs": layer.connection.in_size,
            "label": layer.connection.label,
            "neuron": None if layer.neuron is None else layer.neuron.kind,
            **layer.connection.fields(),
        }
        for layer in network.layers
    ]
    shape = list(network.shapes[0])
    fixed = {"digest": network.digest, "inputs": network.in_size, "shape": shape, "layers": layers}
    return {key: value for key, value in describe(network).items() if key != "encoding"} | fixed


def describe_board(board: Board) -> dict[str, Any]:
    """What the header says of a board: only what its kind has."""
    plain = {name: getattr(board, name) for name in ("id", "name", "emulated", "clock_hz")}
    if board.fpga is None:
        plain |= {"flash": board.flash, "ram": board.ram}
    else:
        plain |= {"fpga": asdict(board.fpga)}
    energy = None if board.energy is None else asdict(board.energy)
    return {**plain, "counter": asdict(board.counter), "energy": energy}


def _old_run(folder: Path, header: Header, *, resume: bool, force: bool) -> RunFile | None:
    path = folder / FILE
    if not path.exists():
        return None
    if resume:
        if b"\n" not in path.read_bytes():
            return None  # Killed before its header was whole: nothing to lose.
        old = read_run(folder)
        _check_same(path, old.header, header)
        return old
    if not force:
        hint = "Give --resume to go on with them, --force to put them aside, or another --out folder"
        raise fail(str(path), "holds the results of another run", hint)
    path.replace(path.with_name(FILE + ".old"))
    return None


def _check_same(path: Path, old: Header, new: Header) -> None:
    """Raise SpikecError with everything in which the old run was another one."""
    pairs = {
        "network": (old.network.get("digest"), new.network["digest"]),
        "board": (old.board.get("id"), new.board["id"]),
        "samples": (old.data.get("samples"), new.data["samples"]),
        "samples' digest": (old.data.get("digest"), new.data["digest"]),
    }
    for name in sorted(old.options.keys() | new.options.keys()):
        pairs[f"option {name}"] = (old.options.get(name), new.options.get(name))
    hint = "Resume with what the run was begun with, or begin another in another folder"
    problems = [
        Problem(str(path), f"{name} was {was}, now it is {now}", hint)
        for name, (was, now) in pairs.items()
        if was != now
    ]
    if problems:
        raise SpikecError(problems)
