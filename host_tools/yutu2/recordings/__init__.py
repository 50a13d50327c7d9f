"""Recordings of a downlink: reading them, and writing what they hold."""
