"""What is done of long work, kept on this machine so that it can be gone on with."""

from __future__ import annotations

import pickle
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Key:
    """The numbers of a random key."""

    numbers: NDArray[np.uint32]


@dataclass(frozen=True, slots=True)
class Kept:
    """Where the state of one piece of work is kept, and which work it is.

    Attributes:
        path: of the file; None keeps nothing.
        fingerprint: of everything that decides the result; what was kept under another is not gone on with.
    """

    path: Path | None
    fingerprint: str

    def beside(self, name: str) -> Kept:
        """Where another piece of the same work is kept, beside this one."""
        path = None if self.path is None else self.path.with_name(f"{self.path.stem}-{name}{self.path.suffix}")
        return Kept(path, f"{self.fingerprint} {name}")

    def load(self) -> Any:
        """The state that was kept, or None."""
        if self.path is None or not self.path.exists():
            return None
        found = pickle.loads(self.path.read_bytes())  # noqa: S301  (written by this module on this machine)
        if not isinstance(found, tuple) or len(found) != 2 or found[0] != self.fingerprint:
            return None
        return living(found[1])

    def keep(self, state: Any) -> None:
        """Keep a state: a tree of arrays."""
        if self.path is not None:
            keep(self.path, (self.fingerprint, plain(state)))


def keep(path: Path | None, value: Any) -> None:
    """Write a value whole or not at all; without a path nothing is kept."""
    if path is None:
        return
    fresh = path.with_suffix(".tmp")
    fresh.write_bytes(pickle.dumps(value))
    fresh.replace(path)


def plain(tree: Any) -> Any:
    """A tree of arrays as arrays of NumPy, which can be written to a file; random keys become their numbers."""
    import jax

    def one(leaf: Any) -> Any:
        if not isinstance(leaf, jax.Array):
            return leaf
        if jax.numpy.issubdtype(leaf.dtype, jax.dtypes.prng_key):
            return Key(np.asarray(jax.random.key_data(leaf)))
        return np.asarray(leaf)

    return jax.tree.map(one, tree)


def living(tree: Any) -> Any:
    """The tree from `plain`, with random keys that can be used again."""
    import jax

    def one(leaf: Any) -> Any:
        return jax.random.wrap_key_data(jax.numpy.asarray(leaf.numbers)) if isinstance(leaf, Key) else leaf

    return jax.tree.map(one, tree, is_leaf=lambda leaf: isinstance(leaf, Key))
