"""Compiled programs that a later process takes up where an earlier one left them, without tracing them anew.

A command that answers one question spends most of its time on tracing programs that were compiled long ago: JAX keeps
what it compiled, but has to trace and lower a function before it can look that up. Here the compiled program itself is
kept, found again by the function, the shapes it is called with, and everything else that could make it another one.
Nothing is kept unless `keep_programs` says where.
"""

from __future__ import annotations

import contextlib
import hashlib
import inspect
import os
import pickle
import weakref
from collections.abc import Callable, Hashable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import cache, update_wrapper
from pathlib import Path
from typing import Any, Generic, TypeVar, cast

import jax
import jax.numpy as jnp
import numpy as np
from jax.core import Tracer

from remit.kept import folder_of_state, write_whole

Made = TypeVar("Made")
MOST = 64
"""choice: shapes of one program that a process has at hand; a server that is asked about anything does not grow."""
MANY_PIECES = 25_000
"""Pieces of mapped memory from which a process that goes on does well to forget its programs.  # choice: Linux refuses
the 65,531st, and the process then dies"""

_places: list[Path] = []
_ahead: dict[str, Future[Callable[..., Any] | None]] = {}
"""Programs that are being taken up, by the name of their file."""
_used: dict[str, None] = {}
"""Names of the files of the programs this process used, in order."""
_made: weakref.WeakSet[Program[Any]] = weakref.WeakSet()
_GIVEN = (jax.Array, np.ndarray, np.generic, float, int)


def keep_programs(folder: Path) -> None:
    """Keep compiled programs in a folder, from now on and in this process.

    Only the owner may be able to write to it: what lies there is run.
    """
    _places[:] = [folder]


def take_up_ahead(task: str) -> None:
    """Take up, beside everything else, the programs that a task used the last time, before it comes to them.

    Reading compiled programs is most of what a command waits for, and leaves the rest of the process free meanwhile.

    Args:
        task: a name of a file.
    """
    if not _places:
        return
    folder = folder_of_state(_places[0], _settings())
    try:
        names = (folder / f"{task}.used").read_text().split()
    except OSError:
        return
    reader = ThreadPoolExecutor(1, thread_name_prefix="programs")
    _ahead.update({name: reader.submit(_taken_up, folder / name) for name in names})


def note_used(task: str) -> None:
    """Note which programs a task used, for `take_up_ahead`."""
    if not (_places and _used):
        return
    file = folder_of_state(_places[0], _settings()) / f"{task}.used"
    content = "\n".join(_used)
    with contextlib.suppress(OSError):
        if not file.exists() or file.read_text() != content:
            write_whole(file, content.encode())


def mapped_pieces() -> int:
    """Pieces of memory this process has mapped, each program a few of them; 0 where the system does not say."""
    try:
        return Path("/proc/self/maps").read_bytes().count(b"\n")
    except OSError:
        return 0


def forget_programs() -> None:
    """Let go of every program this process has at hand; those of a folder stay there."""
    for each in _made:
        each.forget()
    jax.clear_caches()


class Program(Generic[Made]):
    """A function compiled for each combination of shapes, as by `jax.jit`.

    Attributes:
        compiled: what `jax.jit` makes of it: used while something else is traced, and where nothing is kept.
    """

    def __init__(self, function: Callable[..., Made], static: tuple[str, ...]) -> None:
        self.compiled = jax.jit(function, static_argnames=static)
        self._positions = tuple(n for n, name in enumerate(inspect.signature(function).parameters) if name in static)
        self._static = frozenset(static)
        self._name = f"{function.__module__}.{function.__qualname__}"
        self._known: dict[Hashable, Callable[..., Made]] = {}
        update_wrapper(self, function)
        _made.add(self)

    def __call__(self, *args: Any, **kwargs: Any) -> Made:
        """Run it; arrays of the host are taken as they are."""
        if not _places:
            return self.compiled(*args, **kwargs)
        moving = (
            tuple(value for n, value in enumerate(args) if n not in self._positions),
            {name: value for name, value in kwargs.items() if name not in self._static},
        )
        leaves, tree = jax.tree.flatten(moving)
        if any(isinstance(leaf, Tracer) or not isinstance(leaf, _GIVEN) for leaf in leaves):
            return self.compiled(*args, **kwargs)
        fixed = (
            *(value for n, value in enumerate(args) if n in self._positions),
            *sorted((name, value) for name, value in kwargs.items() if name in self._static),
        )
        shapes = tuple(_kind(leaf) for leaf in leaves)
        key = (fixed, tree, shapes)
        run = self._known.get(key)
        if run is not None:
            return run(*moving[0], **moving[1])
        file = self._file(key)
        _used[file.name] = None
        ahead = _ahead.pop(file.name, None)
        taken_up = _taken_up(file) if ahead is None else ahead.result()
        if taken_up is not None:
            # one that can be read may still lack a part, which shows only when it runs
            with contextlib.suppress(jax.errors.JaxRuntimeError):
                found = jax.block_until_ready(taken_up(*moving[0], **moving[1]))
                self._keep(key, cast("Callable[..., Made]", taken_up))
                return cast("Made", found)
            with contextlib.suppress(OSError):
                file.unlink()
            return self.compiled(*args, **kwargs)
        run = cast("Callable[..., Made]", _written(file, self.compiled.lower(*args, **kwargs)))
        self._keep(key, run)
        return run(*moving[0], **moving[1])

    def forget(self) -> None:
        """Let go of what is at hand."""
        self._known.clear()

    def _file(self, key: Hashable) -> Path:
        name = hashlib.sha256(f"{self._name} {key!r}".encode()).hexdigest()[:32]
        return folder_of_state(_places[0], _settings()) / name

    def _keep(self, key: Hashable, run: Callable[..., Made]) -> None:
        self._known[key] = run
        if len(self._known) > MOST:
            self._known.pop(next(iter(self._known)), None)


