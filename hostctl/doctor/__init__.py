"""``spikec doctor``: what is installed, what is missing, and the command that installs it."""

from hostctl.doctor.boards import missing_for
from hostctl.doctor.check import Check
from hostctl.doctor.diagnose import diagnose
from hostctl.doctor.render import render

__all__ = ["Check", "diagnose", "missing_for", "render"]
