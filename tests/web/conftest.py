"""One server for all tests of the pages: the real application in a thread, with the answers it ships."""

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


@pytest.fixture(scope="session")
def server(settings):
    """The address of a running server that has its first answer."""
    keep_compiled()
    running = uvicorn.Server(uvicorn.Config(create_app(settings), port=0, log_level="error", server_header=False))
    worker = threading.Thread(target=running.run, daemon=True)
    worker.start()
    deadline = time.monotonic() + 300
    while not running.started:
        assert time.monotonic() < deadline
        time.sleep(0.02)
    port = running.servers[0].sockets[0].getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    while (standing := httpx.get(f"{address}/readyz", timeout=60).json()["status"]) != "ready":
        assert standing == "warming up"
        assert time.monotonic() < deadline
        time.sleep(0.2)
    yield address
    running.should_exit = True
    worker.join(20)


@pytest.fixture(scope="session")
def client(server):
    with httpx.Client(base_url=server, timeout=300) as found:
        yield found
