/* One end of a connection of nng, which has its own protocol. Messages are made by `nng_msg_alloc`, and received by `nng_recvmsg`.
 *
 * The subscriber filters, not the publisher. PULL has no queue, so only the sender's queue has the high-water mark.
 */

#include <nng/nng.h>
#include <nng/protocol/pipeline0/pull.h>
#include <nng/protocol/pipeline0/push.h>
#include <nng/protocol/pubsub0/pub.h>
#include <nng/protocol/pubsub0/sub.h>
#include <nng/protocol/reqrep0/rep.h>
#include <nng/protocol/reqrep0/req.h>

#include "ends.h"

#define TRY(call)                                                                                                              \
    do {                                                                                                                       \
        int error = (call);                                                                                                    \
        if (error != 0)                                                                                                        \
            fail (nng_strerror (error));                                                                                       \
    } while (0)

static nng_msg *make (size_t size)
{
    nng_msg *message;
    TRY (nng_msg_alloc (&message, size)); /* zeroed */
    return message;
}

int main (int count, char **arguments)
{
    const struct end end = read_arguments (count, arguments);
    nng_socket socket;
    nng_msg *message;
    if (is (&end, "pull") || is (&end, "idle")) {
        TRY (nng_pull0_open (&socket));
        TRY (nng_listen (socket, end.endpoint, NULL, 0));
        TRY (nng_recvmsg (socket, &message, 0));
        const uint64_t first = nanoseconds ();
        nng_msg_free (message);
        for (long i = 1; i < end.count; i++) {
            TRY (nng_recvmsg (socket, &message, 0));
            if (nng_msg_len (message) != end.size)
                fail ("receiving a message of the right size");
            nng_msg_free (message);
        }
        report_throughput (&end, first);
    } else if (is (&end, "push")) {
        TRY (nng_push0_open (&socket));
        TRY (nng_socket_set_int (socket, NNG_OPT_SENDBUF, HIGH_WATER_MARK));
        TRY (nng_dial (socket, end.endpoint, NULL, 0));
        for (long i = 0; i < end.count; i++)
            TRY (nng_sendmsg (socket, make (end.size), 0));
        for (;;)
            pause ();
    } else if (is (&end, "rep")) {
        TRY (nng_rep0_open (&socket));
        TRY (nng_listen (socket, end.endpoint, NULL, 0));
        for (;;) {
            TRY (nng_recvmsg (socket, &message, 0));
            TRY (nng_sendmsg (socket, message, 0));
        }
    } else if (is (&end, "req")) {
        uint64_t *latencies = malloc ((size_t) end.count * sizeof *latencies);
        TRY (nng_req0_open (&socket));
        TRY (nng_dial (socket, end.endpoint, NULL, 0));
        message = make (end.size);
        for (long i = -WARM_UP; i < end.count; i++) {
            const uint64_t start = nanoseconds ();
            TRY (nng_sendmsg (socket, message, 0));
            TRY (nng_recvmsg (socket, &message, 0));
            if (i >= 0)
                latencies[i] = nanoseconds () - start;
        }
        report_latencies (latencies, end.count);
    } else if (is (&end, "pub")) {
        TRY (nng_pub0_open (&socket));
        TRY (nng_socket_set_int (socket, NNG_OPT_SENDBUF, HIGH_WATER_MARK));
        TRY (nng_listen (socket, end.endpoint, NULL, 0));
        for (long i = 0;; i++) {
            char buffer[64];
            const size_t length = next_message (buffer, i);
            TRY (nng_send (socket, buffer, length, 0));
            usleep (PAUSE);
        }
    } else if (is (&end, "sub")) {
        TRY (nng_sub0_open (&socket));
        TRY (nng_socket_set_int (socket, NNG_OPT_RECVBUF, HIGH_WATER_MARK));
        TRY (nng_socket_set (socket, NNG_OPT_SUB_SUBSCRIBE, FIRST_PREFIX, strlen (FIRST_PREFIX)));
        TRY (nng_dial (socket, end.endpoint, NULL, 0));
        TRY (nng_recvmsg (socket, &message, 0));
        struct subscriber subscriber = wait_connected (&end);
        for (int i = PUBLISHED + 1 - (int) end.size; i <= PUBLISHED; i++) {
            char prefix[64];
            const int length = sprintf (prefix, PREFIX, i);
            TRY (nng_socket_set (socket, NNG_OPT_SUB_SUBSCRIBE, prefix, (size_t) length));
        }
        for (;;) {
            TRY (nng_recvmsg (socket, &message, 0));
            receive (&subscriber, nng_msg_body (message), nng_msg_len (message));
            nng_msg_free (message);
        }
    }
    fail ("finding the role");
}
