"""Register `emulator://` with pyserial: the wheel puts this file into its folder of URL handlers."""

from yutu2.line.targets import serial_class_for_url

__all__ = ["serial_class_for_url"]
