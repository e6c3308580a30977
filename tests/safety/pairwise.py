"""A pairwise covering array: few rows in which every pair of values of every two inputs occurs."""

import itertools
import random


def pairwise(inputs, seed=1, tries=1):
    """Rows (dicts) that together hold every pair of values of every two inputs."""
    names = list(inputs)
    at = {name: place for place, name in enumerate(names)}
    chance = random.Random(seed)  # noqa: S311  (no secret)
    left = {
        (a, b): set(itertools.product(range(len(inputs[a])), range(len(inputs[b]))))
        for a, b in itertools.combinations(names, 2)
    }
    left = {key: pairs for key, pairs in left.items() if pairs}
    rows = []
    while left:
        best = None
        for _ in range(tries):
            (a, b), pairs = chance.choice(list(left.items()))
            one, two = chance.choice(sorted(pairs))
            row = {a: one, b: two}
            for name in chance.sample(names, len(names)):
                if name in row:
                    continue
                gains = [
                    sum(
                        ((row[o], v) if at[o] < at[name] else (v, row[o]))
                        in left.get((o, name) if at[o] < at[name] else (name, o), ())
                        for o in row
                    )
                    for v in range(len(inputs[name]))
                ]
                top = max(gains)
                row[name] = chance.choice([v for v, gain in enumerate(gains) if gain == top])
            covered = sum((row[a], row[b]) in pairs for (a, b), pairs in left.items())
            if best is None or covered > best[0]:
                best = (covered, row)
        row = best[1]
        for key in list(left):
            left[key].discard((row[key[0]], row[key[1]]))
            if not left[key]:
                del left[key]
        rows.append({name: inputs[name][row[name]] for name in names})
    return rows
