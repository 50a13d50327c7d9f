"""Instrument products: reassemble their files from CFDP, read them, and derive pictures and FITS files."""
