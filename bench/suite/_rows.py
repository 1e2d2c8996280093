"""The rows of a benchmark, and how they are computed from runs."""
import dataclasses
import statistics


@dataclasses.dataclass
class Row:
    """One measured value. If it has a ratio, the bound is for the ratio."""
    what: str
    value: float
    unit: str
    bound: float | None = None
    verdict: str = ""         # by default from the bound, or from peer
    ratio_to: str = ""        # the name that the ratio compares with
    ratio: float | None = None
    base: float | None = None  # the value of ratio_to
    at_least: bool = False    # the bound is a minimum, not a maximum
    peer: bool = False        # ratio_to is a rival; weft loses if it is behind

    def __post_init__(self):
        if self.verdict:
            return
        if self.bound is not None:
            holds = not self.worse_than(self.bound)
            self.verdict = "ok" if holds else \
                "under" if self.at_least else "over"
        elif self.peer and self.ratio is not None:
            self.verdict = "behind" if self.is_behind else "ahead"

    def worse_than(self, limit):
        judged = self.value if self.ratio is None else self.ratio
        return judged < limit if self.at_least else judged > limit

    @property
    def is_behind(self):
        """Does a rival do better?"""
        return self.peer and self.ratio is not None and self.worse_than(1)

    @property
    def is_broken(self):
        """Is there a bound that does not hold?"""
        return self.bound is not None and self.worse_than(self.bound)

    @property
    def limit(self):
        """The bound in words."""
        if self.bound is None:
            return ""
        return ("at least " if self.at_least else "at most ") + \
            number(self.bound)


def number(value):
    """Three significant digits, without an exponent."""
    if value == 0 or abs(value) >= 100:
        return f"{value:.0f}"
    return f"{value:.2f}" if abs(value) < 10 else f"{value:.1f}"


def median(runs, metric=None):
    """The median of a metric of runs, or of numbers."""
    return statistics.median(r if metric is None else r[metric] for r in runs)


def compare(what, runs, metric, unit, own, other, bound=None, **more):
    """A row that compares one name with another: medians of the rounds, and the
    median of the ratios of each round."""
    ratios = [a[metric] / b[metric] if b[metric] else float("inf")
              for a, b in zip(runs[own], runs[other], strict=True)]
    return Row(what, median(runs[own], metric), unit, bound, ratio_to=other,
               ratio=statistics.median(ratios),
               base=median(runs[other], metric), **more)
