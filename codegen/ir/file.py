"""The ``.spk`` file: a zip of one JSON text and plain npy arrays. No pickle: loading it runs nothing."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from zlib import error as ZlibError

import numpy as np
from numpy.typing import NDArray

from codegen.ir.encoding import ENCODINGS, encoding_from_json
from codegen.ir.errors import Problem, SpikecError, fail
from codegen.ir.layers import kinds
from codegen.ir.network import Head, Layer, Network, describe, layer_arrays
from codegen.ir.neurons import models
from codegen.ir.validate import check

FORMAT = "spikec-network"
VERSION = 2
MANIFEST = "network.json"
_EPOCH = (1980, 1, 1, 0, 0, 0)  # Dates stay out, so that equal networks are equal files.
_DTYPES = {"weight": np.int8, "bias": np.int32, "theta": np.int32}
_MAX_BYTES = 1 << 30


def save(network: Network, path: Path | str) -> None:
    """Write a sound network; the file appears whole or not at all. Raises SpikecError for an unsound one."""
    check(network)
    manifest = {
        "format": FORMAT,
        "version": VERSION,
        "digest": network.digest,
        "network": describe(network),
        "annotations": dict(network.annotations),
    }
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        _add(archive, MANIFEST, (json.dumps(manifest, indent=1, sort_keys=True) + "\n").encode())
        for layer in network.layers:
            for name, array in layer_arrays(layer).items():
                npy = io.BytesIO()
                np.lib.format.write_array(npy, array, allow_pickle=False)
                _add(archive, f"{layer.name}/{name}.npy", npy.getvalue())
    path = Path(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_name(path.name + ".part")
        partial.write_bytes(buffer.getvalue())
        partial.replace(path)
    except OSError as error:
        raise fail(str(path), f"cannot be written ({error.strerror})", "Choose another place") from error


def load(path: Path | str) -> Network:
    """Read and check a network. Raises SpikecError when it is missing, foreign, damaged, unsound or too new."""
    where = str(path)
    try:
        with zipfile.ZipFile(path) as archive:
            return check(_read(archive, where))
    except FileNotFoundError as error:
        raise fail(where, "does not exist", "Make one with 'spikec train' and 'spikec quantize'") from error
    except IsADirectoryError as error:
        raise fail(where, "is a folder", "Give the path of a .spk file") from error
    except (OSError, zipfile.BadZipFile, ValueError, KeyError, TypeError, EOFError, RuntimeError, ZlibError) as error:
        raise fail(where, f"is not a whole .spk file ({_reason(error)})", "Copy or quantize it again") from error


def _reason(error: Exception) -> str:
    return " ".join(str(error).split()) or type(error).__name__


def _add(archive: zipfile.ZipFile, name: str, data: bytes) -> None:
    info = zipfile.ZipInfo(name, _EPOCH)
    info.compress_type = zipfile.ZIP_DEFLATED
    info.external_attr = 0o644 << 16
    archive.writestr(info, data)


def _read(archive: zipfile.ZipFile, where: str) -> Network:
    if sum(info.file_size for info in archive.infolist()) > _MAX_BYTES:
        raise fail(where, "unpacks to more than 1 GiB", "It is damaged or was made to do harm")
    manifest = json.loads(archive.read(MANIFEST))
    if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
        raise fail(where, "is not a spikec network", "Give a .spk file that spikec wrote")
    if manifest["version"] != VERSION:
        hint = "Update spikec" if manifest["version"] > VERSION else "Quantize the model again"
        raise fail(where, f"has format version {manifest['version']}, this spikec reads {VERSION}", hint)
    network = _restore(manifest, archive, where)
    if network.digest != manifest["digest"]:
        raise fail(
            where,
            f"its content has digest {network.digest[:16]}, not {manifest['digest'][:16]} as it says",
            "It was changed after it was written; quantize the model again",
        )
    return network


def _restore(manifest: dict[str, Any], archive: zipfile.ZipFile, where: str) -> Network:
    data = manifest["network"]
    encoding = dict(data["encoding"])
    _check_kinds(data, where)
    return Network(
        name=data["name"],
        encoding=encoding_from_json(encoding.pop("kind"), encoding),
        steps=int(data["steps"]),
        layers=tuple(_restore_layer(item, archive, where) for item in data["layers"]),
        heads=tuple(Head(h["name"], h["start"], h["stop"], tuple(h["labels"])) for h in data["heads"]),
        readout=data["readout"],
        annotations=manifest["annotations"],
    )


def _check_kinds(data: dict[str, Any], where: str) -> None:
    """Report every kind that this version does not know, all at once."""
    problems = []
    wanted: list[tuple[str, str, Iterable[str]]] = [("encoding", data["encoding"]["kind"], ENCODINGS.keys())]
    for layer in data["layers"]:
        wanted.append((f"layer {layer['name']}: connection", layer["connection"]["kind"], kinds().keys()))
        if layer["neuron"] is not None:
            wanted.append((f"layer {layer['name']}: neuron", layer["neuron"]["kind"], models().keys()))
    for place, kind, known in wanted:
        if kind not in known:
            problems.append(Problem(f"{where}: {place}", f"'{kind}' is unknown", f"Known: {', '.join(sorted(known))}"))
    if problems:
        raise SpikecError(problems)


def _restore_layer(item: dict[str, Any], archive: zipfile.ZipFile, where: str) -> Layer:
    folder = item["name"] + "/"
    arrays = {}
    for entry in archive.namelist():
        if entry.startswith(folder):
            name = entry.removeprefix(folder).removesuffix(".npy")
            arrays[name] = _read_array(archive.read(entry), name, f"{where}: {entry}")
    fields = dict(item["connection"])
    connection = kinds()[fields.pop("kind")].restore(arrays, fields)
    neuron = None if item["neuron"] is None else models()[item["neuron"]["kind"]](theta=arrays["theta"])
    return Layer(item["name"], connection, neuron)


def _read_array(raw: bytes, name: str, where: str) -> NDArray[Any]:
    array: NDArray[Any] = np.lib.format.read_array(io.BytesIO(raw), allow_pickle=False)
    if array.dtype != _DTYPES[name]:
        raise fail(where, f"has dtype {array.dtype}, not {np.dtype(_DTYPES[name])}", "Quantize the model again")
    array = np.ascontiguousarray(array)
    array.setflags(write=False)
    return array
