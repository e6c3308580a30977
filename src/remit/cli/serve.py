"""remit serve: the same answers as pages, on this machine."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from socket import socket

app = typer.Typer(add_completion=False, rich_markup_mode=None)
EPILOG = (
    "Settings of a clinic (whom to call in a crisis, name, sizes) come from the environment: docs/web.md. Nothing is "
    "loaded from another host, nothing that is typed about a person is kept. Not medical advice."
)


@app.command(name="serve", epilog=EPILOG)
def serve(
    host: Annotated[str | None, typer.Option(help="Address; this machine only if left out (REMIT_HOST).")] = None,
    port: Annotated[int | None, typer.Option(help="Port; 8000 if left out (REMIT_PORT).", min=0, max=65535)] = None,
    log: Annotated[bool, typer.Option("--log", help="Say each request on standard error; bodies never.")] = False,
) -> None:
    """Serve the pages and the interface for programs."""
    import sys
    from dataclasses import replace

    from remit.settings import read_settings

    known = read_settings()
    settings = replace(known, host=host or known.host, port=known.port if port is None else port)
    place = listening(settings.host, settings.port)
    from remit.cli.compiled import keep_compiled

    keep_compiled()
    # choice: pages are answered while pictures are drawn; the usual five milliseconds a turn would be felt
    sys.setswitchinterval(0.001)
    import uvicorn

    from remit.web.app import asked_about, create_app

    named = f"[{settings.host}]" if ":" in settings.host else settings.host
    typer.echo(f"remit: http://{named}:{place.getsockname()[1]}/ (Ctrl-C stops it)")
    server = uvicorn.Server(
        uvicorn.Config(
            create_app(settings, ahead=asked_about(), prepare=keep_compiled),
            log_level="info" if log else "warning",
            access_log=log,
            server_header=False,
        )
    )
    server.run(sockets=[place])


def listening(host: str, port: int) -> socket:
    """A socket bound to an address.

    Args:
        host: name or number of the address.
        port: of it; 0 takes one that is free.

    Raises:
        OutputRefused: it cannot be served.
    """
    import socket

    from remit.vocabulary.errors import OutputRefused

    # with its protocol named, the event loop sends the small parts of an answer at once; without it every answer on an
    # open connection waits 40 ms until the reader's system says that the part before has come
    place = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    place.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        place.bind((host, port))
    except OSError as fault:
        place.close()
        raise OutputRefused(
            f"{host}:{port} cannot be served ({fault.strerror or fault})",
            remedy="Choose another with --port, or stop what is running there", where="--port",
        ) from None  # fmt: skip
    return place
