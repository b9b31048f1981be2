"""From a generated project to firmware on a board, by PlatformIO."""

from hostctl.build.project import BuildBug, BuildResult, build
from hostctl.build.upload import flash

__all__ = ["BuildBug", "BuildResult", "build", "flash"]
