/* SPDX-License-Identifier: MIT */
/* Plots as inline SVG: lines over two axes, without script. Colours are classes
 * that the page defines. */
#ifndef WEFT_TOOL_BENCH_PLOT_H
#define WEFT_TOOL_BENCH_PLOT_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#define WB_MAX_SERIES 4u

enum wb_scale {
    WB_LINEAR, /* from 0 */
    WB_LOG,
    WB_NINES, /* 0..1 as 0 %, 90 %, 99 %, ... */
};

struct wb_axis {
    const char *name;
    enum wb_scale scale;
    bool is_time;     /* values are ns */
    double low, high; /* wb_draw_plot sets them */
};

struct wb_series {
    const char *name;
    double (*x)(const void *data, uint32_t i);
    double (*y)(const void *data, uint32_t i);
    bool has_dots;
};

struct wb_plot {
    const char *title;
    struct wb_axis x, y;
    const void *data;
    uint32_t n; /* points of each series */
    uint32_t n_series;
    struct wb_series series[WB_MAX_SERIES];
    double mark_x, mark_y; /* where to draw a marking line; 0: none */
};

/** Draw a plot. The points and marks determine the range of the axes. */
void wb_draw_plot(FILE *f, struct wb_plot *p);

#endif
