"""From a generated project of Verilog to something that runs it."""

from hostctl.fpga.flash import flash_bitstream
from hostctl.fpga.model import ModelBug, SimulationModel, build_model
from hostctl.fpga.result import SynthesisResult
from hostctl.fpga.synth import SynthesisBug, synthesise
from hostctl.fpga.text import clock_words, hardware_lines, resource_lines, size_words

__all__ = [
    "ModelBug",
    "SimulationModel",
    "SynthesisBug",
    "SynthesisResult",
    "build_model",
    "clock_words",
    "flash_bitstream",
    "hardware_lines",
    "resource_lines",
    "size_words",
    "synthesise",
]
