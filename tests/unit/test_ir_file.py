"""The .spk file: what was saved comes back; what is damaged, foreign or too new is told, and runs nothing."""

import io
import json
import pickle
import zipfile

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ladder import random_network

from codegen.ir import SpikecError, file, load, save
from codegen.ir.network import describe, layer_arrays


@pytest.fixture
def saved(tmp_path):
    save(random_network(5, largest=12), tmp_path / "net.spk")
    return tmp_path / "net.spk"


def rewrite(path, change):
    """Change the members of a .spk (name to bytes) and write it again."""
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    change(members)
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)


def rewrite_manifest(path, change):
    def edit(members):
        manifest = json.loads(members["network.json"])
        change(manifest)
        members["network.json"] = json.dumps(manifest).encode()

    rewrite(path, edit)


def npy(array, allow_pickle=False):
    buffer = io.BytesIO()
    np.lib.format.write_array(buffer, array, allow_pickle=allow_pickle)
    return buffer.getvalue()


def message(path):
    with pytest.raises(SpikecError) as caught:
        load(path)
    return str(caught.value)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10**6))
def test_round_trip(tmp_path_factory, seed):
    network = random_network(seed, largest=20)
    path = tmp_path_factory.mktemp("spk") / "a.spk"
    save(network, path)
    again = load(path)
    assert describe(again) == describe(network)
    assert again.digest == network.digest
    for one, other in zip(again.layers, network.layers, strict=True):
        for name, array in layer_arrays(one).items():
            assert array.dtype == layer_arrays(other)[name].dtype
            assert np.array_equal(array, layer_arrays(other)[name])


def test_equal_networks_are_equal_files(tmp_path):
    for name in ("a", "b"):
        save(random_network(9, largest=12), tmp_path / f"{name}.spk")
    assert (tmp_path / "a.spk").read_bytes() == (tmp_path / "b.spk").read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.spk", "b.spk"]


def test_annotations_come_back_and_do_not_change_the_digest(tmp_path):
    from dataclasses import replace

    plain = random_network(2, largest=8)
    noted = replace(plain, annotations={"scale": 0.5})
    save(noted, tmp_path / "a.spk")
    assert load(tmp_path / "a.spk").annotations == {"scale": 0.5}
    assert noted.digest == plain.digest


def test_any_number_changes_the_digest():
    from dataclasses import replace

    from codegen.ir import Affine, Layer

    network = random_network(4, largest=8)
    first = network.layers[0]
    bias = first.connection.bias + 1
    other = Layer(first.name, Affine(first.connection.weight, bias, first.connection.bits), first.neuron)
    assert replace(network, layers=(other, *network.layers[1:])).digest != network.digest
    assert replace(network, steps=network.steps + 1).digest != network.digest


def test_loaded_arrays_cannot_be_changed_by_accident(saved):
    with pytest.raises(ValueError, match="read-only"):
        load(saved).layers[0].connection.weight[0, 0] = 1


def test_missing(tmp_path):
    assert "does not exist. Make one with 'spikec train'" in message(tmp_path / "no.spk")


def test_folder(tmp_path):
    assert "is a folder. Give the path of a .spk file" in message(tmp_path)


@pytest.mark.parametrize("content", [b"", b"hello", b"PK\x03\x04 and then nothing"])
def test_no_zip(tmp_path, content):
    (tmp_path / "x.spk").write_bytes(content)
    assert "is not a whole .spk file" in message(tmp_path / "x.spk")


