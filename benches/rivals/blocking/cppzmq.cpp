// One end of a connection of cppzmq. Each message is received into the same object.

#include <zmq.hpp>

#include "ends.h"

static zmq::socket_t create (zmq::context_t &context, zmq::socket_type type)
{
    zmq::socket_t socket (context, type);
    socket.set (zmq::sockopt::sndhwm, HIGH_WATER_MARK);
    socket.set (zmq::sockopt::rcvhwm, HIGH_WATER_MARK);
    return socket;
}

static zmq::message_t make (size_t size)
{
    zmq::message_t message (size);
    memset (message.data (), 0, size);
    return message;
}

static void receive_into (zmq::socket_t &socket, zmq::message_t &message)
{
    if (!socket.recv (message))
        fail ("receiving");
}

int main (int count, char **arguments)
{
    const end end = read_arguments (count, arguments);
    zmq::context_t context;
    zmq::message_t message;
    if (is (&end, "pull") || is (&end, "idle")) {
        auto socket = create (context, zmq::socket_type::pull);
        socket.bind (end.endpoint);
        receive_into (socket, message);
        const uint64_t first = nanoseconds ();
        for (long i = 1; i < end.count; i++) {
            receive_into (socket, message);
            if (message.size () != end.size)
                fail ("receiving a message of the right size");
        }
        report_throughput (&end, first);
    } else if (is (&end, "push")) {
        auto socket = create (context, zmq::socket_type::push);
        socket.connect (end.endpoint);
        for (long i = 0; i < end.count; i++)
            socket.send (make (end.size), zmq::send_flags::none);
        for (;;)
            pause ();
    } else if (is (&end, "rep")) {
        auto socket = create (context, zmq::socket_type::rep);
        socket.bind (end.endpoint);
        for (;;) {
            receive_into (socket, message);
            socket.send (message, zmq::send_flags::none);
        }
    } else if (is (&end, "req")) {
        auto socket = create (context, zmq::socket_type::req);
        uint64_t *latencies = static_cast<uint64_t *> (malloc ((size_t) end.count * sizeof (uint64_t)));
        socket.connect (end.endpoint);
        message = make (end.size);
        for (long i = -WARM_UP; i < end.count; i++) {
            const uint64_t start = nanoseconds ();
            socket.send (message, zmq::send_flags::none);
            receive_into (socket, message);
            if (i >= 0)
                latencies[i] = nanoseconds () - start;
        }
        report_latencies (latencies, end.count);
    } else if (is (&end, "pub")) {
        auto socket = create (context, zmq::socket_type::pub);
        socket.bind (end.endpoint);
        for (long i = 0;; i++) {
            char buffer[64];
            const size_t length = next_message (buffer, i);
            socket.send (zmq::const_buffer (buffer, length));
            usleep (PAUSE);
        }
    } else if (is (&end, "sub")) {
        auto socket = create (context, zmq::socket_type::sub);
        // libzmq as released drops subscriptions beyond this mark.
        socket.set (zmq::sockopt::sndhwm, 0);
        socket.set (zmq::sockopt::subscribe, FIRST_PREFIX);
        socket.connect (end.endpoint);
        receive_into (socket, message);
        subscriber subscriber = wait_connected (&end);
        for (int i = PUBLISHED + 1 - (int) end.size; i <= PUBLISHED; i++) {
            char prefix[64];
            sprintf (prefix, PREFIX, i);
            socket.set (zmq::sockopt::subscribe, prefix);
        }
        for (;;) {
            receive_into (socket, message);
            receive (&subscriber, message.data<char> (), message.size ());
        }
    }
    fail ("finding the role");
}
