/* SPDX-License-Identifier: MIT */
/*
 * The terminal of `weft endpoints`: a text that is replaced in place. A signal
 * that would end the process only sets a flag, so that the command ends by
 * itself, and leaves the terminal as it was.
 */
#include "endpoints.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

static volatile sig_atomic_t interrupted;
static struct termios before;
static bool is_changed;  /* `before` has what the terminal was */
static unsigned n_shown; /* lines on the screen */

static void
note_signal(int number)
{
    (void)number;
    interrupted = 1;
}

/* The keys must come at once and must not be printed. Ctrl-C stays a signal.
 * A read never waits (VMIN 0), because Ctrl-C drops the keys that poll has
 * reported. If standard input is no terminal, only signals end the command. */
static void
change_terminal(void)
{
    if (tcgetattr(STDIN_FILENO, &before) != 0)
        return;
    struct termios raw = before;
    raw.c_lflag &= (tcflag_t) ~(ICANON | ECHO);
    raw.c_cc[VMIN] = 0;
    raw.c_cc[VTIME] = 0;
    is_changed = tcsetattr(STDIN_FILENO, TCSANOW, &raw) == 0;
}

void
we_screen_begin(void)
{
    static const int signals[] = {SIGINT, SIGTERM, SIGHUP};
    struct sigaction action = {.sa_handler = note_signal};
    sigemptyset(&action.sa_mask);
    for (size_t i = 0; i < sizeof signals / sizeof *signals; i++)
        (void)sigaction(signals[i], &action, NULL); /* cannot fail: the
                                                       arguments are valid */
    change_terminal();
    fputs("\x1b[?25l", stdout); /* hide the cursor */
}

void
we_screen_end(void)
{
    fputs("\x1b[?25h", stdout);
    fflush(stdout); /* an error was noticed before, or does no harm */
    if (is_changed)
        (void)tcsetattr(STDIN_FILENO, TCSANOW, &before);
}

/* The length of a line's beginning that fits into the columns. A character
 * counts as one column, and is not divided. */
static size_t
cut(const char *line, size_t len, unsigned columns)
{
    size_t i = 0;
    for (unsigned n = 0; i < len; i++) {
        bool begins = ((uint8_t)line[i] & 0xc0) != 0x80; /* a character */
        if (begins && n++ == columns)
            break;
    }
    return i;
}

static struct winsize
get_size(void)
{
    struct winsize size = {0};
    (void)ioctl(STDOUT_FILENO, TIOCGWINSZ, &size); /* or 0 */
    return size;
}

unsigned
we_screen_columns(void)
{
    unsigned columns = get_size().ws_col;
    return columns ? columns : 80;
}

/* The cursor needs a line below the text. */
static unsigned
screen_lines(void)
{
    unsigned lines = get_size().ws_row;
    return lines > 1 ? lines - 1 : 23;
}

/* A line that is longer than the terminal would become two, and the place of
 * the others would be wrong; so would a text that is higher. */
void
we_screen_show(const char *text, size_t len)
{
    unsigned columns = we_screen_columns(), lines = screen_lines();
    if (n_shown > 0)
        printf("\x1b[%uA", n_shown);
    fputs("\r\x1b[J", stdout);
    n_shown = 0;
    for (size_t at = 0; at < len && n_shown < lines; n_shown++) {
        const char *end = memchr(text + at, '\n', len - at);
        size_t n = end ? (size_t)(end - text) - at : len - at;
        fwrite(text + at, 1, cut(text + at, n, columns), stdout);
        putchar('\n');
        at += n + 1;
    }
    fflush(stdout);
}

bool
we_screen_wait(int ms)
{
    struct pollfd fd = {.fd = is_changed ? STDIN_FILENO : -1, .events = POLLIN};
    char key = 0;
    if (interrupted)
        return true;
    if (poll(&fd, 1, ms) > 0 &&
        ((fd.revents & (POLLHUP | POLLERR)) ||
         (read(STDIN_FILENO, &key, 1) < 0 && errno != EINTR)))
        return true; /* the terminal is gone */
    return interrupted || key == 'q' || key == 'Q' || key == 4; /* Ctrl-D */
}
