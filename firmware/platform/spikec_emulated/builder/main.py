"""How a project is built: the board's JSON says with which compiler, flags and linker script."""

from SCons.Script import AlwaysBuild, Default, DefaultEnvironment

env = DefaultEnvironment()
board = env.BoardConfig()
prefix = board.get("build.toolchain_prefix", "")

env.Replace(
    CC=prefix + "gcc",
    CXX=prefix + "g++",
    AS=prefix + "as",
    AR=prefix + "gcc-ar",
    RANLIB=prefix + "gcc-ranlib",
    SIZETOOL=prefix + "size",
    SIZECHECKCMD="$SIZETOOL -A -d $SOURCES",
    SIZEPROGREGEXP=r"^(?:\.text|\.rodata|\.data|\.fast|\.ARM\.exidx)\s+(\d+)",
    SIZEDATAREGEXP=r"^(?:\.data|\.bss|\.noinit|\.stack)\s+(\d+)",
    SIZEPRINTCMD="$SIZETOOL -A -d $SOURCES",
    PROGNAME="firmware",
    PROGSUFFIX=".elf",
)
env.Append(
    CCFLAGS=board.get("build.cpu_flags", []) + ["-ffunction-sections", "-fdata-sections", "-fstack-usage"],
    LINKFLAGS=board.get("build.cpu_flags", [])
    + board.get("build.link_flags", [])
    + ["-Wl,--gc-sections", "-Wl,-Map=${TARGET.base}.map"],
    LIBS=board.get("build.libraries", []),
    ASPPFLAGS=board.get("build.cpu_flags", []),
)
if "build.ldscript" in board:
    env.Replace(LDSCRIPT_PATH=env.subst("$PROJECT_DIR/") + board.get("build.ldscript"))

program = env.BuildProgram()
env.Depends(program, env.Glob("$PROJECT_DIR/src/board/*.ld"))  # also the parts that a linker script includes
AlwaysBuild(
    env.Alias(
        "upload",
        program,
        env.VerboseAction(lambda *args, **kwargs: None, "An emulated board needs no flashing: run $SOURCE"),
    )
)
Default([program])