def _taken_up(file: Path) -> Callable[..., Any] | None:
    """The program of a file; None where it is not there, cut short or not for this machine."""
    from jax.experimental import serialize_executable

    try:
        parts = pickle.loads(file.read_bytes())  # noqa: S301 (the user's own folder)
        if b"lapack" in parts[0]:
            _make_lapack_ready()
        return serialize_executable.deserialize_and_load(*parts)
    except Exception:  # noqa: BLE001 (whatever is wrong with it, it is compiled anew)
        return None


def _written(file: Path, lowered: jax.stages.Lowered) -> Callable[..., Any]:
    """Compile, and keep the program in a file; one that cannot be kept is still a program."""
    from jax.experimental import serialize_executable

    made = _compiled_here(lowered)
    with contextlib.suppress(OSError, ValueError, TypeError, pickle.PickleError, jax.errors.JaxRuntimeError):
        write_whole(file, pickle.dumps(serialize_executable.serialize(made)))
    return made


@cache
def _make_lapack_ready() -> None:
    """Let JAX look up the routines of LAPACK, which it does only when a program that uses them is lowered."""
    jax.jit(jnp.linalg.cholesky).lower(jax.ShapeDtypeStruct((2, 2), jnp.float64))


def _kind(leaf: Any) -> tuple[tuple[int, ...], str, bool]:
    """What a program is compiled for: shape, type, and whether the type gives way to another."""
    if isinstance(leaf, float | int) and not isinstance(leaf, np.generic):
        return (), type(leaf).__name__, True
    return leaf.shape, str(leaf.dtype), getattr(leaf, "weak_type", False)


def _compiled_here(lowered: jax.stages.Lowered) -> jax.stages.Compiled:
    """Compile without JAX's own cache: what comes out of that cannot be written out whole a second time."""
    usual = jax.config.jax_persistent_cache_min_compile_time_secs  # pyright: ignore[reportAttributeAccessIssue]
    jax.config.update("jax_persistent_cache_min_compile_time_secs", float("inf"))
    try:
        # choice: an option given with its usual value is a key of its own, under which nothing is ever written
        return lowered.compile(compiler_options={"xla_cpu_enable_fast_math": False})
    finally:
        jax.config.update("jax_persistent_cache_min_compile_time_secs", usual)


def program(*static: str) -> Callable[[Callable[..., Made]], Program[Made]]:
    """Compile a function as `jax.jit` does, and keep the result where programs are kept.

    Args:
        static: arguments that the program is compiled for. Their text must tell apart what differs (tuples of text and
            numbers, enumerations), because a program is found again by it.
    """
    return lambda function: Program(function, static)


@cache
def _settings() -> tuple[Hashable, ...]:
    """What a compiled program depends on beside its own function and shapes, and the source."""
    try:
        processor = next(line for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("flags"))
    except (OSError, StopIteration):
        processor = repr(os.uname())
    return (
        processor,
        jax.__version__,
        jax.default_backend(),
        jax.config.jax_enable_x64,  # pyright: ignore[reportAttributeAccessIssue]
        os.environ.get("XLA_FLAGS"),
        os.environ.get("NPROC"),
    )
