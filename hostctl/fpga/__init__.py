"""From a generated project of Verilog to something that runs it."""

from hostctl.fpga.model import ModelBug, SimulationModel, build_model

__all__ = ["ModelBug", "SimulationModel", "build_model"]
