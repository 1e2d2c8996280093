/* SPDX-License-Identifier: MIT */
/* Makes services whose methods share one handler. */
#include "idl/idl.h"

#include <errno.h>

/* The table of handlers that the server passes to `invoke`. */
struct served {
    weft_idl_handler handler;
};

weft_err
wi_invoke_handler(const void *table, struct weft_call *call, const void *args,
                  void *result)
{
    const struct served *served = table;
    const struct weft_method *method = weft_call_descriptor(call);
    /* The arguments lie in the call's arena, and the server does not use the
     * arguments any more, so this function may change them. */
    void *record = (void *)(uintptr_t)args;
    wi_apply_defaults(method->args, record);
    if (result && method->is_void)
        ((struct wi_result *)result)->which = 0;
    weft_err err = served->handler(call, method, record, result);
    if (result && !weft_call_is_detached(call)) /* else a fiber owns result */
        wi_apply_to_result(method, result);
    return err;
}

/* Allocate from the IDL's arena, which has no lock. No lock is needed: after
 * the IDL has been loaded, only this function allocates from the arena, and one
 * thread calls this function before the server starts. */
static struct served *
make_served(struct weft_idl *idl, weft_idl_handler handler)
{
    struct served *served = weft_arena_alloc(&idl->arena, sizeof *served);
    if (served)
        served->handler = handler;
    return served;
}

weft_err
weft_idl_add(struct weft_server *server, struct weft_idl *idl, const char *name,
             weft_idl_handler handler, void *user)
{
    const struct weft_service *service = weft_idl_service(idl, name);
    if (!service)
        return WEFT_ENOSERVICE;
    struct served *served = make_served(idl, handler);
    if (!served)
        return -ENOMEM;
    return weft_server_add(server, service->name, service, served, user);
}

void
weft_idl_forward(const struct weft_method *method, const void *from, void *to)
{
    if (method->result)
        memcpy(to, from, sizeof(struct wi_result));
}
