"""Every test runs with shapes and types of arrays checked at each call, and with JAX strict about its random keys."""

import gc
import json
import os
from pathlib import Path

os.environ.setdefault("JAX_PLATFORMS", "cpu")
# several processes test at a time; sharing each small program between processors only makes them wait for each other
os.environ.setdefault("NPROC", "1")
# what one process of the tests compiles the others take up, and so do the commands they begin; in a folder of their
# own, because a program of the user's folder was traced without the checks of shapes
os.environ["XDG_CACHE_HOME"] = str(Path(__file__).parents[1] / "build" / "of-tests")

from jaxtyping import install_import_hook

# before anything of the package is imported, so that every annotated function checks the shapes it is given
CHECKED = [
    "remit.population.cohort", "remit.population.scores", "remit.response.acute", "remit.response.drive",
    "remit.response.expectancy", "remit.response.plasticity", "remit.response.plasticity_sum", "remit.response.relief",
]  # fmt: skip
install_import_hook(CHECKED, "beartype.beartype")

import jax  # noqa: E402
import numpy as np  # noqa: E402
import pytest  # noqa: E402

from remit.cli.compiled import keep_compiled  # noqa: E402
from remit.program import MANY_PIECES, forget_programs, mapped_pieces  # noqa: E402  (64-bit floats come with remit)

jax.config.update("jax_legacy_prng_key", "error")
keep_compiled()


def pytest_configure(config):
    """A program that is read while another process writes it is compiled anew, which is no fault."""
    config.addinivalue_line("filterwarnings", "ignore:Error (reading|writing) persistent compilation cache entry")


@pytest.fixture(autouse=True, scope="module")
def few_programs():
    """Forget compiled programs between modules before a process of the tests has mapped too much and is killed."""
    yield
    if mapped_pieces() > MANY_PIECES:
        forget_programs()
        gc.collect()


@pytest.fixture
def clinic_fit(tmp_path):
    """Writes a fit of the response model as `remit fit` does: what a forecast reads of it."""
    import h5netcdf
    import h5py

    numbers = ("BASE", "S", "X", "HALF", "chol BASE", "chol S", "chol X", "chol X,S", "additive")
    value = np.array([0.6, 0.4, 0.3, *np.log([7.0, 0.5, 0.4, 0.3]), 0.4, np.log(2.0)])

    def write(structure="response:GAD-7:ketamine:iv", sure=True):
        folder = tmp_path / "clinic"
        folder.mkdir()
        summary = {"model": {"structure": structure}, "people": 40, "observations": 280, "method": "focei"}
        (folder / "summary.json").write_text(json.dumps(summary))
        with h5netcdf.File(folder / "fit.nc", "w") as file:
            group = file.create_group("estimates")
            group.dimensions = {"number": len(value), "other": len(value)}
            text = np.array(numbers, dtype=object)
            group.create_variable("number", ("number",), data=text, dtype=h5py.string_dtype())
            group.create_variable("value", ("number",), data=value)
            if sure:
                group.create_variable("covariance", ("number", "other"), data=0.01 * np.eye(len(value)))
        return folder

    return write
