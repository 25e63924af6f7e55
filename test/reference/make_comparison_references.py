"""Reference values for test/analyse/comparison/reference.test.ts, from SciPy, and where it has no counterpart (Newcombe's
method 10, Holm) from a few lines that follow the definition. Nothing here is shared with the code under test. Made with
Python 3.11:

    pip install numpy==2.4.6 scipy==1.17.1
    python test/reference/make_comparison_references.py > test/reference/comparison.json
    npx biome format --write test/reference/comparison.json
"""

import itertools
import json

import numpy as np
from scipy import stats

rng = np.random.default_rng(20261121)


def group(n, k):
    a = np.round(rng.lognormal(4.60, 0.05, n), 3)
    b = np.round(rng.lognormal(4.65, 0.08, k), 3)
    la, lb = np.log(a), np.log(b)
    welch = stats.ttest_ind(lb, la, equal_var=False)
    low, high = np.exp(welch.confidence_interval(0.95))
    made = {
        "a": a.tolist(),
        "b": b.tolist(),
        "welch": {"p": welch.pvalue, "freedom": welch.df, "low": low, "high": high},
    }
    pooled = np.concatenate([la, lb])
    centre = pooled.sum() * k / (n + k)
    sums = [abs(sum(chosen) - centre) for chosen in itertools.combinations(pooled, k)] if n + k < 16 else []
    if sums:
        made["relabel"] = float(np.mean([s >= abs(lb.sum() - centre) - 1e-9 for s in sums]))
    if n == k:
        pairs = stats.ttest_rel(lb, la)
        low, high = np.exp(pairs.confidence_interval(0.95))
        made["paired"] = {"p": pairs.pvalue, "low": low, "high": high}
        flips = stats.permutation_test(
            (lb - la,), np.sum, permutation_type="samples", n_resamples=np.inf, vectorized=False
        )
        made["flips"] = flips.pvalue
    return made


def wilson(count, of, level):
    interval = stats.binomtest(count, of).proportion_ci(level, method="wilson")
    return float(interval.low), float(interval.high)


def newcombe(x1, n1, x2, n2, level):
    """Newcombe (1998), method 10, of the second share less the first."""
    (l1, u1), (l2, u2) = wilson(x1, n1, level), wilson(x2, n2, level)
    p1, p2 = x1 / n1, x2 / n2
    return [
        *(x1, n1, x2, n2, level),
        p2 - p1 - np.hypot(p2 - l2, u1 - p1),
        p2 - p1 + np.hypot(u2 - p2, p1 - l1),
    ]


def holm(ps):
    adjusted, largest = np.empty(len(ps)), 0.0
    for place, i in enumerate(np.argsort(ps, kind="stable")):
        largest = max(largest, min(1.0, (len(ps) - place) * ps[i]))
        adjusted[i] = largest
    return [ps, adjusted.tolist()]


SHARES = ((0, 50, 0.95), (3, 50, 0.95), (81, 263, 0.95), (263, 263, 0.95), (15, 148, 0.99))
PAIRS = ((1, 9), (5, 5), (0, 6), (12, 30), (3, 0))
FAMILIES = ([0.01, 0.04, 0.03], [0.001, 0.2, 0.02, 0.9], [0.05], [0.02, 0.02, 0.02])
VALUES = [3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5]

print(
    json.dumps(
        {
            "studentT": [
                [mass, freedom, float(stats.t.ppf((1 + mass) / 2, freedom))]
                for mass in (0.5, 0.95, 0.99, 0.9982)
                for freedom in (1, 2, 4, 6.5, 8, 30, 1000)
            ],
            "groups": [group(n, k) for n, k in ((5, 5), (3, 4), (8, 6), (2, 2), (10, 10))],
            "wilson": [[*case, *wilson(*case)] for case in SHARES],
            "newcombe": [
                newcombe(*case)
                for case in ((48, 80, 56, 70, 0.95), (1, 30, 10, 30, 0.95), (0, 20, 5, 20, 0.95), (0, 1000, 3, 1000, 0.99))
            ],
            "mcnemar": [[b, c, float(stats.binomtest(min(b, c), b + c, 0.5).pvalue)] for b, c in PAIRS],
            "holm": [holm(ps) for ps in FAMILIES],
            "noncentralT": [
                [freedom, shift, float(stats.nct.cdf(stats.t.ppf(0.975, freedom), freedom, shift))]
                for freedom, shift in ((4, 5.02), (4, 3.0), (8, 3.0), (18, 2.9), (40, 2.0))
            ],
            "midRanks": [VALUES, stats.rankdata(VALUES).tolist()],
        },
        indent=1,
    )
)
