"""What the instruments saw: files put together from CFDP, read as products, turned into pictures and FITS files."""
