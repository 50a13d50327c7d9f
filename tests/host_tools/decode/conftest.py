"""Gives the tests of this folder their sender."""

import importlib.util
import sys
from pathlib import Path

import pytest

NAME = "yutu2_tests_decode_encoder"


@pytest.fixture(scope="session")
def encoder():
    """The module encoder.py beside this file: no test folder is on sys.path in importlib mode."""
    if NAME not in sys.modules:
        spec = importlib.util.spec_from_file_location(NAME, Path(__file__).with_name("encoder.py"))
        sys.modules[NAME] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(sys.modules[NAME])
    return sys.modules[NAME]
