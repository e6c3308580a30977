"""One server for all tests of the pages: the real application in a thread, with the answers it ships."""

import contextlib
import threading
import time

import httpx
import pytest
import uvicorn

from remit.cli.compiled import keep_compiled
from remit.settings import Contact, Settings
from remit.web.app import create_app

CONTACTS = (Contact("The night desk", "ask for it at the door"),)


@pytest.fixture(scope="session")
def settings():
    return Settings(crisis=CONTACTS, place="A clinic of tests", upload_kb=64)


@contextlib.contextmanager
def _served(app, **options):
    running = uvicorn.Server(uvicorn.Config(app, port=0, log_level="error", server_header=False, **options))
    worker = threading.Thread(target=running.run, daemon=True)
    worker.start()
    deadline = time.monotonic() + 60
    while not running.started:
        assert time.monotonic() < deadline
        time.sleep(0.02)
    yield f"http://127.0.0.1:{running.servers[0].sockets[0].getsockname()[1]}"
    running.should_exit = True
    worker.join(20)


@pytest.fixture(scope="session")
def served():
    """Serves an application in a thread for as long as it is looked at, and gives its address."""
    return _served


@pytest.fixture(scope="session")
def server(settings):
    """The address of a running server that has its first answer."""
    keep_compiled()
    with _served(create_app(settings)) as address:
        # a machine that does other work besides may take minutes to compile
        deadline = time.monotonic() + 1200
        while (standing := httpx.get(f"{address}/readyz", timeout=60).json()["status"]) != "ready":
            assert standing == "warming up"
            assert time.monotonic() < deadline
            time.sleep(0.2)
        yield address


@pytest.fixture(scope="session")
def client(server):
    with httpx.Client(base_url=server, timeout=300) as found:
        yield found
