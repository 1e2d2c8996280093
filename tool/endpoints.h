/* SPDX-License-Identifier: MIT */
/*
 * The header of `weft endpoints`: which servers a target has, and how they
 * answer.
 *
 *   endpoints.c         the command
 *   endpoints_ask.h     finds the servers, and calls each of them;
 *                       endpoints_rows.c tells what is known of them
 *   endpoints_show.c    the table, and the JSON of endpoints_row.thrift
 *   endpoints_screen.c  the terminal: in place, keys and signals
 *
 * A client that has just been made knows nothing of its servers. So the tool
 * makes calls: all calls of a round, one for each server, and then the next
 * round. A round calls the method weft.health, which every server of weft has;
 * that another server does not have this method is an answer, too.
 */
#ifndef WEFT_TOOL_ENDPOINTS_H
#define WEFT_TOOL_ENDPOINTS_H

#include "tool.h"

#include "endpoints_row.h"

struct we_rows {
    struct endpoints_Endpoint *items;
    uint32_t len, cap;
};

/* ---- endpoints_ask.c, endpoints_rows.c ---- */

struct we_watch;

/** Find the servers of the target. Reports a failure, also an empty list; then
 * there is nothing to free. */
enum wt_code we_watch_new(const struct wt_options *o, struct we_watch **watch);
void we_watch_free(struct we_watch *watch);

/** Begin a round, with the list of servers as it is now. */
enum wt_code we_round_begin(struct we_watch *watch);

/** Have all calls of the round ended? */
bool we_round_is_over(struct we_watch *watch);

/** Wait for the end of the round. */
void we_round_await(struct we_watch *watch);

/** Copy what is known of each server. */
enum wt_code we_rows_get(struct we_watch *watch, struct weft_arena *arena,
                         struct we_rows *rows);

/** The greatest exit code of the servers' last calls. */
enum wt_code we_worst(struct we_watch *watch);

/* ---- endpoints_show.c ---- */

/** A reason that does not fit into the columns gets a line of its own. */
void we_put_table(FILE *out, const struct we_rows *rows, size_t columns);
enum wt_code we_print_json(const struct we_rows *rows);

/* ---- endpoints_screen.c ---- */

/** Prepare the terminal, and catch the signals that end the command. */
void we_screen_begin(void);
void we_screen_end(void);

/** How wide the terminal is. */
unsigned we_screen_columns(void);

/** Replace what the screen shows by the text. */
void we_screen_show(const char *text, size_t len);

/** Wait up to ms; true: the user wants to end. */
bool we_screen_wait(int ms);

#endif
