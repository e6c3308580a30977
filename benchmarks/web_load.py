"""Fifty people who explore at once: how long each waits for an answer, and whether the server grows.

    remit serve --port 8000 &
    python -m benchmarks.web_load http://127.0.0.1:8000 --people 50 --seconds 180

Each person changes one field of the sentence, gets the part of the page that changes and the picture that goes with it,
looks at it for a while, and goes on. Questions are drawn at random from a seed, so most are new to the server. Printed:
updates, errors, p50, p95 and the longest wait [ms] for the answer and for the picture, and the memory of the server at
the start and at the end where it can be read.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import time
from pathlib import Path
from typing import Any

import httpx

FIELDS: dict[str, tuple[str, ...]] = {
    "diagnosis": ("GAD", "SAD", "PD", "PTSD", "OCD", "mixed_anxiety", "anxious_depression"),
    "dose": ("0.2", "0.25", "0.3", "0.4", "0.5"),
    "route": ("iv", "im", "sc"),
    "sessions": ("1", "2", "3", "4", "6"),
    "spacing": ("2d", "3d", "7d"),
    "baseline": ("", "10", "12", "14", "16", "18"),
    "weight": ("", "60", "80", "95"),
}
LOOK_S = (3.0, 7.0)
"""How long a person looks at an answer before the next change [s]."""


def percentile(values: list[float], share: float) -> float:
    """The value that a share of values does not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else float("nan")


async def explore(
    client: httpx.AsyncClient, seed: int, until: float, answers: list[float], pictures: list[float], errors: list[str]
) -> None:
    """One person until the time is over."""
    chance = random.Random(seed)  # noqa: S311 (nobody guesses what is asked)
    asked: dict[str, str] = {}
    await asyncio.sleep(chance.uniform(0, LOOK_S[1]))
    while time.monotonic() < until:
        name = chance.choice(list(FIELDS))
        asked[name] = chance.choice(FIELDS[name])
        try:
            begun = time.perf_counter()
            found = await client.get("/", params=asked, headers={"HX-Request": "true"})
            answers.append(1000 * (time.perf_counter() - begun))
            if found.status_code != 200 or "hundreds" not in found.text:
                errors.append(f"{found.status_code} {asked}")
            begun = time.perf_counter()
            drawn = await client.get("/picture/how-fast/course.json", params=asked)
            pictures.append(1000 * (time.perf_counter() - begun))
            if drawn.status_code != 200:
                errors.append(f"{drawn.status_code} picture {asked}")
        except httpx.HTTPError as fault:
            errors.append(repr(fault))
        await asyncio.sleep(chance.uniform(*LOOK_S))


def memory_mib(process: int | None) -> float | None:
    """Memory of a process [MiB]; None where it cannot be read."""
    try:
        lines = Path(f"/proc/{process}/status").read_text().splitlines()
    except OSError:
        return None
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS"))


async def load(address: str, people: int, seconds: float, seed: int, process: int | None) -> dict[str, Any]:
    """Let people explore, and say how it went."""
    answers: list[float] = []
    pictures: list[float] = []
    errors: list[str] = []
    before = memory_mib(process)
    limits = httpx.Limits(max_connections=2 * people, max_keepalive_connections=2 * people)
    async with httpx.AsyncClient(base_url=address, timeout=120, limits=limits) as client:
        until = time.monotonic() + seconds
        await asyncio.gather(
            *(explore(client, seed + each, until, answers, pictures, errors) for each in range(people))
        )
    return {
        "people": people, "seconds": seconds, "updates": len(answers), "errors": len(errors),
        "first_errors": errors[:3],
        **{
            f"{name}_{label}_ms": round(percentile(values, share), 1)
            for name, values in (("answer", answers), ("picture", pictures))
            for label, share in (("p50", 0.5), ("p95", 0.95), ("max", 1.0))
        },
        "memory_before_mib": before, "memory_after_mib": memory_mib(process),
    }  # fmt: skip


def main() -> None:
    """Run it from the command line."""
    reader = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    reader.add_argument("address")
    reader.add_argument("--people", type=int, default=50)
    reader.add_argument("--seconds", type=float, default=180)
    reader.add_argument("--seed", type=int, default=1)
    reader.add_argument("--process", type=int, help="of the server, to read its memory")
    given = reader.parse_args()
    found = asyncio.run(load(given.address, given.people, given.seconds, given.seed, given.process))
    for name, value in found.items():
        print(f"{name:18} {value}")


if __name__ == "__main__":
    main()
