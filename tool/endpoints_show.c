/* SPDX-License-Identifier: MIT */
/* The rows of `weft endpoints`, as a table and as JSON. */
#include "bench.h"
#include "endpoints.h"

#include <inttypes.h>

#define COLUMNS 10
#define CELL 32
#define TAG 2u /* no column if no server has a tag */
#define STATE 3u

static const char *const heads[COLUMNS] = {
    "ADDRESS", "WEIGHT", "TAG",    "STATE",   "IN FLIGHT",
    "LATENCY", "CALLS",  "FAILED", "EJECTED", "WHY"};

static const char *const states[] = {[endpoints_State_unknown] = "unknown",
                                     [endpoints_State_usable] = "usable",
                                     [endpoints_State_failing] = "failing",
                                     [endpoints_State_ejected] = "ejected"};

/* Write the text of a column that is neither the first nor the last one. */
static const char *
put_cell(char *cell, const struct endpoints_Endpoint *row, size_t column)
{
    const int64_t numbers[COLUMNS] = {[1] = row->weight,
                                      [4] = row->in_flight,
                                      [6] = row->attempts,
                                      [7] = row->failures,
                                      [8] = row->ejections};
    if (column == TAG)
        snprintf(cell, CELL, "%.*s", WEFT_FMT(row->tag));
    else if (column == STATE)
        snprintf(cell, CELL, "%s", states[row->state]);
    else if (column == 5 && !row->has.latency_ns)
        snprintf(cell, CELL, "-");
    else if (column == 5)
        wb_put_time(cell, (double)row->latency_ns);
    else
        snprintf(cell, CELL, "%" PRId64, numbers[column]);
    return cell;
}

static void
measure(const struct we_rows *rows, size_t *widths)
{
    char cell[CELL];
    for (size_t c = 0; c < COLUMNS; c++)
        widths[c] = c == TAG ? 0 : strlen(heads[c]);
    for (uint32_t i = 0; i < rows->len; i++) {
        const struct endpoints_Endpoint *row = &rows->items[i];
        if (row->address.len > widths[0])
            widths[0] = row->address.len;
        for (size_t c = 1; c < COLUMNS - 1; c++)
            if (strlen(put_cell(cell, row, c)) > widths[c])
                widths[c] = strlen(cell);
    }
    if (widths[TAG] > 0 && widths[TAG] < strlen(heads[TAG]))
        widths[TAG] = strlen(heads[TAG]);
}

static void
put_since(FILE *out, double s)
{
    if (s < 120)
        fprintf(out, ", %.0f s ago", s);
    else if (s < 7200)
        fprintf(out, ", %.0f min ago", s / 60);
    else
        fprintf(out, ", %.0f h ago", s / 3600);
}

/* Put the reason at the end of the line, which has `used` columns so far, or
 * into a line of its own. */
static void
put_why(FILE *out, const struct endpoints_Endpoint *row, size_t used,
        size_t columns)
{
    size_t since = sizeof ", 119 min ago";
    if (row->reason.len == 0)
        return;
    fputs(used + 2 + row->reason.len + since > columns ? "\n    " : "  ", out);
    wt_put_safe(out, row->reason);
    if (row->has.since_s)
        put_since(out, row->since_s);
}

static void
put_in_column(FILE *out, size_t column, const size_t *widths, const char *text)
{
    bool is_text = column == TAG || column == STATE;
    if (widths[column] > 0)
        fprintf(out, is_text ? "  %-*s" : "  %*s", (int)widths[column], text);
}

static void
put_row(FILE *out, const struct endpoints_Endpoint *row, const size_t *widths,
        size_t columns)
{
    char cell[CELL];
    size_t used = widths[0];
    wt_put_safe(out, row->address);
    fprintf(out, "%*s", (int)(widths[0] - row->address.len), "");
    for (size_t c = 1; c < COLUMNS - 1; c++) {
        put_in_column(out, c, widths, put_cell(cell, row, c));
        used += widths[c] ? 2 + widths[c] : 0;
    }
    put_why(out, row, used, columns);
    fputc('\n', out);
}

void
we_put_table(FILE *out, const struct we_rows *rows, size_t columns)
{
    size_t widths[COLUMNS];
    measure(rows, widths);
    fprintf(out, "%-*s", (int)widths[0], heads[0]);
    for (size_t c = 1; c < COLUMNS - 1; c++)
        put_in_column(out, c, widths, heads[c]);
    fprintf(out, "  %s\n", heads[COLUMNS - 1]);
    for (uint32_t i = 0; i < rows->len; i++)
        put_row(out, &rows->items[i], widths, columns);
}

enum wt_code
we_print_json(const struct we_rows *rows)
{
    struct weft_chain chain = {NULL, NULL, 0};
    struct weft_writer w;
    weft_writer_init(&w, &chain);
    weft_write_bytes_slow(&w, "[", 1);
    for (uint32_t i = 0; i < rows->len; i++) {
        weft_write_bytes_slow(&w, i ? ",\n" : "\n", i ? 2 : 1);
        weft_struct_to_json(&endpoints_Endpoint_desc, &w, &rows->items[i], 0);
    }
    weft_write_bytes_slow(&w, "\n]\n", 3);
    weft_err failed = weft_writer_fini(&w);
    enum wt_code code = WT_BROKEN;
    if (failed)
        wt_error("cannot print the servers: %s", weft_err_text(failed));
    else
        code = wt_print(&chain);
    weft_chain_clear(&chain);
    return code;
}
