"""The ways to a device: serial ports (ptys as well), and emulated boards that make one."""
