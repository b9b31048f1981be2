"""Connections in torch, one a file, with the kinds' names of ``codegen.ir.layers``."""
