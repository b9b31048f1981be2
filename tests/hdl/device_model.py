"""The device in hardware and the device in C behind the same mocked network: built, and fed with the same bytes."""

from __future__ import annotations

import hashlib
import re
import struct
import subprocess
from dataclasses import dataclass
from pathlib import Path

from device_client import GREETING, frame, parse

HERE = Path(__file__).parent
FIRMWARE = HERE.parent.parent / "firmware"
RTL = FIRMWARE / "rtl"
SOURCES = [*sorted(RTL.glob("*.v")), HERE / "mock_engine.v", HERE / "mocked_device.v"]
WAIT = struct.pack("<I", 0xFFFFFFFF)
ON, OFF, BOTH, MERGED = range(4)
PIECES = 8


@dataclass(frozen=True)
class Model:
    """A network without sense, of some shape. ``layers``: (neurons, bytes of a membrane); ``heads``: (start, stop)."""

    name: str
    steps: int
    layers: tuple[tuple[int, int], ...]
    heads: tuple[tuple[int, int], ...]
    frame_inputs: int = 0  # 0: it takes events
    width: int = 1
    height: int = 1
    polarity: int = ON
    downsample: int = 1
    start_us: int = 0
    bin_us: int = 1
    trace: bool = True
    max_payload: int = 1024
    rx_bytes: int = 4096
    network_digest: str = ""  # of a real network, where the host wants one

    @property
    def columns(self) -> int:
        return -(-self.width // self.downsample)

    @property
    def inputs(self) -> int:
        if self.frame_inputs:
            return self.frame_inputs
        return self.columns * -(-self.height // self.downsample) * (2 if self.polarity == BOTH else 1)

    @property
    def outputs(self) -> int:
        return self.layers[-1][0]

    @property
    def promised_bytes(self) -> int:
        return self.rx_bytes - self.max_payload - 64

    @property
    def digest(self) -> str:
        return self.network_digest or hashlib.sha256(self.name.encode()).hexdigest()

    def greeting(self) -> bytes:
        """The greeting's payload behind the nonce."""
        features = 2 | (0 if self.frame_inputs else 1) | (4 if self.trace else 0)
        numbers = (features, self.max_payload, self.promised_bytes, 1000, self.steps, self.inputs, self.outputs)
        head = struct.pack("<HHIIHHHBB", *numbers, len(self.layers), len(self.heads)) + bytes.fromhex(self.digest)
        strings = [text.encode() for text in ("bench", self.name, "mock", "dice")]
        return head + b"".join(bytes([len(text)]) + text for text in strings)

    def numbers(self) -> dict[str, int]:
        """What both sides are told by macros."""
        return {
            **{"STEPS": self.steps, "INPUTS": self.inputs, "OUTPUTS": self.outputs},
            **{"LAYERS": len(self.layers), "HEADS": len(self.heads), "EVENTS": int(not self.frame_inputs)},
            **{"WIDTH": self.width, "HEIGHT": self.height, "COLUMNS": self.columns, "POLARITY": self.polarity},
            **{"CHANNELS": 2 if self.polarity == BOTH else 1, "START_US": self.start_us, "BIN_US": self.bin_us},
            **{"DOWNSAMPLE": self.downsample, "TRACE": int(self.trace), "MAX_PAYLOAD": self.max_payload},
            **{"RX_BYTES": self.rx_bytes, "GREETING_BYTES": len(self.greeting())},
        }

    def verilog(self) -> str:
        """device_config.vh"""
        vectors = {
            "LAYER_SIZES": [f"16'd{size}" for size, _ in self.layers],
            "LAYER_KINDS": [f"2'd{width // 2}" for _, width in self.layers],
            "HEAD_STARTS": [f"16'd{start}" for start, _ in self.heads],
            "HEAD_STOPS": [f"16'd{stop}" for _, stop in self.heads],
        }
        lines = [f"`define {name} {value}" for name, value in self.numbers().items()]
        lines += [f"`define {name} {{{', '.join(reversed(items))}}}" for name, items in vectors.items()]
        return "\n".join([*lines, ""])

    def c(self) -> str:
        """device_config.h"""
        numbers = {key: value for key, value in self.numbers().items() if key != "MAX_PAYLOAD"}
        texts = {"NETWORK_NAME": self.name, "NETWORK_DIGEST": self.digest, "TOOL_NAME": "mock"}
        texts |= {"BOARD_NAME": "bench", "COUNTER_NAME": "dice"}
        numbers |= {"COUNTER_HZ": 1000, "PROMISED_BYTES": self.promised_bytes}
        before = ["input", *(f"behind_{i}" for i in range(len(self.layers)))]
        layers = [f"X({i}, {before[i]}, {size}, {width})" for i, (size, width) in enumerate(self.layers)]
        heads = ", ".join(f'{{"head", {start}, {stop}}}' for start, stop in self.heads)
        lines = [f"#define {name} {value}u" for name, value in numbers.items()]
        lines += [f'#define {name} "{text}"' for name, text in texts.items()]
        lines += [f"#define DEVICE_LAYERS(X) {' '.join(layers)}", f"#define DEVICE_HEADS {heads}"]
        return "\n".join([*lines, f"#define DEVICE_OUTPUT {before[-1]}", ""])


def run(command: list[object], folder: Path, seconds: float = 120) -> str:
    """Run a program; its output. It must succeed."""
    done = subprocess.run(
        [str(word) for word in command], cwd=folder, capture_output=True, text=True, timeout=seconds, check=False
    )
    assert done.returncode == 0, f"{' '.join(map(str, command))}\n{done.stdout}\n{done.stderr}"
    return done.stdout + done.stderr


def hex_lines(data: bytes) -> str:
    """What $readmemh reads: a byte a line."""
    return "".join(f"{byte:02x}\n" for byte in data)


class Pair:
    """Both devices of a model, built in ``folder``."""

    def __init__(self, model: Model, folder: Path) -> None:
        self.model = model
        self.folder = folder
        (folder / "device_config.h").write_text(model.c())
        (folder / "device_config.vh").write_text(model.verilog())
        (folder / "greeting.hex").write_text(hex_lines(model.greeting()))
        sources = [*(FIRMWARE / "protocol").glob("*.c"), HERE / "mock_network.c"]
        sources += [FIRMWARE / "core" / f"spikec_{name}.c" for name in ("input", "reset", "result", "run", "share")]
        includes = [f"-I{path}" for path in (folder, FIRMWARE / "protocol", FIRMWARE / "core", FIRMWARE / "hal")]
        checks = ["-std=c99", "-O1", "-g", "-Wall", "-Wextra", "-Werror", "-fsanitize=address,undefined"]
        payload = f"-DSPIKEC_MAX_PAYLOAD={model.max_payload}"
        run(["gcc", *checks, payload, *includes, *sources, "-o", "device"], folder)
        verilog = [*SOURCES, HERE / "device_bench.v"]
        command = ["iverilog", "-g2005", "-I", RTL, "-I", folder, "-s", "device_bench", "-o", "bench.vvp"]
        run([*command, *verilog], folder)

    def in_c(self, script: bytes) -> list[bytes]:
        """What the C device answers, a string of bytes up to each wait and one behind the last.

        Its greeting is made that of a device without the feature PIECES, which hardware has not.
        """
        done = subprocess.run([self.folder / "device"], input=script, capture_output=True, timeout=120, check=False)
        assert done.returncode == 0, done.stderr.decode()
        return [without_pieces(part) for part in _parts(done.stdout.decode())]

    def in_hardware(self, script: bytes, *options: str, name: str = "case") -> list[bytes]:
        """What the hardware answers to the same."""
        (self.folder / f"{name}.in").write_bytes(script)
        output = run(["vvp", "-n", "bench.vvp", f"+in={name}.in", f"+out={name}.out", *options], self.folder, 600)
        assert "MOCK ENGINE" not in output, output
        assert re.search(r"^BENCH: done after \d+ cycles$", output, re.MULTILINE), output
        assert output.count("BENCH") == 1, output
        return _parts((self.folder / f"{name}.out").read_text())


def without_pieces(sent: bytes) -> bytes:
    """The same frames, but a greeting's features (behind its token of four bytes) without PIECES."""
    out = b""
    for data in sent.split(b"\0")[:-1]:
        kind, sequence, payload = parse(data)
        if kind == GREETING:
            (features,) = struct.unpack_from("<H", payload, 4)
            assert features & PIECES
            payload = payload[:4] + struct.pack("<H", features & ~PIECES) + payload[6:]
        out += frame(kind, sequence, payload)
    return out


def _parts(lines: str) -> list[bytes]:
    return [bytes.fromhex(part.replace("\n", "")) for part in lines.split("--\n")]


def piece(data: bytes) -> bytes:
    """Bytes that come in one go, for a script."""
    return struct.pack("<I", len(data)) + data
