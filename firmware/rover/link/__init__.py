"""CCSDS on the wire: checksums, space packets, transfer frames. Knows no other room."""
