"""The compiler: from the integer network to a plan of firmware files (numpy and jinja2 only)."""

__version__ = "0.1.0"
