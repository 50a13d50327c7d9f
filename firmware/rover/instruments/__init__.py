"""PCAM, VNIS, ASAN and LPR: power up, observe, make data products. Each is loaded on use, and dropped after it."""
