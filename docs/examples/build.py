"""Build firmware, and see what it takes of the board and how deep its stack can get."""

from hostctl import api

built = api.build("mnist-tiny", "stm32vldiscovery", "build/example", force=True)
print(f"{built.elf}: {built.flash:,} bytes of flash, {built.ram:,} of RAM")
print(f"stack: {built.stack.bytes} bytes at most")
