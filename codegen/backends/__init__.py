"""Backends: a network and a board go in, a plan of files comes out."""
