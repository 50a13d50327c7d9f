"""Each telecommand of the dictionary has code, and one without it is refused instead of reported as done."""

import importlib

import pytest
from rover.services import request, router
from rover.tables.commands import UNKNOWN_SUBSERVICE
from yutu2.dictionary.model import load

COMMANDS = [command for command in load().commands if command.service != 17]  # PING is answered without a service
SERVICES = sorted({command.service for command in COMMANDS})


def handlers_of(number):
    name, _ = router.service(number)
    return dict(importlib.import_module(f"rover.services.{name}").HANDLERS)


@pytest.mark.parametrize("number", SERVICES)
def test_a_service_has_a_handler_for_each_of_its_telecommands_and_no_other(number):
    declared = {command.function or command.subservice for command in COMMANDS if command.service == number}
    assert set(handlers_of(number)) == declared


def test_plans_have_one_for_each_function_that_is_handed_to_them():
    functions, plans = handlers_of(8), dict(importlib.import_module("rover.services.plans").HANDLERS)
    handed_on = {function for function, handler in functions.items() if handler.__name__ == "_plan"}
    assert set(plans) == handed_on


def test_a_service_without_code_has_no_module():
    assert router.service(200) == (None, None)


class Refused(request.Request):
    def __init__(self, kind):
        self.kind, self.function, self.failures = kind, 0, []

    def fail(self, code, data=0):
        self.failures.append((code, data))


def test_a_telecommand_without_a_handler_fails():
    refused = Refused(0x0B63)
    assert refused.handler(((1, "one"), (2, "two"))) is None
    assert refused.failures == [(UNKNOWN_SUBSERVICE, 0x0B63)]
