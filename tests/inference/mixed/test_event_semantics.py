"""What rows of a table mean, in generated tables, beside a program that walks through them one by one.

The walk knows nothing of superposition: it carries amounts from event to event by the matrix exponential of the
compartments, with infusions that run as inputs.
"""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.linalg import expm

from remit.inference.mixed.event_table import parse_events
from remit.inference.mixed.kinetics import LIBRARY
from remit.inference.mixed.written_out import padded

VALUES = {"KA": 0.9, "CL": 2.0, "V": 20.0, "V1": 15.0, "Q": 3.0, "V2": 30.0}
DOSES, TIMES = 24, 10
OLD = 150
"""Doses before now that stand for a steady state."""


def compartments(name):
    """Loss and exchange of depot (oral), central and peripheral compartment, and the volume of the central one."""
    oral = name.endswith("oral")
    if name.startswith("1"):
        whole = np.array([[-VALUES["CL"] / VALUES["V"]]])
        volume = VALUES["V"]
    else:
        out, into, back = (VALUES[each] for each in ("CL", "Q", "Q"))
        volume = VALUES["V1"]
        whole = np.array([[-(out + into) / volume, back / VALUES["V2"]], [into / volume, -back / VALUES["V2"]]])
    if oral:
        whole = np.pad(whole, ((1, 0), (1, 0)))
        whole[0, 0], whole[1, 0] = -VALUES["KA"], VALUES["KA"]
    return whole, int(oral), volume


class Walk:
    """Amounts now, infusions that run, and doses that are still to come."""

    def __init__(self, name):
        self.whole, self.centre, self.volume = compartments(name)
        self.reset(0.0)

    def reset(self, time):
        self.time, self.state, self.running, self.coming = time, np.zeros(len(self.whole)), [], []

    def put(self, amount, duration, place):
        if duration > 0:
            self.running.append((self.time + duration, amount / duration, place))
        else:
            self.state[place] += amount

    def step(self, to):
        """To a time, with nothing given on the way."""
        while self.time < to:
            end = min([to, *(stop for stop, *_ in self.running if stop > self.time)])
            rate = np.zeros(len(self.whole))
            for _, flow, place in self.running:
                rate[place] += flow
            size = len(rate)
            joined = np.zeros((size + 1, size + 1))
            joined[:size, :size], joined[:size, size] = self.whole, rate
            self.state = (expm(joined * (end - self.time)) @ np.append(self.state, 1.0))[:size]
            self.time = end
            self.running = [each for each in self.running if each[0] > end]

    def to(self, time):
        for start, amount, duration, place in sorted(self.coming):
            if start <= time:
                self.step(start)
                self.put(amount, duration, place)
        self.coming = [each for each in self.coming if each[0] > time]
        self.step(time)

    def steady(self, amount, duration, place, interval):
        """What doses since ever, the last one interval ago, have left."""
        own = Walk.__new__(Walk)
        own.whole, own.centre, own.volume = self.whole, self.centre, self.volume
        own.reset(0.0)
        for count in range(OLD):
            own.to(count * interval)
            own.put(amount, duration, place)
        own.to(OLD * interval)
        return own.state


def walked(name, rows):
    walk, found = Walk(name), []
    for row in rows:
        if row["evid"] in {3, 4}:
            walk.reset(row["time"])
        walk.to(row["time"])
        if row["evid"] in {1, 4}:
            place = {0: 0, 1: 0, 2: walk.centre}[row["cmt"]]
            if row["ss"]:
                left = walk.steady(row["amt"], row["dur"], place, row["ii"])
                if row["ss"] == 1:
                    walk.reset(row["time"])
                walk.state = walk.state + left
            walk.put(row["amt"], row["dur"], place)
            walk.coming += [
                (row["time"] + extra * row["ii"], row["amt"], row["dur"], place) for extra in range(1, row["addl"] + 1)
            ]
        elif row["evid"] == 0:
            found.append(walk.state[walk.centre] / walk.volume)
    return np.array(found)


