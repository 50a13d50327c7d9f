"""Makes `emulator://` known to pyserial: the wheel puts this file into pyserial's folder of URL handlers."""

from yutu2.line.targets import serial_class_for_url

__all__ = ["serial_class_for_url"]
