"""PUS services, one module each (ECSS-E-ST-70-41C)."""
