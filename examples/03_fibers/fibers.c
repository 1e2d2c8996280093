/* SPDX-License-Identifier: MIT */
/* Sums squares on many fibers. Numbers go through one channel to a fiber that
 * is free, and squares come back through another channel. A fiber that waits
 * takes no thread. */
#include <weft/fiber.h>

#include <stdio.h>

enum { NUMBERS = 1000, SQUARERS = 100 };

static struct weft_chan *numbers, *squares;

static void
produce(void *unused)
{
    weft_err err = WEFT_OK;
    for (uint64_t i = 1; i <= NUMBERS && !err; i++)
        err = weft_chan_send(numbers, &i);
    weft_chan_close(numbers); /* queued numbers still arrive, then the end */
    (void)unused;
}

static void
square(void *unused)
{
    uint64_t n;
    weft_err err = WEFT_OK;
    while (!err && !weft_chan_recv(numbers, &n)) {
        n *= n;
        (void)weft_sleep_ms(1); /* stands for hard work */
        err = weft_chan_send(squares, &n);
    }
    (void)unused;
}

int
main(void)
{
    uint64_t sum = 0, n, begin_ns = weft_now_ns();
    /* `numbers` has room for 16 items. `squares` has none, so a send waits for
     * a receiver. */
    if (weft_chan_new(sizeof n, 16, &numbers) ||
        weft_chan_new(sizeof n, 0, &squares))
        return 1;
    weft_err err = weft_fiber_start(produce, NULL, NULL);
    for (int i = 0; i < SQUARERS && !err; i++)
        err = weft_fiber_start(square, NULL, NULL);
    for (int i = 0; i < NUMBERS && !err; i++) { /* a plain thread may wait */
        err = weft_chan_recv_until(squares, &n, weft_after_ms(5000));
        sum += err ? 0 : n;
    }
    weft_chan_close(squares); /* after an error no sender waits for ever */
    weft_runtime_stop();      /* waits until every fiber has ended */
    printf("the sum of %d squares is %llu, after %llu ms\n", NUMBERS,
           (unsigned long long)sum,
           (unsigned long long)(weft_now_ns() - begin_ns) / 1000000);
    weft_chan_free(numbers);
    weft_chan_free(squares);
    return err || sum != 333833500;
}