@st.composite
def tables(draw, oral):
    """Rows in order of time: observations, doses of every kind, other events, resets."""
    rows, time, seen = [], 0.0, 0
    for _ in range(draw(st.integers(2, 9))):
        evid = draw(st.sampled_from([0, 0, 0, 1, 1, 1, 2, 3, 4]))
        row = {"time": time, "evid": evid, "amt": 0.0, "dur": 0.0, "cmt": 0, "addl": 0, "ii": 0.0, "ss": 0}
        if evid in {1, 4}:
            row["amt"] = draw(st.sampled_from([10.0, 100.0, 37.5]))
            row["dur"] = draw(st.sampled_from([0.0, 0.0, 1.0, 2.5]))
            row["cmt"] = draw(st.sampled_from([0, 1, 2] if oral else [0, 1]))
            if draw(st.booleans()):
                row["ii"] = draw(st.sampled_from([6.0, 12.0]))
                row["addl"] = draw(st.integers(0, 3))
                row["ss"] = draw(st.sampled_from([0, 1, 2]))
        seen += evid == 0
        rows.append(row)
        time += draw(st.sampled_from([0.0, 0.5, 3.0, 6.0, 12.0]))
    if not seen:
        rows.append({"time": time, "evid": 0, "amt": 0.0, "dur": 0.0, "cmt": 0, "addl": 0, "ii": 0.0, "ss": 0})
    return rows


def text_of(rows, rates):
    """The table as it would be written; half of the infusions by RATE, half by DUR."""
    lines = ["ID,TIME,AMT,RATE,DUR,CMT,ADDL,II,SS,EVID,DV"]
    for number, row in enumerate(rows):
        by_rate = row["dur"] > 0 and (number + rates) % 2 == 0
        rate = row["amt"] / row["dur"] if by_rate else "."
        lines.append(
            f"1,{row['time']},{row['amt'] or '.'},{rate},{'.' if by_rate else row['dur']},{row['cmt']},{row['addl']},"
            f"{row['ii']},{row['ss']},{row['evid']},{1 if row['evid'] == 0 else '.'}"
        )
    return "\n".join(lines)


def filled(records):
    """Records of one person at one size, with nothing left out, so that all tables share a compiled program."""

    def wide(part, size, value=0):
        return np.concatenate([part, np.full(size - len(part), value, dtype=part.dtype)])

    doses = records.doses
    count = len(doses.time[0])
    active = np.zeros((TIMES, DOSES), bool)
    active[: doses.active.shape[1], :count] = doses.active[0]
    nothing = np.zeros(count)
    return (
        doses._replace(
            time=wide(doses.time[0], DOSES), amount=wide(doses.amount[0], DOSES),
            duration=wide(nothing if doses.duration is None else doses.duration[0], DOSES),
            compartment=wide(np.ones(count, int) if doses.compartment is None else doses.compartment[0], DOSES, 1),
            interval=wide(nothing if doses.interval is None else doses.interval[0], DOSES), active=active,
        ),
        wide(records.time[0], TIMES),
    )  # fmt: skip


PROGRAMS = {
    name: jax.jit(
        lambda doses, times, name=name: LIBRARY[name].predict(
            {key: jnp.asarray(VALUES[key]) for key in LIBRARY[name].parameters}, doses, times, {}
        )
    )
    for name in ("1cpt-oral", "2cpt-iv")
}


@pytest.mark.parametrize("name", list(PROGRAMS))
def test_rows_mean_what_a_walk_through_them_gives(name):
    @settings(max_examples=40, deadline=None)
    @given(rows=tables(name.endswith("oral")), rates=st.integers(0, 1))
    def check(rows, rates):
        records = padded(parse_events(text_of(rows, rates)), ("1",))
        doses, times = filled(records)
        count = int(records.counted[0].sum())
        found = np.asarray(PROGRAMS[name](doses, times))[:count]
        np.testing.assert_allclose(found, walked(name, rows), rtol=2e-6, atol=1e-9)

    check()
