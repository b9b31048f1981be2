"""A whole run: stream, compare, write down; and going on with one that was interrupted."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from codegen import __version__
from codegen.board import Board
from codegen.ir import Network, Problem, SpikecError, fail
from codegen.ir.network import Layer, describe
from hostctl.results.ahead import ReferenceAhead
from hostctl.results.cause import cause
from hostctl.results.compare import Reference, compare, device_answers
from hostctl.results.energy import forget_energy
from hostctl.results.films import Keeper, input_record
from hostctl.results.records import FILE, Header, RunFile, SampleRecord, SessionRecord, WorstRecord, Writer, read_run
from hostctl.results.summary import MAX_FIRST, Summary, summarise
from hostctl.samples import Sample, sample_of_spikes, samples_digest
from hostctl.stream import EMULATED, Coding, Device, DeviceResult, Line, Patience, greeting_json, stream_over
from hostctl.stream.several import check_alike
from hostctl.transport.serial import SerialLine

Progress = Callable[[int, int, str], None]
SIMULATED_REPLY_S, SIMULATED_GREETINGS, SIMULATED_STUCK_S = 20.0, 3, 14_400.0
"""Simulated hardware loses nothing and answers everything, but what takes it a millisecond can take us seconds."""


def run_stream(
    network: Network,
    board: Board,
    port: str | Device | Sequence[Device],
    samples: Sequence[Sample],
    folder: Path | str,
    *,
    trace: bool = False,
    resume: bool = False,
    force: bool = False,
    coding: Coding = Coding.GIVEN,
    worst: bool = False,
    data: Mapping[str, Any] | None = None,
    options: Mapping[str, Any] | None = None,
    build: Mapping[str, Any] | None = None,
    progress: Progress | None = None,
    note: Callable[[str], None] | None = None,
) -> Summary:
    """Stream samples to the device at ``port``, or to several, compare, write ``folder``/results.jsonl.

    ``data`` (``folder``, ``split``), ``options`` (``seed``, ``reversed``, ``all_events``) and ``build`` (``flash``,
    ``ram`` in bytes) go into the header. ``resume`` goes on with the folder's results; ``force`` puts older results
    aside (results.jsonl.old). ``worst``: the all-ones input is run behind the samples, and gets a line of its own.
    Ctrl-C and errors leave every result that has arrived on the disk.

    Raises SpikecError: device trouble, a folder with results (without ``resume`` or ``force``), results of another
    network, data or options (with ``resume``).
    """
    folder = Path(folder)
    if not samples:
        raise fail("data", "there are no samples to stream", "Choose another --split or a higher --limit")
    note = note or _quiet
    if isinstance(port, str):
        devices, ours = [open_device(network, board, port, note)], True
    else:
        devices, ours = [port] if isinstance(port, Device) else list(port), False
    try:
        check_alike(devices)
        chosen = {**(options or {}), "trace": trace}
        if coding is not Coding.GIVEN:
            chosen["coding"] = str(coding)
        header = _header(network, board, devices[0], samples, data=data or {}, options=chosen, build=build)
        old = _old_run(folder, header, resume=resume, force=force)
        done = set() if old is None else {sample.index for sample in old.samples}
        todo = [sample for sample in samples if sample.index not in done]
        with Writer(folder / FILE, keep_bytes=0 if old is None else old.sound_bytes) as writer:
            if old is None:
                forget_energy(folder)
                writer.add(header)
            session = 0 if old is None else old.next_session
            extreme = _all_ones(network, samples) if worst and (old is None or old.worst is None) else None
            _Session(network, devices, writer, session, len(samples), trace, coding, progress, note).run(todo, extreme)
    finally:
        for device in devices if ours else []:
            device.close()
    return summarise(folder)


def open_device(
    network: Network,
    board: Board,
    port: str,
    note: Callable[[str], None] | None = None,
    worse: Callable[[SerialLine], Line] | None = None,
) -> Device:
    """Open the port of a board and greet it, as patiently as its kind needs; ``worse`` lays another line over it.

    Raises SpikecError for every way in which that can fail.
    """
    return Device.open(port, network, baud=board.baud, patience=patience_for(board), note=note or _quiet, worse=worse)


def _quiet(_: str) -> None:
    pass


def patience_for(board: Board) -> Patience:
    """How patient the host has to be with a board of this kind."""
    patience = EMULATED if board.emulated else Patience()
    if board.fpga is not None and board.fpga.family == "sim":
        patience = replace(
            patience,
            greeting_s=SIMULATED_REPLY_S,
            reply_s=SIMULATED_REPLY_S,
            greetings=SIMULATED_GREETINGS,
            stuck_s=SIMULATED_STUCK_S,
        )
    return patience


@dataclass
class _Session:
    """One stretch of streaming."""

    network: Network
    devices: Sequence[Device]
    writer: Writer
    number: int
    planned: int
    trace: bool
    coding: Coding
    progress: Progress | None
    note: Callable[[str], None]
    explained: int = 0
    keeper: Keeper = field(default_factory=Keeper)

    def run(self, todo: Sequence[Sample], extreme: Sample | None) -> None:
        by_index = {sample.index: sample for sample in todo}
        streamed = [*todo, *([extreme] if extreme else [])]
        ahead = ReferenceAhead(self.network, streamed, trace=self.trace)
        results = stream_over(
            self.devices, ahead.samples(), len(streamed), trace=self.trace, coding=self.coding, note=self.note
        )
        start, count, different, finished = time.monotonic(), 0, 0, False
        try:
            for device, result in results:
                at = time.monotonic() - start
                if result.index not in by_index:
                    self.writer.add(self._worst(result, ahead.take(result.index)))
                    continue
                record = self._record(by_index[result.index], result, device, ahead.take(result.index), at)
                self._keep_input(by_index[result.index], record)
                self.writer.add(record)
                count += 1
                different += record.different
                self._tell(count + self.planned - len(todo), different)
            finished = True
        finally:
            results.close()
            ahead.close()
            wall = time.monotonic() - start
            self.writer.add(SessionRecord(self.number, count, round(wall, 6), finished, self._link()))

    def _link(self) -> dict[str, int]:
        """The counts of all lines, added up."""
        each = [device.stats.to_json() for device in self.devices]
        return {name: sum(counts[name] for counts in each) for name in each[0]}

    def _tell(self, done: int, different: int) -> None:
        if self.progress is not None:
            self.progress(done, self.planned, f"{different} differ" if different else "all equal")

    def _keep_input(self, sample: Sample, record: SampleRecord) -> None:
        """Before the sample's own line: a run that is killed between them does the sample again."""
        kept = input_record(sample.index, sample.inputs(self.network)) if self.keeper.wants(record) else None
        if kept is not None:
            self.writer.add(kept)

    def _worst(self, result: DeviceResult, reference: Reference) -> WorstRecord:
        first = compare(self.network, result, reference).first_difference
        return WorstRecord(result.ticks, list(result.layer_ticks), list(result.synops), first, self.number)

    def _record(
        self, sample: Sample, result: DeviceResult, device: int, reference: Reference, at: float
    ) -> SampleRecord:
        comparison = vars(compare(self.network, result, reference))
        place = comparison.pop("place")
        explained = None
        if place is not None and self.explained < MAX_FIRST:
            explained = cause(self.network, sample.inputs(self.network), place)
            self.explained += 1
        return SampleRecord(
            index=sample.index,
            id=sample.id,
            labels=sample.labels,
            answers=device_answers(self.network, result),
            reference_answers={name: value.tolist() for name, value in reference.answers.items()},
            counts=result.spikes.sum(axis=0).tolist(),
            layer_spikes=result.layer_spikes.tolist(),
            **comparison,
            ticks=result.ticks,
            layer_ticks=list(result.layer_ticks),
            synops=list(result.synops),
            wall_s=round(result.wall_s, 6),
            at_s=round(at, 6),
            session=self.number,
            device=device,
            place=None if place is None else place.to_json(self.network),
            cause=explained,
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


def _all_ones(network: Network, samples: Sequence[Sample]) -> Sample:
    """Every input in every step: what the first layer cannot have more of."""
    spikes = np.ones((network.steps, network.in_size), np.bool_)
    return sample_of_spikes(network, spikes, 1 + max(sample.index for sample in samples), "all ones")


def _most_synops(layer: Layer, steps: int) -> int:
    """Synaptic operations of an inference in which all that the layer listens to spikes in every step."""
    return int(layer.connection.synops(np.ones((1, steps, layer.connection.in_size), np.bool_))[0])


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
            "most_synops": _most_synops(layer, network.steps),
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
        fast = None if board.fast is None else asdict(board.fast)
        plain |= {"flash": board.flash, "ram": board.ram, "fast": fast}
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


_NOT_OF_THE_NUMBERS = {"chaos"}
"""Options that a resumed run may change."""


def _check_same(path: Path, old: Header, new: Header) -> None:
    """Raise SpikecError with everything in which the old run was another one."""
    pairs = {
        "network": (old.network.get("digest"), new.network["digest"]),
        "board": (old.board.get("id"), new.board["id"]),
        "samples": (old.data.get("samples"), new.data["samples"]),
        "samples' digest": (old.data.get("digest"), new.data["digest"]),
    }
    for name in sorted((old.options.keys() | new.options.keys()) - _NOT_OF_THE_NUMBERS):
        pairs[f"option {name}"] = (old.options.get(name), new.options.get(name))
    hint = "Resume with what the run was begun with, or begin another in another folder"
    problems = [
        Problem(str(path), f"{name} was {was}, now it is {now}", hint)
        for name, (was, now) in pairs.items()
        if was != now
    ]
    if problems:
        raise SpikecError(problems)