def test_every_truncation_is_told(saved):
    raw = saved.read_bytes()
    for length in range(0, len(raw), max(1, len(raw) // 40)):
        saved.write_bytes(raw[:length])
        assert "is not a whole .spk file" in message(saved)


def test_every_flipped_byte_is_told_or_harmless(saved):
    """A zip has bytes that mean nothing (times, flags); whatever still loads must be the same network."""
    raw, digest = saved.read_bytes(), load(saved).digest
    for position in range(0, len(raw), max(1, len(raw) // 150)):
        damaged = bytearray(raw)
        damaged[position] ^= 0x55
        saved.write_bytes(damaged)
        try:
            assert load(saved).digest == digest
        except SpikecError as error:
            assert "spk" in str(error)  # noqa: PT017 - either outcome is right


def test_foreign_zip(tmp_path):
    with zipfile.ZipFile(tmp_path / "x.spk", "w") as archive:
        archive.writestr("readme.txt", "hello")
    assert "is not a whole .spk file" in message(tmp_path / "x.spk")


@pytest.mark.parametrize("manifest", [b"{}", b'{"format": "other"}'])
def test_foreign_manifest(saved, manifest):
    rewrite(saved, lambda members: members.update({"network.json": manifest}))
    assert "is not a spikec network. Give a .spk file that spikec wrote" in message(saved)


@pytest.mark.parametrize("manifest", [b"[]", b"7", b"null", b"\xff\xfe", b"{", b"[" * 100_000])
def test_manifest_that_is_no_object(saved, manifest):
    rewrite(saved, lambda members: members.update({"network.json": manifest}))
    assert ".spk" in message(saved)


@pytest.mark.parametrize(("version", "hint"), [(3, "Update spikec"), (1, "Quantize the model again")])
def test_other_versions(saved, version, hint):
    rewrite_manifest(saved, lambda manifest: manifest.update(version=version))
    assert f"has format version {version}, this spikec reads 2. {hint}" in message(saved)


@pytest.mark.parametrize("version", ["1", None, [1]])
def test_version_that_is_no_number(saved, version):
    rewrite_manifest(saved, lambda manifest: manifest.update(version=version))
    assert ".spk" in message(saved)


@pytest.mark.parametrize("key", ["version", "network", "digest", "annotations"])
def test_missing_keys(saved, key):
    rewrite_manifest(saved, lambda manifest: manifest.pop(key))
    assert "is not a whole .spk file" in message(saved)


@pytest.mark.parametrize("key", ["name", "encoding", "steps", "layers", "heads", "readout"])
@pytest.mark.parametrize("value", [None, 7, "x", [], {}, [7], {"a": 1}])
def test_values_of_a_wrong_type_are_told(saved, key, value):
    if (key, value) in (("steps", 7), ("name", "x")):
        value = [value]
    rewrite_manifest(saved, lambda manifest: manifest["network"].update({key: value}))
    assert message(saved)


def test_unknown_kinds_are_told_all_at_once(saved):
    def change(manifest):
        manifest["network"]["encoding"]["kind"] = "sound"
        manifest["network"]["layers"][0]["neuron"]["kind"] = "lif"
        manifest["network"]["layers"][0]["connection"]["kind"] = "conv"

    rewrite_manifest(saved, change)
    text = message(saved)
    assert "encoding: 'sound' is unknown. Known: events, frames" in text
    assert "neuron: 'lif' is unknown. Known: snn_ct, snn_dc" in text
    assert "connection: 'conv' is unknown. Known: affine, conv2d, max_pool2d" in text


def test_changed_content_is_told(saved):
    def change(members):
        array = np.lib.format.read_array(io.BytesIO(members["layer0/bias.npy"]))
        members["layer0/bias.npy"] = npy(array + np.int32(1))

    rewrite(saved, change)
    assert "It was changed after it was written; quantize the model again" in message(saved)


def test_foreign_dtype(saved):
    rewrite(saved, lambda members: members.update({"layer0/bias.npy": npy(np.zeros(3))}))
    assert "layer0/bias.npy: has dtype float64, not int32. Quantize the model again" in message(saved)


def test_foreign_array(saved):
    rewrite(saved, lambda members: members.update({"layer0/extra.npy": npy(np.zeros(3, np.int8))}))
    assert "spk" in message(saved)


def test_missing_array(saved):
    rewrite(saved, lambda members: members.pop("layer0/theta.npy"))
    assert "is not a whole .spk file" in message(saved)


class Bomb:
    """Would make a file if it were unpickled."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return (open, (self.path, "w"))


def test_pickles_are_not_run(saved, tmp_path):
    bomb = np.array([Bomb(str(tmp_path / "ran"))], object)
    assert pickle.dumps(bomb)
    rewrite(saved, lambda members: members.update({"layer0/bias.npy": npy(bomb, allow_pickle=True)}))
    assert "is not a whole .spk file" in message(saved)
    assert not (tmp_path / "ran").exists()


def test_bombs_are_not_unpacked(saved, monkeypatch):
    monkeypatch.setattr(file, "_MAX_BYTES", 10)
    assert "unpacks to more than 1 GiB" in message(saved)


def test_unsound_networks_are_not_written(tmp_path):
    from dataclasses import replace

    with pytest.raises(SpikecError, match="0 steps"):
        save(replace(random_network(1, largest=8), steps=0), tmp_path / "x.spk")
    assert list(tmp_path.iterdir()) == []


def test_unwritable_place(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(SpikecError, match="cannot be written"):
        save(random_network(1, largest=8), tmp_path / "file" / "x.spk")
