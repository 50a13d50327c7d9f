"""From commands to octets on the line: packets, frames, their security, the sending side of COP-1."""
