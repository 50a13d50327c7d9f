"""A craft that tells what a test wants, packed by the dictionary into a downlink."""

import importlib.util
import struct
from datetime import timedelta
from pathlib import Path

import pytest
from yutu2.decode.reception import Reception
from yutu2.dictionary.model import TYPES, load
from yutu2.firmware import EPOCH

ENCODER = Path(__file__).parent.parent / "decode" / "encoder.py"


class Craft:
    """Packs reports as they are told. Fields are engineering values; those not given are 0."""

    def __init__(self, encoder, spacecraft=24):
        self._sender = encoder.Sender(spacecraft)
        self._definitions = {definition.name: definition for definition in load().packets + load().events}

    def tell(self, name, time, **values):
        definition = self._definitions[name]
        seconds = (time - EPOCH) // timedelta(seconds=1)
        header = struct.pack(">BBBHHIH", 0x20, definition.service, definition.subservice, 0, 0, seconds, 0)
        fields = b"".join(self._packed(field, values.get(field.name, 0)) for field in definition.fields)
        self._sender.send(0, definition.apid, header + struct.pack(">H", definition.selector) + fields)

    @property
    def downlink(self):
        self._sender.end()
        return self._sender.stream

    @property
    def reports(self):
        """What the decoder makes of the downlink."""
        return Reception(load()).feed(self.downlink)

    def _packed(self, field, value):
        if field.type == "hash4":
            return load().hash
        if field.labels is not None:
            value = {label: number for number, label in field.labels.items()}.get(value, value)
        if field.count is not None:
            return struct.pack(">" + field.code, *(value or [0] * field.count))
        return struct.pack(">" + TYPES[field.type], round(value / (field.scale or 1)))


@pytest.fixture(scope="session")
def encoder():
    spec = importlib.util.spec_from_file_location("yutu2_tests_show_encoder", ENCODER)
    module = importlib.util.module_from_spec(spec)
    # dataclasses look their module up
    importlib.sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def craft(encoder):
    """`craft.tell(name, time, field=value, ...)`; `craft.downlink`; `craft.reports`."""
    return Craft(encoder)


@pytest.fixture
def craft_like(encoder):
    """`craft_like(spacecraft_id)`: another one."""
    return lambda spacecraft: Craft(encoder, spacecraft)
