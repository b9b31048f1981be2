"""Write a network as a C library for a project of your own, and as Verilog."""

from hostctl import api

print(api.generate("mnist-tiny", out="build/library", force=True))
print(api.generate("mnist-tiny", "fpga_sim", "build/verilog", force=True))
