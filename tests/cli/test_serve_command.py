"""What `remit serve` listens on."""

import asyncio
import socket

import pytest

from remit.cli.serve import listening
from remit.vocabulary.errors import OutputRefused


def test_small_parts_of_an_answer_are_not_held_back():
    async def accepted() -> int:
        seen = asyncio.get_running_loop().create_future()

        def connected(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            own = writer.get_extra_info("socket")
            seen.set_result(own.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
            writer.close()

        place = listening("127.0.0.1", 0)
        async with await asyncio.start_server(connected, sock=place):
            _, writer = await asyncio.open_connection(*place.getsockname())
            found = await seen
            writer.close()
            await writer.wait_closed()
        return found

    assert asyncio.run(accepted()) == 1


def test_an_address_that_is_taken_is_refused_with_what_to_do():
    with listening("127.0.0.1", 0) as place:
        place.listen()
        port = place.getsockname()[1]
        with pytest.raises(OutputRefused, match=f"127.0.0.1:{port} cannot be served") as refused:
            listening("127.0.0.1", port)
    assert "--port" in str(refused.value.remedy)
