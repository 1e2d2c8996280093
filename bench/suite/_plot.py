"""Draws the plots of the page as SVG. Only this file needs matplotlib."""
import contextlib

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as pyplot  # noqa: E402, after the choice of Agg

from ._rows import median, number  # noqa: E402

# Okabe and Ito's colours, which colour-blind people can distinguish. Marks and
# dashes differ as well.
COLOURS = ["#0072B2", "#E69F00", "#009E73", "#D55E00", "#CC79A7", "#56B4E9"]
MARKS = ["o", "s", "^", "D", "v", "P"]
DASHES = ["-", "--", "-.", ":", "-", "--"]
OTHERS = "#999999"

matplotlib.rcParams.update({
    "svg.fonttype": "none", "svg.hashsalt": "weft", "font.size": 10,
    "font.family": "sans-serif", "axes.spines.top": False,
    "axes.spines.right": False, "figure.facecolor": "white"})


class Plot:
    """The second argument of an experiment's plots()."""

    def __init__(self, folder):
        self.folder = folder
        self.made = []  # (file name, title)

    @staticmethod
    def median(runs, metric=None):
        """The median over runs; None if there are none."""
        return median(runs, metric) if runs else None

    @contextlib.contextmanager
    def axes(self, name, title, width=8, height=4.5, columns=1):
        """Give axes (a list, if there are several columns) to draw on, then
        write NAME.svg."""
        figure, axes = pyplot.subplots(1, columns, squeeze=False,
                                       figsize=(width, height))
        figure.suptitle(title, x=0.01, ha="left")
        yield list(axes[0]) if columns > 1 else axes[0][0]
        figure.tight_layout()
        self.folder.mkdir(parents=True, exist_ok=True)
        figure.savefig(self.folder / f"{name}.svg", metadata={"Date": None})
        pyplot.close(figure)
        self.made.append((f"{name}.svg", title))

    def bars(self, name, title, panels, line=None):
        """Draw {shape: {who: value}}: a panel for each shape with its own
        scale, and a bar for each `who`, blue for weft. A value None is left
        out."""
        whos = list(dict.fromkeys(who for bars in panels.values()
                                  for who in bars))
        longest = max(len(who) for who in whos)
        width = 2.6 * len(panels) + 0.085 * longest + 0.6
        with self.axes(name, title, max(width, 6), 0.3 * len(whos) + 1.1,
                       len(panels)) as axes:
            axes = axes if isinstance(axes, list) else [axes]
            for panel, (shape, bars) in zip(axes, panels.items()):
                draw_panel(panel, shape, [bars.get(who) for who in whos], whos)
                panel.set_yticks(range(len(whos)),
                                 whos if panel is axes[0] else [])
                if line is not None:
                    panel.axvline(line, color="black", linewidth=0.8)

    def lines(self, name, title, x_label, y_label, series, log_x=False,
              log_y=False):
        """Draw a line for each `who`, from {who: [(x, y), ...]}."""
        with self.axes(name, title) as axes:
            for i, (who, points) in enumerate(series.items()):
                axes.plot(*zip(*points), label=who, color=COLOURS[i % 6],
                          marker=MARKS[i % 6], linestyle=DASHES[i % 6])
            axes.set_xlabel(x_label)
            axes.set_ylabel(y_label)
            axes.set_xscale("log" if log_x else "linear")
            axes.set_yscale("log" if log_y else "linear")
            axes.set_ylim(bottom=None if log_y else 0)
            axes.grid(True, alpha=0.3)
            axes.legend(frameon=False)


def draw_panel(panel, shape, values, whos):
    most = max((value for value in values if value is not None), default=1)
    for i, (value, who) in enumerate(zip(values, whos)):
        if value is None:
            panel.text(0, i, " not measured", va="center", color=OTHERS)
            continue
        panel.barh(i, value, 0.7,
                   color=COLOURS[0] if "weft" in who else OTHERS)
        panel.text(value, i, " " + number(value), va="center")
    panel.set_title(shape, fontsize=10, loc="left")
    panel.set_xlim(0, most * 1.22)
    panel.set_ylim(len(whos) - 0.4, -0.6)
    panel.xaxis.set_major_locator(matplotlib.ticker.MaxNLocator(4))
    panel.tick_params(axis="y", length=0)
