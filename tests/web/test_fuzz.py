"""Requests made up from the description of the interface: none breaks the server, and each gets what is described."""

from collections import Counter

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from remit.settings import Settings
from remit.web.app import create_app

SCHEMA = schemathesis.openapi.from_dict(create_app(Settings()).openapi())
CHEAP = SCHEMA.include(path_regex=r"^/api/v1/(evidence|safety|session-plan|screen|version)")
"""What answers without the model."""
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
COMPUTES = r"^/api/v1/(how-fast|versus|how-long|by-route|for-whom|why|forecast)$"
"""What computes anew for every question, seconds each."""
CASES, FEW, MANY, SOME = 20_000, 40, 1_900, 210
"""All of them together, and of one operation: many of the ten quick ones that can be asked differently, some of the
seven that compute; the other five have no fields."""
ASKED: Counter[tuple[str, int]] = Counter()
"""How many of the many cases each operation got, by the status of its response."""
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


def _asked(case, server):
    response = case.call(base_url=server, timeout=600)
    ASKED[case.operation.label, response.status_code] += 1
    case.validate_response(response, checks=CHECKS)


@pytest.mark.slow
@SCHEMA.exclude(path_regex=COMPUTES).parametrize()
@settings(max_examples=MANY, **PLAIN)
def test_no_request_breaks_the_server(case, server):
    _asked(case, server)


@pytest.mark.slow
@SCHEMA.include(path_regex=COMPUTES).parametrize()
@settings(max_examples=SOME, **PLAIN)
def test_no_question_breaks_what_computes(case, server):
    _asked(case, server)


@pytest.mark.slow
def test_the_many_cases_were_as_many_as_promised():
    if len({operation for operation, _ in ASKED}) < len(list(SCHEMA.get_all_operations())):
        pytest.skip("some operations were not asked in this process")
    assert ASKED.total() >= CASES, dict(ASKED)
