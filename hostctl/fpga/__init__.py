"""FPGAs: from a generated project of Verilog to a chip that computes it."""
