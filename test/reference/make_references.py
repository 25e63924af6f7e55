"""Reference values for test/analyse/statistics.test.ts, from SciPy, NumPy, statsmodels, pymannkendall and kneed, and where
those have no counterpart from a slow implementation that follows the definition. Nothing here is shared with the code under
test. Made with Python 3.11:

    pip install numpy==2.4.6 scipy==1.17.1 statsmodels==0.15.0 pymannkendall==1.4.3 kneed==0.9.0
    python test/reference/make_references.py > test/reference/references.json
    npx biome format --write test/reference/references.json
"""

import json
import warnings

import kneed
import numpy as np
import pymannkendall
from scipy import fft, optimize, special, stats
from statsmodels.stats.proportion import confint_proportions_2indep

warnings.filterwarnings("ignore")
rng = np.random.default_rng(1)


def plain(values, digits=3):
    return [float(v) for v in np.round(values, digits)]


def ranks(n, q):
    """Largest l with P(X <= l - 1) <= 2.5 %, smallest u with P(X <= u - 1) >= 97.5 %, by looking at all of them."""
    cdf = stats.binom.cdf(np.arange(-1, n + 1), n, q)  # cdf[k] = P(X <= k - 1)
    low = np.flatnonzero(cdf[: n + 1] <= 0.025)[-1]
    high = np.flatnonzero(cdf >= 0.975)
    high = int(high[0]) if len(high) else n + 1
    return [int(low) if low >= 1 else None, high if high <= n else None]


def autoregressive(n, phi):
    z = [rng.normal()]
    while len(z) < n:
        z.append(phi * z[-1] + np.sqrt(1 - phi * phi) * rng.normal())
    return np.array(z)


LEVELS = [0.05, 0.5, 0.9, 0.95, 0.99, 0.999]
WAVES = 10


