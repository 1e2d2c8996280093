/* SPDX-License-Identifier: MIT */
/*
 * serve [FILE...]: serves the trial services and a shop on a free port, and
 * prints the port. The files are the IDL that it sends to a client that asks;
 * the first one is the shop's. Without files it sends no IDL.
 */
#include "service/trial_server.h"
#include "shop.h"

#define MAX_FILES 8
#define MAX_LINES 512

/* ---- the shop ---- */

static weft_err
do_ping(struct weft_call *call, const struct base_ping_args *args,
        struct base_ping_result *result)
{
    (void)call;
    (void)args;
    result->success = WEFT_STR("\x1b[1mhere\xff");
    return WEFT_OK;
}

static weft_err
do_mirror(struct weft_call *call, const struct shop_mirror_args *args,
          struct shop_mirror_result *result)
{
    (void)call;
    result->success = args->thing;
    return WEFT_OK;
}

static weft_err
do_count(struct weft_call *call, const struct shop_count_args *args,
         struct shop_count_result *result)
{
    (void)call;
    result->success = args->from + args->by;
    return WEFT_OK;
}

static weft_err
do_all(struct weft_call *call, const struct shop_all_args *args,
       struct shop_all_result *result)
{
    struct shop_SoldOut thrown;
    shop_SoldOut_init(&thrown);
    thrown.name = WEFT_STR("all");
    if (args->least > shop_Grade_POOR)
        return shop_all_throw_empty(result, thrown);
    struct shop_Thing *thing =
        weft_push(weft_call_arena(call), &result->success, sizeof *thing);
    if (!thing)
        return WEFT_EBUDGET;
    shop_Thing_init(thing);
    thing->name = WEFT_STR("the last one");
    return WEFT_OK;
}

static weft_err
do_rest(struct weft_call *call, const struct shop_rest_args *args,
        struct shop_rest_result *result)
{
    (void)call;
    (void)args;
    (void)result;
    return WEFT_OK;
}

static const struct shop_Shop_service table = {
    .ping = do_ping,
    .mirror = do_mirror,
    .count = do_count,
    .all = do_all,
    .rest = do_rest,
};

/* ---- its IDL, in the form that weftc generates ---- */

static const char *
base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

static struct weft_idl_file
read_idl(const char *path)
{
    static char *parts[MAX_FILES][MAX_LINES + 1];
    static size_t n_files;
    FILE *f = fopen(path, "r");
    char **lines = parts[n_files];
    size_t cap = 0, n = 0;
    MUST(f && n_files++ < MAX_FILES);
    while (n < MAX_LINES && getline(&lines[n], &cap, f) >= 0) {
        n++;
        cap = 0;
    }
    MUST(feof(f));
    free(lines[n]); /* the buffer that getline took at the end of the file */
    lines[n] = NULL;
    fclose(f);
    return (struct weft_idl_file){base_name(path), (const char *const *)lines};
}

int
main(int argc, char **argv)
{
    static struct trial trial;
    static struct weft_idl_file files[MAX_FILES];
    static struct weft_service shop, trials, extra;
    MUST(argc <= MAX_FILES + 1);
    for (int i = 1; i < argc; i++)
        files[i - 1] = read_idl(argv[i]);
    shop = shop_Shop_service_desc;
    trials = trial_Trial_service_desc;
    extra = trial_Extra_service_desc;
    shop.idl = trials.idl = extra.idl = argc > 1 ? files : NULL;
    shop.n_idl = trials.n_idl = extra.n_idl = (uint32_t)argc - 1;
    struct weft_server *server;
    MUST(!weft_server_new(NULL, &server));
    MUST(!weft_server_add(server, "Shop", &shop, &table, NULL));
    MUST(!weft_server_add(server, "Trial", &trials, &trial_table, &trial));
    MUST(!weft_server_add(server, "Extra", &extra, &trial_extra_table, &trial));
    MUST(!weft_server_listen(server, "127.0.0.1:0"));
    printf("%u\n", (unsigned)weft_server_port(server));
    MUST(fflush(stdout) == 0);
    MUST(!weft_server_run(server, NULL));
    weft_server_free(server);
    (void)weft_runtime_stop();
    return 0;
}
