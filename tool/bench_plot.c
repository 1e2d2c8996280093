/* SPDX-License-Identifier: MIT */
#include "bench_plot.h"
#include "bench.h"

#include <math.h>

/* The size of the picture and of the area between its axes, in pixels; y grows
 * downwards. */
#define WIDTH 760
#define HEIGHT 280
#define LEFT 80.0
#define RIGHT 744.0
#define TOP 34.0
#define BOTTOM 236.0

/* ---- scales ---- */

static double
scaled(const struct wb_axis *axis, double value)
{
    switch (axis->scale) {
    case WB_LOG:
        return log10(value > 0 ? value : 1);
    case WB_NINES:
        return -log10(1 - value);
    default:
        return value;
    }
}

static double
place(const struct wb_axis *axis, double value, double from, double to)
{
    double low = scaled(axis, axis->low), high = scaled(axis, axis->high);
    return from + (to - from) * (scaled(axis, value) - low) / (high - low);
}

static double
place_x(const struct wb_plot *p, double x)
{
    return place(&p->x, x, LEFT, RIGHT);
}

static double
place_y(const struct wb_plot *p, double y)
{
    return place(&p->y, y, BOTTOM, TOP);
}

/* ---- ranges ---- */

static void
widen(struct wb_axis *axis, double value)
{
    axis->low = value < axis->low ? value : axis->low;
    axis->high = value > axis->high ? value : axis->high;
}

/* The next number from `least` on that is 1, 2 or 5 times a power of ten. */
static double
round_step(double least)
{
    double unit = pow(10, floor(log10(least)));
    double times = least / unit;
    return unit * (times <= 1 ? 1 : times <= 2 ? 2 : times <= 5 ? 5 : 10);
}

static void
settle(struct wb_axis *axis)
{
    if (axis->scale == WB_LINEAR) {
        axis->low = 0;
        axis->high = axis->high > 0 ? axis->high : 1;
    } else if (axis->scale == WB_LOG) {
        axis->low = fmax(axis->low, 1e-3);
        axis->high = fmax(axis->high, axis->low * 2);
        axis->low /= 1.2;
        axis->high *= 1.2;
    } else {
        axis->low = 0;
        axis->high = fmax(axis->high, 0.99);
    }
}

static void
fit(struct wb_plot *p)
{
    p->x.low = p->y.low = INFINITY;
    p->x.high = p->y.high = -INFINITY;
    for (uint32_t s = 0; s < p->n_series; s++)
        for (uint32_t i = 0; i < p->n; i++) {
            widen(&p->x, p->series[s].x(p->data, i));
            widen(&p->y, p->series[s].y(p->data, i));
        }
    if (p->mark_x > 0)
        widen(&p->x, p->mark_x);
    if (p->mark_y > 0)
        widen(&p->y, p->mark_y);
    settle(&p->x);
    settle(&p->y);
    if (p->y.scale == WB_LINEAR)
        p->y.high *= 1.1;
}

/* ---- axes ---- */

static const char *
label(char *text, const struct wb_axis *axis, double value)
{
    if (axis->scale == WB_NINES)
        snprintf(text, WB_TEXT, "%.7g%%", value * 100);
    else if (axis->is_time)
        wb_put_time(text, value);
    else if (value < 1000)
        snprintf(text, WB_TEXT, "%.6g", value);
    else
        wb_put_number(text, value);
    return text;
}

static void
draw_tick(FILE *f, const struct wb_plot *p, bool is_x, double value)
{
    char text[WB_TEXT];
    if (is_x) {
        double x = place_x(p, value);
        fprintf(f,
                "<line class=\"grid\" x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" "
                "y2=\"%.1f\"/><text x=\"%.1f\" y=\"%.1f\" "
                "text-anchor=\"middle\">%s</text>\n",
                x, TOP, x, BOTTOM, x, BOTTOM + 16, label(text, &p->x, value));
    } else {
        double y = place_y(p, value);
        fprintf(f,
                "<line class=\"grid\" x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" "
                "y2=\"%.1f\"/><text x=\"%.1f\" y=\"%.1f\" "
                "text-anchor=\"end\">%s</text>\n",
                LEFT, y, RIGHT, y, LEFT - 6, y + 4, label(text, &p->y, value));
    }
}

/* Draw ticks at powers of ten, and if these ticks are few, also at 2 and 5
 * times these powers. */
