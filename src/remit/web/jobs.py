"""Long work for programs: an analysis of an uploaded table runs beside the server, and can be asked about and stopped.

Each analysis is a process of the command line, ``remit meta``, in a folder of its own that is gone with it: it cannot
hold the pages up, can be ended at any time, and says what the command says. What is uploaded is not kept after that.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Form, HTTPException, Request, UploadFile
from fastapi.responses import JSONResponse, Response

from remit.web.faults import PROBLEM, problem

router = APIRouter(prefix="/api/v1", tags=["long work"])
WAITING, RUNNING, DONE, FAILED, STOPPED = "waiting", "running", "done", "failed", "stopped"
MOST_WAITING = 8
"""choice: more would wait longer than anybody stays."""
KEPT_S = 3600.0
"""How long the result of an analysis is kept [s]."""
LONGEST_S = 3600.0
"""choice: an analysis that takes longer belongs to the command line [s]."""
LONGEST_FIT_S = 12 * 3600.0
"""choice: ten times what a fit takes on two processors [s]; one that hangs is ended, and what is done is kept."""
GRACE_S = 30.0
"""choice: time that a fit which is stopped has to write down what is done [s]."""
CURVES = Literal["emax", "exponential", "log-linear", "spline", "rise-and-fall", "as-given", "linear", "quadratic"]
PROGRESS = "progress"
"""File of a job in which its command says how far it is."""
SAID = 2000
"""Most signs of a refusal that are handed on."""


@dataclass(eq=False)
class Job:
    """One analysis.

    Attributes:
        name: nobody can guess it; who knows it may see and stop the analysis.
        command: words of the command line.
        folder: of its files.
        state: waiting, running, done, failed or stopped.
        made, begun, ended: seconds of the clock of the server.
        result: of the command, once it is done.
        refusal: why it failed, in the words of the command.
        resumes: whether the same command goes on where this one was stopped; it then says its result in words.
    """

    name: str
    command: list[str]
    folder: Path
    made: float = field(default_factory=time.time)
    state: str = WAITING
    begun: float | None = None
    ended: float | None = None
    result: Any = None
    refusal: str = ""
    resumes: bool = False
    process: subprocess.Popen[bytes] | None = None

    def as_dict(self) -> dict[str, Any]:
        """The analysis as plain values."""
        end = self.ended or time.time()
        seconds = 0.0 if self.begun is None else end - self.begun
        return {
            "job": self.name, "state": self.state, "address": f"/api/v1/jobs/{self.name}",
            "seconds": round(seconds, 1), "progress": self.progress(), "refusal": self.refusal, "result": self.result,
        }  # fmt: skip

    def progress(self) -> dict[str, Any] | None:
        """How far the stage under way is; None where nothing was reported, or nothing is under way.

        Returns:
            ``stage`` in words, ``done`` of ``total`` steps, ``share`` of them [fraction], and ``left_s``, how long the
            rest of the stage takes at the rate so far [s]; None before there is a rate.
        """
        if self.state != RUNNING:
            return None
        try:
            lines = [json.loads(each) for each in (self.folder / PROGRESS).read_text().splitlines() if each]
        except (OSError, json.JSONDecodeError):  # not begun, ended meanwhile, or half a line
            return None
        if not lines or not lines[-1]["total"]:
            return None
        last = lines[-1]
        first = next(each for each in lines if each["stage"] == last["stage"])
        steps, seconds = last["done"] - first["done"], last["seconds"] - first["seconds"]
        left = None if steps <= 0 else round(seconds * (last["total"] - last["done"]) / steps, 1)
        return {
            "stage": last["stage"], "done": last["done"], "total": last["total"],
            "share": min(1.0, last["done"] / last["total"]), "left_s": left,
        }  # fmt: skip


class Jobs:
    """Analyses of one server: some run, the others wait their turn."""

    def __init__(self, most: int) -> None:
        self._known: dict[str, Job] = {}
        self._lock = threading.Lock()
        self._turns = threading.Semaphore(most)
        # a fit takes hours: it has a turn of its own, and leaves those of tables alone
        self._fits = threading.Semaphore(1)

    def begin(self, content: bytes, ending: str, options: list[str]) -> Job | None:
        """Put an analysis in line; None where too many wait.

        Args:
            content: of the table.
            ending: of its file.
            options: of the command.
        """
        self._forget()
        with self._lock:
            if sum(job.state == WAITING for job in self._known.values()) >= MOST_WAITING:
                return None
            folder = Path(tempfile.mkdtemp(prefix="remit-job-"))
            table = folder / f"table{ending}"
            table.write_bytes(content)
            told = ["--progress", str(folder / PROGRESS)]
            command = [sys.executable, "-m", "remit.cli", "meta", str(table), "--json", *told, *options]
            job = Job(secrets.token_urlsafe(16), command, folder)
            self._known[job.name] = job
        threading.Thread(target=self._run, args=(job, self._turns, LONGEST_S), daemon=True).start()
        return job

    def fit(self, into: Path) -> Job | None:
        """Begin a new fit of the response model, or go on with one that was stopped; None while one is under way.

        Args:
            into: folder of the posterior, and of what is done so far.
        """
        self._forget()
        with self._lock:
            if any(job.resumes and job.state in {WAITING, RUNNING} for job in self._known.values()):
                return None
            folder = Path(tempfile.mkdtemp(prefix="remit-job-"))
            told = ["--progress", str(folder / PROGRESS)]
            command = [sys.executable, "-m", "remit.cli", "calibrate", "--out", str(into), *told]
            job = Job(secrets.token_urlsafe(16), command, folder, resumes=True)
            self._known[job.name] = job
        threading.Thread(target=self._run, args=(job, self._fits, LONGEST_FIT_S), daemon=True).start()
        return job

    def last_fit(self) -> Job | None:
        """The fit that was begun last; None where none was, or it is forgotten."""
        self._forget()
        return max((job for job in self._known.values() if job.resumes), key=lambda job: job.made, default=None)

    def find(self, name: str) -> Job | None:
        """The analysis of a name; None where there is none, or no longer."""
        self._forget()
        return self._known.get(name)

    def stop(self, job: Job) -> None:
        """End an analysis, and everything it started."""
        with self._lock:
            if job.state in {WAITING, RUNNING}:
                job.state, job.ended = STOPPED, time.time()
            running = job.process
        if running is not None and running.poll() is None:
            _end(running, gently=job.resumes)

    def close(self) -> None:
        """End everything."""
        for job in list(self._known.values()):
            self.stop(job)
            shutil.rmtree(job.folder, ignore_errors=True)

    def _forget(self) -> None:
        now = time.time()
        with self._lock:
            old = [job.name for job in self._known.values() if job.ended and now - job.ended > KEPT_S]
            for name in old:
                del self._known[name]

    def _run(self, job: Job, turns: threading.Semaphore, longest_s: float) -> None:
        with turns:
            try:
                with (job.folder / "out").open("wb") as out, (job.folder / "err").open("wb") as err:
                    with self._lock:
                        if job.state != WAITING:
                            return
                        job.state, job.begun = RUNNING, time.time()
                        # words of a list, none of them typed by a caller as a program or an option
                        job.process = subprocess.Popen(  # noqa: S603
                            job.command, stdout=out, stderr=err, stdin=subprocess.DEVNULL, start_new_session=True
                        )
                    try:
                        code = job.process.wait(longest_s)
                    except subprocess.TimeoutExpired:
                        _end(job.process, gently=job.resumes)
                        code = job.process.wait()
                self._take(job, code)
            finally:
                shutil.rmtree(job.folder, ignore_errors=True)

    def _take(self, job: Job, code: int) -> None:
        said = (job.folder / "err").read_text(errors="replace").replace(f"{job.folder}{os.sep}", "").strip()
        with self._lock:
            if job.state != RUNNING:
                return
            job.ended = time.time()
            if code == 0:
                out = (job.folder / "out").read_text()
                job.state, job.result = DONE, {"said": out.strip()} if job.resumes else json.loads(out)
            else:
                job.state = FAILED
                job.refusal = said[-SAID:].removeprefix("remit: ") or f"it ended with code {code}"


def _end(process: subprocess.Popen[bytes], *, gently: bool) -> None:
    """End a process and everything it started; gently: with time to write down what is done."""
    if gently:
        os.killpg(process.pid, signal.SIGINT)
        try:
            process.wait(GRACE_S)
        except subprocess.TimeoutExpired:
            pass
        else:
            return
    os.killpg(process.pid, signal.SIGKILL)


def jobs_of(request: Request) -> Jobs:
    """The analyses of the server that was asked."""
    found: Jobs = request.app.state.jobs
    return found


def known_job(request: Request, job: str) -> Job:
    """The analysis of a name; 404 where there is none, or no longer."""
    found = jobs_of(request).find(job)
    if found is None:
        raise HTTPException(404, "There is no such analysis, or no longer.")
    return found


def _described(words: str) -> dict[str, Any]:
    return {"description": words, "content": {PROBLEM: {"schema": {"type": "object"}}}}


@router.post(
    "/meta",
    status_code=202,
    responses={
        400: _described("The body cannot be read."),
        413: _described("The table is too large."),
        422: _described("What was asked cannot be used."),
        429: _described("Too many analyses wait."),
    },
)
async def meta(
    request: Request,
    table: UploadFile,
    curve: Annotated[CURVES, Form()] = "emax",
    at: Annotated[str | None, Form(pattern=r"^\s*\d{1,5}(\.\d{1,4})?\s*(min|h|d|w)\s*$")] = None,
    reference: Annotated[str | None, Form(max_length=80, pattern=r"^[^-\x00-\x1f][^\x00-\x1f]*$")] = None,
    time_unit: Annotated[Literal["h", "d", "w"] | None, Form()] = None,
    time: Annotated[Literal["column", "none"], Form(description="`none`: one time, classic meta-analysis.")] = "column",
) -> JSONResponse:
    """Pool a table of trials (CSV or Parquet, columns of `remit meta`): begins it and says where to ask for it."""
    ending = Path(table.filename or "").suffix.lower()
    if ending not in {".csv", ".parquet"}:
        return problem(422, "This cannot be used", "The table must be a file that ends in .csv or .parquet.")
    options = options_of(curve, time, at, reference, time_unit)
    job = jobs_of(request).begin(await table.read(), ending, options)
    if job is None:
        return problem(429, "Too many analyses wait", "Ask again when one of them is done.")
    return JSONResponse(job.as_dict(), 202, headers={"Location": f"/api/v1/jobs/{job.name}"})


def options_of(curve: str, time: str, at: str | None, reference: str | None, time_unit: str | None) -> list[str]:
    """What was asked of an analysis as words of its command."""
    options = ["--curve", curve, "--time", time]
    for name, value in (("--at", at), ("--reference", reference), ("--time-unit", time_unit)):
        options += [name, value] if value else []
    return options


@router.get("/jobs/{job}", responses={404: _described("There is no such analysis.")})
def state(request: Request, job: str) -> dict[str, Any]:
    """How far an analysis is, with the share of its stage that is done, and its result once it is done."""
    return known_job(request, job).as_dict()


@router.delete("/jobs/{job}", status_code=204, responses={404: _described("There is no such analysis.")})
def stop(request: Request, job: str) -> Response:
    """Stop an analysis."""
    jobs_of(request).stop(known_job(request, job))
    return Response(status_code=204)
