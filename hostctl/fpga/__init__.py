"""From a generated project of Verilog to something that runs it."""

from hostctl.fpga.model import ModelBug, SimulationModel, build_model
from hostctl.fpga.text import hardware_lines, resource_lines, size_words

__all__ = ["ModelBug", "SimulationModel", "build_model", "hardware_lines", "resource_lines", "size_words"]