def design_effects(values, slices=256):
    """Long-run variance of each level's indicator over that of independent values, by the slowest cosine waves (DCT-II)."""
    values = np.asarray(values)
    slices = min(slices, len(values))
    effects = []
    for q in LEVELS:
        limit = np.quantile(values, q, method="inverted_cdf")
        share = (values <= limit).mean()
        if share == 1:
            effects.append(1.0)
            continue
        excess = np.zeros(slices)
        for i, value in enumerate(values):
            excess[i * slices // len(values)] += (value <= limit) - share
        waves = fft.dct(excess, type=2)[1:] / 2
        effects.append(max(1.0, float((2 * waves[:WAVES] ** 2 / (len(values) * share * (1 - share))).mean())))
    return effects


def effective_ranks(n, q, effect):
    """Ranks at the effective number of values: binomial quantiles continued to real numbers, stretched to n."""
    effective = n / effect * (stats.norm.ppf(0.975) / stats.t.ppf(0.975, WAVES)) ** 2

    def at(p):
        k = optimize.brentq(lambda k: special.betainc(effective - k, k + 1, 1 - q) - p, 0, effective - 1e-9, xtol=1e-12)
        return n / effective * (k + 0.5)

    return [int(np.floor(at(0.025))), min(n, int(np.ceil(at(0.975))) + 1), int(round(effective))]


def mser5(values):
    means = np.asarray(values[: len(values) // 5 * 5]).reshape(-1, 5).mean(axis=1)
    scores = [((means[d:] - means[d:].mean()) ** 2).sum() / (len(means) - d) ** 2 for d in range(len(means) - 4)]
    return int(np.argmin(scores)) * 5


def usl(n, lam, sigma, kappa):
    return lam * n / (1 + sigma * (n - 1) + kappa * n * (n - 1))


series = [
    plain(rng.normal(10, 2, 100)),
    plain(np.concatenate([40 - np.arange(30), rng.normal(10, 2, 170)])),
    plain(np.arange(60) * 0.2 + rng.normal(0, 2, 60), 0),
    plain(np.exp(autoregressive(150, 0.8))),
]
loads = np.array([1.0, 2, 4, 8, 16, 32, 64, 128])
curves = [
    plain(usl(loads, 90, 0.02, 0.0005) * rng.normal(1, 0.01, 8), 2),
    plain(usl(loads, 200, 0.0, 0.001) * rng.normal(1, 0.02, 8), 2),
    plain(usl(loads, 50, 0.15, 0.0002) * rng.normal(1, 0.005, 8), 2),
]


def fit(curve):
    p, _ = optimize.curve_fit(
        usl, loads, curve, p0=[curve[0], 0.01, 1e-4], bounds=([0, 0, 0], np.inf), xtol=1e-14, ftol=1e-14
    )
    return [float(v) for v in p]


def hinge(curve):
    x, y = np.log(loads), np.log(curve)

    def fit_at(h):
        a = np.column_stack([np.ones(8), np.minimum(x - h, 0), np.maximum(x - h, 0)])
        c, *_ = np.linalg.lstsq(a, y, rcond=None)
        return float(((a @ c - y) ** 2).sum()), c

    best = min(np.linspace(x[0] + 1e-6, x[-2], 4001), key=lambda h: fit_at(h)[0])
    return [float(np.exp(best)), *[float(v) for v in fit_at(best)[1][1:]]]


def kneedle(curve):
    found = kneed.KneeLocator(loads, curve, curve="concave", direction="increasing").knee
    return None if found is None else float(found)


def block_bootstrap_sd(values, block):
    """Standard deviation of the mean of a moving-block resample: n / block blocks, each start as likely."""
    means = [np.mean(values[i : i + block]) for i in range(len(values) - block + 1)]
    return float(np.sqrt(np.var(means) / (len(values) / block)))


bends = [
    plain(np.minimum(90 * loads, 90 * 24), 1),
    [90, 175, 340, 640, 1150, 1900, 1500, 1300],
    plain(np.minimum(40 * loads, 400) * rng.normal(1, 0.03, 8), 1),
]
growths = [plain(np.minimum(90 * loads, 1440), 1), plain(90 * loads**0.5, 1)]

dependent = [
    (plain(np.exp(autoregressive(500, 0.5))), 500),
    (plain(np.exp(autoregressive(700, 0.8))), 700),
    (plain(np.exp(rng.normal(0, 1, 200))), 200),
    (plain(np.exp(np.repeat(rng.normal(0, 0.5, 60), 12) + rng.normal(0, 1, 720))), 60),
]
effects = [(n, q, e) for n in (400, 5000, 1_000_000) for q in (0.05, 0.5, 0.9, 0.99) for e in (1.0, 2.5, 30.0)]
effects = [(n, q, e) for n, q, e in effects if n / e * 0.77 * min(q, 1 - q) >= 10 and n / e * 0.77 >= 40]

betas = [
    (x, a, b)
    for x in (1e-6, 0.01, 0.3, 0.5, 0.9, 0.999)
    for a, b in ((0.5, 0.5), (1, 3), (20, 2), (7.25, 31.5), (300, 700), (9_900, 101), (5e5, 5e5))
]
binomials = [
    (k, n, p) for n in (1, 10, 368, 20_000) for p in (0.05, 0.5, 0.99) for k in sorted({0, n // 2, int(n * p), n - 1, n})
]
proportions = [(0, 10), (1, 10), (10, 10), (7, 300), (299, 300), (1200, 4000)]
levels = (0.05, 0.5, 0.9, 0.95, 0.99, 0.999)

print(json.dumps({
    "beta": [[x, a, b, float(special.betainc(a, b, x))] for x, a, b in betas],
    "binomial": [[k, n, p, float(stats.binom.cdf(k, n, p))] for k, n, p in binomials],
    "lnGamma": [[x, float(special.gammaln(x))] for x in (1e-3, 0.5, 1, 1.5, 2, 9.99, 10, 1234.5, 1e7)],
    "normal": [[z, float(stats.norm.cdf(z))] for z in (-9, -5, -3.01, -2.99, -1.96, -0.1, 0, 0.7, 2.5, 4)],
    "quantiles": [[s, [float(np.quantile(s, q, method="inverted_cdf")) for q in levels]] for s in series],
    "moments": [[s, float(np.mean(s)), float(np.std(s, ddof=1))] for s in series],
    "ranks": [[n, q, *ranks(n, q)] for n in (1, 5, 20, 72, 100, 299, 367, 368, 1000, 10_000, 200_000) for q in levels],
    "designEffects": [[v, requests, design_effects(v)] for v, requests in dependent],
    "effectiveRanks": [[n, q, e, *effective_ranks(n, q, e)] for n, q, e in effects],
    "batchMeans": [[s, 7, [float(np.mean(s[i : i + 7])) for i in range(0, len(s) - 6, 7)]] for s in series],
    "mser": [[s, mser5(s)] for s in series],
    "mannKendall": [
        [s, float(r.s), float(r.p), float(stats.theilslopes(s).slope)]
        for s in series
        for r in [pymannkendall.original_test(s)]
    ],
    "student": [[v, float(stats.t.ppf(0.975, v))] for v in (3, 5, 7.5, 10, 19, 100)],
    "wilson": [
        [k, n, *[float(v) for v in stats.binomtest(k, n).proportion_ci(method="wilson")]] for k, n in proportions
    ],
    "newcombe": [
        [a, b, *[float(v) for v in confint_proportions_2indep(*b, *a, method="newcomb")]]
        for a in proportions
        for b in proportions
    ],
    "bootstrap": [
        [s, *[float(v) for v in stats.bootstrap((s,), np.mean, n_resamples=100_000, method="percentile", rng=1).confidence_interval]]
        for s in series[:1]
    ],
    "blockBootstrap": [[series[3], b, block_bootstrap_sd(series[3], b)] for b in (1, 5, 15)],
    "usl": [[list(loads), c, *fit(c)] for c in curves],
    "knee": [[list(loads), b, *hinge(b)] for b in bends],
    "kneedle": [[list(loads), g, kneedle(g)] for g in growths],
}))
