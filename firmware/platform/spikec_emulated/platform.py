"""PlatformIO development platform for emulated boards: the compilers are the system's, nothing is downloaded."""

from platformio.platform.base import PlatformBase


class Spikec_emulatedPlatform(PlatformBase):  # PlatformIO finds the class by this spelling
    def is_embedded(self):
        return True
