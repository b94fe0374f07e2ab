/* One end of a connection of libzmq, in the manner of the programs in libzmq's folder `perf/`.
 *
 * With `-DBATCH_SIZE=65536` and a libzmq with drafts, connections have buffers of that size.
 */

#include <zmq.h>

#include "ends.h"

static void *create (int type)
{
    const int mark = HIGH_WATER_MARK;
    void *socket = zmq_socket (zmq_ctx_new (), type);
    CHECK (zmq_setsockopt (socket, ZMQ_SNDHWM, &mark, sizeof mark));
    CHECK (zmq_setsockopt (socket, ZMQ_RCVHWM, &mark, sizeof mark));
#ifdef BATCH_SIZE
    const int batch = BATCH_SIZE;
    CHECK (zmq_setsockopt (socket, ZMQ_IN_BATCH_SIZE, &batch, sizeof batch));
    CHECK (zmq_setsockopt (socket, ZMQ_OUT_BATCH_SIZE, &batch, sizeof batch));
#endif
    return socket;
}

static void make (zmq_msg_t *message, size_t size)
{
    CHECK (zmq_msg_init_size (message, size));
    memset (zmq_msg_data (message), 0, size);
}

int main (int count, char **arguments)
{
    const struct end end = read_arguments (count, arguments);
    zmq_msg_t message;
    if (is (&end, "pull") || is (&end, "idle")) {
        void *socket = create (ZMQ_PULL);
        CHECK (zmq_bind (socket, end.endpoint));
        CHECK (zmq_msg_init (&message));
        CHECK (zmq_msg_recv (&message, socket, 0));
        const uint64_t first = nanoseconds ();
        for (long i = 1; i < end.count; i++) {
            CHECK (zmq_msg_recv (&message, socket, 0));
            if (zmq_msg_size (&message) != end.size)
                fail ("receiving a message of the right size");
        }
        report_throughput (&end, first);
    } else if (is (&end, "push")) {
        void *socket = create (ZMQ_PUSH);
        CHECK (zmq_connect (socket, end.endpoint));
        for (long i = 0; i < end.count; i++) {
            make (&message, end.size);
            CHECK (zmq_msg_send (&message, socket, 0));
        }
        for (;;)
            pause ();
    } else if (is (&end, "rep")) {
        void *socket = create (ZMQ_REP);
        CHECK (zmq_bind (socket, end.endpoint));
        CHECK (zmq_msg_init (&message));
        for (;;) {
            CHECK (zmq_msg_recv (&message, socket, 0));
            CHECK (zmq_msg_send (&message, socket, 0));
        }
    } else if (is (&end, "req")) {
        void *socket = create (ZMQ_REQ);
        uint64_t *latencies = malloc ((size_t) end.count * sizeof *latencies);
        CHECK (zmq_connect (socket, end.endpoint));
        make (&message, end.size);
        for (long i = -WARM_UP; i < end.count; i++) {
            const uint64_t start = nanoseconds ();
            CHECK (zmq_msg_send (&message, socket, 0));
            CHECK (zmq_msg_recv (&message, socket, 0));
            if (i >= 0)
                latencies[i] = nanoseconds () - start;
        }
        report_latencies (latencies, end.count);
    } else if (is (&end, "pub")) {
        void *socket = create (ZMQ_PUB);
        CHECK (zmq_bind (socket, end.endpoint));
        for (long i = 0;; i++) {
            char buffer[64];
            const size_t length = next_message (buffer, i);
            CHECK (zmq_send (socket, buffer, length, 0));
            usleep (PAUSE);
        }
    } else if (is (&end, "sub")) {
        void *socket = create (ZMQ_SUB);
        const int none = 0;
        /* libzmq as released drops subscriptions beyond this mark. */
        CHECK (zmq_setsockopt (socket, ZMQ_SNDHWM, &none, sizeof none));
        CHECK (zmq_setsockopt (socket, ZMQ_SUBSCRIBE, FIRST_PREFIX, strlen (FIRST_PREFIX)));
        CHECK (zmq_connect (socket, end.endpoint));
        CHECK (zmq_msg_init (&message));
        CHECK (zmq_msg_recv (&message, socket, 0));
        struct subscriber subscriber = wait_connected (&end);
        for (int i = PUBLISHED + 1 - (int) end.size; i <= PUBLISHED; i++) {
            char prefix[64];
            const int length = sprintf (prefix, PREFIX, i);
            CHECK (zmq_setsockopt (socket, ZMQ_SUBSCRIBE, prefix, (size_t) length));
        }
        for (;;) {
            CHECK (zmq_msg_recv (&message, socket, 0));
            receive (&subscriber, zmq_msg_data (&message), zmq_msg_size (&message));
        }
    }
    fail ("finding the role");
}