static void
draw_log_ticks(FILE *f, const struct wb_plot *p, bool is_x)
{
    static const double times[] = {1, 2, 5};
    const struct wb_axis *axis = is_x ? &p->x : &p->y;
    bool all = axis->high / axis->low < 1000;
    double unit = pow(10, floor(log10(axis->low)));
    while (unit <= axis->high) {
        for (size_t i = 0; i < (all ? 3 : 1); i++) {
            double value = unit * times[i];
            if (value >= axis->low && value <= axis->high)
                draw_tick(f, p, is_x, value);
        }
        unit *= 10;
    }
}

static void
draw_ticks(FILE *f, const struct wb_plot *p, bool is_x)
{
    const struct wb_axis *axis = is_x ? &p->x : &p->y;
    if (axis->scale == WB_LOG) {
        draw_log_ticks(f, p, is_x);
    } else if (axis->scale == WB_NINES) {
        draw_tick(f, p, is_x, 0);
        draw_tick(f, p, is_x, 0.5);
        double rest = 0.1;
        while (1 - rest <= axis->high) {
            draw_tick(f, p, is_x, 1 - rest);
            rest /= 10;
        }
    } else {
        double step = round_step((axis->high - axis->low) / (is_x ? 10 : 5));
        for (int i = 0; i * step <= axis->high; i++)
            draw_tick(f, p, is_x, i * step);
    }
}

/* ---- lines ---- */

/* Points that differ by less than half a pixel are left out. */
static void
draw_series(FILE *f, const struct wb_plot *p, uint32_t s)
{
    const struct wb_series *series = &p->series[s];
    double last_x = -1, last_y = -1;
    fprintf(f, "<polyline class=\"s%u\" points=\"", (unsigned)s);
    for (uint32_t i = 0; i < p->n; i++) {
        double x = place_x(p, series->x(p->data, i));
        double y = place_y(p, series->y(p->data, i));
        bool moves = fabs(x - last_x) > 0.5 || fabs(y - last_y) > 0.5;
        if (!moves && i + 1 < p->n)
            continue;
        fprintf(f, "%.1f,%.1f ", x, y);
        last_x = x;
        last_y = y;
    }
    fputs("\"/>\n", f);
    for (uint32_t i = 0; series->has_dots && i < p->n; i++)
        fprintf(f, "<circle class=\"d%u\" cx=\"%.1f\" cy=\"%.1f\" r=\"3\"/>\n",
                (unsigned)s, place_x(p, series->x(p->data, i)),
                place_y(p, series->y(p->data, i)));
}

static void
draw_marks(FILE *f, const struct wb_plot *p)
{
    if (p->mark_x > 0)
        fprintf(f,
                "<line class=\"mark\" x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" "
                "y2=\"%.1f\"/>\n",
                place_x(p, p->mark_x), TOP, place_x(p, p->mark_x), BOTTOM);
    if (p->mark_y > 0)
        fprintf(f,
                "<line class=\"mark\" x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" "
                "y2=\"%.1f\"/>\n",
                LEFT, place_y(p, p->mark_y), RIGHT, place_y(p, p->mark_y));
}

static void
draw_legend(FILE *f, const struct wb_plot *p)
{
    for (uint32_t s = 0; p->n_series > 1 && s < p->n_series; s++) {
        double x = RIGHT - 80.0 * (p->n_series - s);
        fprintf(f,
                "<line class=\"s%u\" x1=\"%.1f\" y1=\"18\" x2=\"%.1f\" "
                "y2=\"18\"/><text x=\"%.1f\" y=\"22\">%s</text>\n",
                (unsigned)s, x, x + 18, x + 24, p->series[s].name);
    }
}

void
wb_draw_plot(FILE *f, struct wb_plot *p)
{
    if (p->n == 0)
        return; /* there was no call */
    fit(p);
    fprintf(f,
            "<figure><figcaption>%s</figcaption>\n<svg role=\"img\" "
            "aria-label=\"%s\" viewBox=\"0 0 %d %d\">\n",
            p->title, p->title, WIDTH, HEIGHT);
    draw_ticks(f, p, true);
    draw_ticks(f, p, false);
    draw_marks(f, p);
    for (uint32_t s = 0; s < p->n_series; s++)
        draw_series(f, p, s);
    draw_legend(f, p);
    fprintf(f,
            "<text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">%s</text>\n"
            "<text x=\"6\" y=\"18\">%s</text>\n</svg></figure>\n",
            (LEFT + RIGHT) / 2, HEIGHT - 8, p->x.name, p->y.name);
}
