/* SPDX-License-Identifier: MIT */
/*
 * The ledger checks what weft promises about calls. Its memory belongs to the
 * simulator, so the ledger still knows a call whose host has died.
 */
#include "sim.h"

#include <inttypes.h>
#include <stdlib.h>

#define SLACK_NS 60000000u /* used if the scenario's slack_ns is 0 */

struct call {
    uint64_t deadline_ns; /* of the caller's clock */
    uint32_t runs;
    uint8_t host; /* of the caller */
    bool may_repeat;
    enum { OPEN, NOT_SENT, ENDED, LOST } state; /* LOST: the caller has died */
};

static struct {
    struct call *calls; /* the index is number - 1 */
    uint64_t n, cap;
} ledger;

static struct call *
call_of(uint64_t number)
{
    if (number - 1 < ledger.n)
        return &ledger.calls[number - 1];
    ws_fail("the ledger has no call %" PRIu64, number);
    return NULL;
}

uint64_t
weft_sim_call_begin(uint64_t deadline_ns, bool may_repeat)
{
    const struct ws_host *host = ws_self();
    if (!host)
        ws_die("weft_sim_call_begin is called outside of all hosts");
    if (ledger.n == ledger.cap) {
        ledger.cap = ledger.cap ? 2 * ledger.cap : 1024;
        ledger.calls = realloc(ledger.calls, ledger.cap * sizeof *ledger.calls);
        if (!ledger.calls)
            ws_die("no memory for %" PRIu64 " calls", ledger.cap);
    }
    ledger.calls[ledger.n] = (struct call){.deadline_ns = deadline_ns,
                                           .host = (uint8_t)host->index,
                                           .may_repeat = may_repeat};
    ws_total_add(WS_CALLS, 1);
    return ++ledger.n;
}

void
weft_sim_call_run(uint64_t number)
{
    struct call *call = number ? call_of(number) : NULL;
    if (!call)
        return;
    ws_total_add(WS_EXECUTIONS, 1);
    if (++call->runs > 1 && !call->may_repeat)
        ws_fail("call %" PRIu64 " runs a second time", number);
    if (call->state == NOT_SENT)
        ws_fail("call %" PRIu64 " runs, but its caller knows that it was not "
                "sent",
                number);
}

/* Check that the call ends in time, and once. */
static void
check_end(const struct call *call, uint64_t number)
{
    uint64_t slack = ws.scenario->slack_ns ? ws.scenario->slack_ns : SLACK_NS;
    uint64_t now = ws_shown(ws_self(), ws.now_ns);
    if (call->state != OPEN)
        ws_fail("call %" PRIu64 " ends a second time", number);
    if (now > call->deadline_ns && now - call->deadline_ns > slack)
        ws_fail("call %" PRIu64 " ends %" PRIu64 " ms after its deadline",
                number, (now - call->deadline_ns) / 1000000u);
}

void
weft_sim_call_end(uint64_t number, weft_err err, enum weft_call_reach reach,
                  uint64_t reply)
{
    struct call *call = call_of(number);
    if (!call)
        return;
    check_end(call, number);
    call->state = reach == WEFT_CALL_NOT_SENT ? NOT_SENT : ENDED;
    bool succeeds = !err && reach == WEFT_CALL_ANSWERED;
    if (succeeds && reply != number)
        ws_fail("call %" PRIu64 " gets the reply of call %" PRIu64, number,
                reply);
    if (succeeds && !call->runs)
        ws_fail("call %" PRIu64 " succeeds, but has not run", number);
    if (call->state == NOT_SENT && call->runs)
        ws_fail("call %" PRIu64 " was not sent, but has run", number);
}

void
ws_ledger_lose(const struct ws_host *host)
{
    for (uint64_t i = 0; i < ledger.n; i++)
        if (ledger.calls[i].host == host->index &&
            ledger.calls[i].state == OPEN)
            ledger.calls[i].state = LOST;
}

void
ws_ledger_check(void)
{
    for (uint64_t i = 0; i < ledger.n; i++)
        if (ledger.calls[i].state == OPEN)
            ws_fail("call %" PRIu64 " has not ended", i + 1);
}
