"""Makes `emulator://` known to pyserial: the wheel puts this file into pyserial's folder of URL handlers."""

from yutu2.line.emulator import EmulatorPort as Serial

__all__ = ["Serial"]
