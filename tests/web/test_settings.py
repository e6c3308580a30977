"""Settings come from the environment, are few, and refuse what they cannot use."""

import pytest

from remit.settings import MOST_WORKERS, Contact, Settings, read_settings
from remit.vocabulary.errors import InputRefused


def test_nothing_set_is_the_plain_installation():
    found = read_settings({})
    assert found == Settings(workers=found.workers)
    assert 1 <= found.workers <= MOST_WORKERS
    assert Settings().crisis == ()


def test_what_is_set_is_read():
    found = read_settings(
        {
            "REMIT_PORT": "9000",
            "REMIT_CRISIS": "Desk: by the door; Nurse: bell 2",
            "REMIT_PLACE": " x ",
            "REMIT_WORKERS": "0",
        }
    )
    assert found.port == 9000
    assert found.place == "x"
    assert found.workers == 0
    assert found.crisis == (Contact("Desk", "by the door"), Contact("Nurse", "bell 2"))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("REMIT_PORT", "x"),
        ("REMIT_PORT", "70000"),
        ("REMIT_CRISIS", "nobody"),
        ("REMIT_JOBS", "0"),
        ("REMIT_WORKERS", "-1"),
    ],
)
def test_what_cannot_be_used_is_refused_by_name(name, value):
    with pytest.raises(InputRefused, match=name):
        read_settings({name: value})
