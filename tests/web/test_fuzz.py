"""Requests made up from the description of the interface: none breaks the server, and each gets what is described."""

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import content_type_conformance, status_code_conformance

from remit.settings import Settings
from remit.web.app import create_app

SCHEMA = schemathesis.openapi.from_dict(create_app(Settings()).openapi())
CHEAP = SCHEMA.include(path_regex=r"^/api/v1/(evidence|safety|session-plan|screen|version)")
"""What answers without the model."""
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance]
OPERATIONS = 22
FEW, MANY = 40, 20_000 // OPERATIONS
PLAIN = {
    "deadline": None,
    "phases": [Phase.generate, Phase.shrink],
    "derandomize": True,
    "suppress_health_check": list(HealthCheck),
}


@CHEAP.parametrize()
@settings(max_examples=FEW, **PLAIN)
def test_no_request_breaks_what_answers_at_once(case, server):
    case.call_and_validate(base_url=server, checks=CHECKS)


@pytest.mark.slow
@SCHEMA.parametrize()
@settings(max_examples=MANY, **PLAIN)
def test_no_request_breaks_the_server(case, server):
    case.call_and_validate(base_url=server, checks=CHECKS, timeout=600)


def test_the_description_has_as_many_operations_as_the_many_cases_are_shared_among():
    assert len(list(SCHEMA.get_all_operations())) == OPERATIONS
