"""Programs kept between processes: the same numbers, and never a wrong or broken one."""

import gc
import subprocess
import sys

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from remit import program as module
from remit.program import Program, keep_programs, program

TRACED = []


def _scaled(values, by, *, times: int = 1):
    TRACED.append(times)
    return {"scaled": values * by * times, "sum": values.sum()}


@pytest.fixture
def place(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "_places", [])
    keep_programs(tmp_path)
    TRACED.clear()
    return tmp_path


def _fresh() -> Program:
    """The program as another process has it: nothing known."""
    module.forget_programs()
    return Program(_scaled, ("times",))


def _files(place):
    return sorted(file for file in place.rglob("*") if file.is_file())


def test_nothing_is_kept_unless_a_place_is_named(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "_places", [])
    found = _fresh()(np.arange(3.0), 2.0)
    np.testing.assert_array_equal(found["scaled"], [0.0, 2.0, 4.0])
    assert not _files(tmp_path)


def test_a_later_process_takes_a_program_up_without_tracing_it(place):
    first = _fresh()(np.arange(3.0), 2.0, times=3)
    assert TRACED == [3]
    assert len(_files(place)) == 1
    second = _fresh()(np.arange(3.0), 2.0, times=3)
    assert TRACED == [3]
    np.testing.assert_array_equal(first["scaled"], second["scaled"])
    assert float(second["sum"]) == 3.0


@pytest.mark.parametrize(
    ("values", "by", "times"),
    [
        (np.arange(4.0), 2.0, 1),
        (np.arange(3), 2.0, 1),
        (np.arange(3.0), 2, 1),
        (np.arange(3.0), np.float64(2.0), 1),
        (np.arange(3.0), np.full(3, 2.0), 1),
        (np.arange(3.0), 2.0, 2),
    ],
)
def test_other_shapes_types_and_choices_are_other_programs(place, values, by, times):
    own = _fresh()
    own(np.arange(3.0), 2.0)
    found = own(values, by, times=times)
    np.testing.assert_array_equal(found["scaled"], values * by * times)
    assert len(_files(place)) == 2


def test_what_is_broken_is_compiled_anew(place):
    _fresh()(np.arange(3.0), 2.0)
    (file,) = _files(place)
    file.write_bytes(file.read_bytes()[:100])
    found = _fresh()(np.arange(3.0), 2.0)
    np.testing.assert_array_equal(found["scaled"], [0.0, 2.0, 4.0])
    assert len(TRACED) == 2
    _fresh()(np.arange(3.0), 2.0)
    assert len(TRACED) == 2


def test_what_can_be_read_but_not_run_is_let_go(place, monkeypatch):
    from jax.experimental import serialize_executable

    _fresh()(np.arange(3.0), 2.0)
    assert len(_files(place)) == 1

    def lacking(*_):
        raise jax.errors.JaxRuntimeError("NOT_FOUND: Function fusion not found")

    monkeypatch.setattr(serialize_executable, "deserialize_and_load", lambda *_: lacking)
    np.testing.assert_array_equal(_fresh()(np.arange(3.0), 2.0)["scaled"], [0.0, 2.0, 4.0])
    assert not _files(place)


def test_a_folder_nobody_can_write_to_is_no_fault(monkeypatch, tmp_path):
    blocked = tmp_path / "a file"
    blocked.write_text("")
    monkeypatch.setattr(module, "_places", [])
    keep_programs(blocked)
    np.testing.assert_array_equal(_fresh()(np.arange(2.0), 2.0)["scaled"], [0.0, 2.0])


def test_a_program_may_stand_inside_another_and_be_mapped_and_differentiated(place):
    own = _fresh()
    np.testing.assert_allclose(jax.vmap(lambda by: own(jnp.arange(2.0), by)["scaled"])(jnp.ones(3)), [[0.0, 1.0]] * 3)
    assert float(jax.grad(lambda x: own(x, 2.0)["scaled"].sum())(jnp.ones(2))[0]) == 2.0
    assert not _files(place)


def test_what_a_task_used_is_taken_up_ahead(place, monkeypatch):
    monkeypatch.setattr(module, "_used", {})
    _fresh()(np.arange(3.0), 2.0)
    module.note_used("how-fast")
    kept_as = next(iter(module._used))
    module.take_up_ahead("how-fast")
    assert list(module._ahead) == [kept_as]
    np.testing.assert_array_equal(_fresh()(np.arange(3.0), 2.0)["scaled"], [0.0, 2.0, 4.0])
    assert TRACED == [1]
    assert not module._ahead


def test_a_task_that_used_what_is_gone_compiles_anew(place, monkeypatch):
    monkeypatch.setattr(module, "_used", {})
    _fresh()(np.arange(3.0), 2.0)
    module.note_used("why")
    for file in _files(place):
        if file.suffix != ".used":
            file.unlink()
    module.take_up_ahead("why")
    np.testing.assert_array_equal(_fresh()(np.arange(3.0), 2.0)["scaled"], [0.0, 2.0, 4.0])
    assert TRACED == [1, 1]


def test_a_task_that_never_ran_takes_nothing_up(place, tmp_path, monkeypatch):
    module.take_up_ahead("versus")
    monkeypatch.setattr(module, "_places", [])
    module.take_up_ahead("how-fast")
    module.note_used("how-fast")
    assert not module._ahead


ANOTHER_PROCESS = """
import sys
from pathlib import Path

import jax.numpy as jnp
import numpy as np

from remit.program import keep_programs, program

traced = []


@program()
def root(matrix):
    traced.append(1)
    return jnp.linalg.cholesky(matrix)


keep_programs(Path(sys.argv[1]))
print(float(root(np.diag([4.0, 9.0]))[1, 1]), len(traced))
"""


def test_a_program_that_calls_lapack_runs_in_a_process_that_never_lowered_one(tmp_path):
    said = [
        subprocess.run(
            [sys.executable, "-c", ANOTHER_PROCESS, str(tmp_path)], capture_output=True, text=True, check=True
        ).stdout.split()
        for _ in range(2)
    ]
    assert said == [["3.0", "1"], ["3.0", "0"]]


def test_few_shapes_are_at_hand_and_all_can_be_let_go(monkeypatch, place):
    monkeypatch.setattr(module, "MOST", 2)
    own = _fresh()
    for length in (1, 2, 3):
        own(np.arange(float(length)), 2.0)
    assert len(own._known) == 2
    module.forget_programs()
    assert not own._known
    np.testing.assert_array_equal(own(np.arange(1.0), 2.0)["scaled"], [0.0])
    assert place.exists()


def test_programs_that_are_let_go_leave_the_memory(place):
    own = _fresh()
    gc.collect()
    before = module.mapped_pieces()
    if not before:
        pytest.skip("this system does not say what a process has mapped")
    for length in range(1, 25):
        own(np.arange(float(length)), 2.0)
    held = module.mapped_pieces()
    module.forget_programs()
    gc.collect()
    assert held > before + 24
    assert module.mapped_pieces() < before + (held - before) / 2


def test_a_program_is_named_and_described_as_its_function():
    assert program()(_scaled).__name__ == "_scaled"
