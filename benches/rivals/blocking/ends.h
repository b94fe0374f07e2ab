/* The code that the programs in C and C++ share. The crate `ends` has the same code for Rust, and describes the arguments and the roles. */

#ifndef ENDS_H
#define ENDS_H

#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define HIGH_WATER_MARK 1000
#define WARM_UP 200
#define FIRST_PREFIX "a"
#define PREFIX "t%08d"
#define PUBLISHED 99999
#define PREFIX_LENGTH 9
/* The time between two messages of a publisher, in microseconds. */
#define PAUSE 500

struct end
{
    const char *role;
    char endpoint[64];
    size_t size;
    long count;
};

static inline void fail (const char *what)
{
    fprintf (stderr, "%s failed\n", what);
    exit (1);
}

#define CHECK(call)                                                                                                            \
    do {                                                                                                                       \
        if ((call) < 0)                                                                                                        \
            fail (#call);                                                                                                      \
    } while (0)

static inline uint64_t nanoseconds (void)
{
    struct timespec now;
    clock_gettime (CLOCK_MONOTONIC, &now);
    return (uint64_t) now.tv_sec * 1000000000 + (uint64_t) now.tv_nsec;
}

static inline void *end_with_input (void *unused)
{
    char buffer[64];
    (void) unused;
    while (read (0, buffer, sizeof buffer) > 0) {
    }
    _exit (0);
}

/* Reads the arguments. Lets the process end when its standard input ends. */
static inline struct end read_arguments (int count, char **arguments)
{
    struct end end;
    if (count != 5) {
        fprintf (stderr, "usage: <role> <port> <size> <count>\n");
        exit (2);
    }
    end.role = arguments[1];
    snprintf (end.endpoint, sizeof end.endpoint, "tcp://127.0.0.1:%s", arguments[2]);
    end.size = (size_t) atol (arguments[3]);
    end.count = atol (arguments[4]);
    if (strcmp (end.role, "sub") != 0) {
        pthread_t thread;
        pthread_create (&thread, NULL, end_with_input, NULL);
    }
    return end;
}

static inline int is (const struct end *end, const char *role)
{
    return strcmp (end->role, role) == 0;
}

/* Ends the process at once, without the destructors of a library whose threads still run. */
static inline void finish (void)
{
    fflush (stdout);
    _exit (0);
}

static inline void report_throughput (const struct end *end, uint64_t first)
{
    printf ("mean throughput: %.0f [msg/s]\n", (double) end->count * 1e9 / (double) (nanoseconds () - first));
    finish ();
}

static int compare (const void *left, const void *right)
{
    const uint64_t a = *(const uint64_t *) left, b = *(const uint64_t *) right;
    return a < b ? -1 : a > b;
}

static inline double percentile (const uint64_t *sorted, long count, double share)
{
    long index = (long) ((double) count * share);
    return (double) sorted[index < count ? index : count - 1] / 1000;
}

static inline void report_latencies (uint64_t *latencies, long count)
{
    qsort (latencies, (size_t) count, sizeof *latencies, compare);
    printf ("percentiles: %.3f %.3f %.3f [us]\n", percentile (latencies, count, 0.5), percentile (latencies, count, 0.99),
            percentile (latencies, count, 0.999));
    finish ();
}

/* Writes a message of a publisher, and returns its length. Every other message matches the first subscription. The others match the last one. */
static inline size_t next_message (char *buffer, long number)
{
    const uint64_t now = nanoseconds ();
    const size_t length =
      (size_t) (number % 2 ? sprintf (buffer, FIRST_PREFIX) : sprintf (buffer, PREFIX, PUBLISHED));
    memcpy (buffer + length, &now, sizeof now);
    return length + sizeof now;
}

/* The state of a subscriber. The crate `ends` describes its steps. */
struct subscriber
{
    uint64_t start, resumed;
    uint64_t *latencies;
    long count, wanted;
};

static inline void wait_for_line (void)
{
    char line[64];
    fflush (stdout);
    if (!fgets (line, sizeof line, stdin))
        fail ("reading a line");
}

static inline struct subscriber wait_connected (const struct end *end)
{
    struct subscriber subscriber = {0, 0, (uint64_t *) malloc ((size_t) end->count * sizeof (uint64_t)), 0, end->count};
    puts ("connected");
    wait_for_line ();
    subscriber.start = nanoseconds ();
    return subscriber;
}

static inline void receive (struct subscriber *subscriber, const char *message, size_t length)
{
    uint64_t sent, now;
    if (length != PREFIX_LENGTH + sizeof sent)
        return;
    memcpy (&sent, message + PREFIX_LENGTH, sizeof sent);
    now = nanoseconds ();
    if (!subscriber->resumed) {
        printf ("subscribed: %.6f [s]\n", (double) (now - subscriber->start) / 1e9);
        wait_for_line ();
        subscriber->resumed = nanoseconds ();
    } else if (sent > subscriber->resumed) {
        subscriber->latencies[subscriber->count++] = now - sent;
        if (subscriber->count == subscriber->wanted)
            report_latencies (subscriber->latencies, subscriber->count);
    }
}

#endif
