"""From octets of a dirty line to transfer frames, space packets and fields; no input or output, no screen."""
