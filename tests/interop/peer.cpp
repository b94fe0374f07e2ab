// The peer in C++; see peer.py for what it does, and how it is talked to.
//
//     peer ROLE bind|connect ENDPOINT
//
// It has the header of the libzmq that is tested, and the library that pyzmq brings along.

#include <zmq.h>

#include <poll.h>

#include <algorithm>
#include <cstdlib>
#include <exception>
#include <functional>
#include <iostream>
#include <map>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace {

using Message = std::vector<std::string>;

void check(int result, const char *call)
{
    if (result == -1)
        throw std::runtime_error(std::string(call) + ": " + zmq_strerror(zmq_errno()));
}

int patience()
{
    const char *factor = std::getenv("ZMQ_TEST_SLOW");
    return static_cast<int>(10000 * (factor ? std::atof(factor) : 1));
}

void say(const std::string &line)
{
    std::cout << line << std::endl;
}

class Context
{
  public:
    Context() : raw(zmq_ctx_new()) {}
    Context(const Context &) = delete;
    ~Context() { zmq_ctx_term(raw); }

    void *const raw;
};

class Socket
{
  public:
    Socket(const Context &context, int kind) : raw(zmq_socket(context.raw, kind))
    {
        if (!raw)
            check(-1, "zmq_socket");
        for (int option : {ZMQ_RCVTIMEO, ZMQ_SNDTIMEO, ZMQ_LINGER}) {
            const int value = patience();
            check(zmq_setsockopt(raw, option, &value, sizeof value), "zmq_setsockopt");
        }
    }
    Socket(const Socket &) = delete;
    ~Socket() { zmq_close(raw); }

    void set(int option, const std::string &value)
    {
        check(zmq_setsockopt(raw, option, value.data(), value.size()), "zmq_setsockopt");
    }

    std::string bind(const char *endpoint)
    {
        check(zmq_bind(raw, endpoint), "zmq_bind");
        char bound[256];
        size_t size = sizeof bound;
        check(zmq_getsockopt(raw, ZMQ_LAST_ENDPOINT, bound, &size), "zmq_getsockopt");
        return bound;
    }

    void connect(const char *endpoint) { check(zmq_connect(raw, endpoint), "zmq_connect"); }

    void send(const Message &message)
    {
        for (size_t i = 0; i != message.size(); ++i) {
            const int flags = i + 1 == message.size() ? 0 : ZMQ_SNDMORE;
            check(zmq_send(raw, message[i].data(), message[i].size(), flags), "zmq_send");
        }
    }

    Message receive()
    {
        Message message;
        bool more = true;
        while (more) {
            zmq_msg_t frame;
            zmq_msg_init(&frame);
            check(zmq_msg_recv(&frame, raw, 0), "zmq_msg_recv");
            message.emplace_back(static_cast<const char *>(zmq_msg_data(&frame)), zmq_msg_size(&frame));
            more = zmq_msg_more(&frame) != 0;
            zmq_msg_close(&frame);
        }
        return message;
    }

  private:
    void *const raw;
};

const std::string TOPIC("\0topic\xff", 7), OTHER_TOPIC("\0topic\xfe", 7), SYNC("\0topic\xffsync", 11);
const std::string DEALER_ID("\x01" "dealer\0\xc3\xbf", 10);

// From zero up, and around.
std::string count(size_t size, size_t period)
{
    std::string bytes(size, '\0');
    for (size_t i = 0; i != size; ++i)
        bytes[i] = static_cast<char>(i % period);
    return bytes;
}

std::vector<Message> make_messages()
{
    Message sizes, single;
    for (size_t size : {33, 34, 254, 255, 256, 8191, 8192, 8193})
        sizes.push_back(count(size, 251));
    for (char byte : count(256, 256))
        single.emplace_back(1, byte);
    return {{"Hello"},
            {""},
            {count(256, 256)},
            {"", "", ""},
            {"", "between empty frames", ""},
            sizes,
            single,
            {count(1 << 20, 251), "tail"}};
}

const std::vector<Message> MESSAGES = make_messages();

Message answer(const Message &message)
{
    return Message(message.rbegin(), message.rend());
}

Message with_front(const Message &front, const Message &message)
{
    Message whole(front);
    whole.insert(whole.end(), message.begin(), message.end());
    return whole;
}

void expect(const Message &got, const Message &wanted)
{
    if (got != wanted)
        throw std::runtime_error("received " + std::to_string(got.size()) + " frames that are not the "
                                 + std::to_string(wanted.size()) + " expected");
}

void req(Socket &socket)
{
    for (const Message &message : MESSAGES) {
        socket.send(message);
        expect(socket.receive(), answer(message));
    }
}

void rep(Socket &socket)
{
    for (const Message &message : MESSAGES) {
        expect(socket.receive(), message);
        socket.send(answer(message));
    }
}

void router_of_req(Socket &socket)
{
    for (const Message &message : MESSAGES) {
        const Message request = socket.receive();
        expect(Message(request.begin() + 1, request.end()), with_front({""}, message));
        socket.send(with_front({request[0], ""}, answer(message)));
    }
}

// Answers the last request first.
void router_of_dealer(Socket &socket)
{
    for (const Message &message : MESSAGES)
        expect(socket.receive(), with_front({DEALER_ID}, message));
    for (auto message = MESSAGES.rbegin(); message != MESSAGES.rend(); ++message)
        socket.send(with_front({DEALER_ID}, answer(*message)));
}

// Answers the last request first. The requests come in any order.
void router_of_requester(Socket &socket)
{
    std::vector<Message> requests, contents, expected (MESSAGES.begin(), MESSAGES.end());
    while (requests.size() < MESSAGES.size()) {
        requests.push_back(socket.receive());
        const Message &request = requests.back();
        if (request.size() < 4 || request[1].size() != 8 || !request[2].empty())
            throw std::runtime_error("not the envelope of a request");
        contents.emplace_back(request.begin() + 3, request.end());
    }
    std::vector<Message> sorted = contents;
    std::sort(sorted.begin(), sorted.end());
    std::sort(expected.begin(), expected.end());
    if (sorted != expected)
        throw std::runtime_error("the requests are not the messages");
    for (size_t i = requests.size(); i-- > 0;)
        socket.send(with_front({requests[i][0], requests[i][1], requests[i][2]}, answer(contents[i])));
}

void dealer_of_rep(Socket &socket)
{
    for (const Message &message : MESSAGES)
        socket.send(with_front({""}, message));
    for (const Message &message : MESSAGES)
        expect(socket.receive(), with_front({""}, answer(message)));
}

void dealer_of_router(Socket &socket)
{
    for (const Message &message : MESSAGES)
        socket.send(message);
    for (auto message = MESSAGES.rbegin(); message != MESSAGES.rend(); ++message)
        expect(socket.receive(), answer(*message));
}

void pub(Socket &socket)
{
    // A publisher does not know when its subscriber is ready, so the subscriber reports it.
    pollfd input = {0, POLLIN, 0};
    while (poll(&input, 1, 2) == 0)
        socket.send({SYNC});
    for (const Message &message : MESSAGES) {
        socket.send(with_front({OTHER_TOPIC}, message));
        socket.send(with_front({TOPIC}, message));
    }
}

void sub(Socket &socket)
{
    socket.set(ZMQ_SUBSCRIBE, TOPIC);
    expect(socket.receive(), {SYNC});
    say("synced");
    for (const Message &message : MESSAGES) {
        Message got = socket.receive();
        while (got == Message{SYNC})
            got = socket.receive();
        expect(got, with_front({TOPIC}, message));
    }
}

void push(Socket &socket)
{
    for (const Message &message : MESSAGES)
        socket.send(message);
}

void pull(Socket &socket)
{
    for (const Message &message : MESSAGES)
        expect(socket.receive(), message);
}

void pair(Socket &socket)
{
    push(socket);
    pull(socket);
}

const std::map<std::string, std::pair<int, std::function<void(Socket &)>>> ROLES = {
  {"req", {ZMQ_REQ, req}},
  {"rep", {ZMQ_REP, rep}},
  {"router-of-req", {ZMQ_ROUTER, router_of_req}},
  {"router-of-dealer", {ZMQ_ROUTER, router_of_dealer}},
  {"router-of-requester", {ZMQ_ROUTER, router_of_requester}},
  {"dealer-of-rep", {ZMQ_DEALER, dealer_of_rep}},
  {"dealer-of-router", {ZMQ_DEALER, dealer_of_router}},
  {"pub", {ZMQ_PUB, pub}},
  {"sub", {ZMQ_SUB, sub}},
  {"push", {ZMQ_PUSH, push}},
  {"pull", {ZMQ_PULL, pull}},
  {"pair", {ZMQ_PAIR, pair}},
};

} // namespace

int main(int argc, char **argv)
{
    try {
        const std::vector<std::string> arguments(argv + 1, argv + argc);
        const auto &[kind, conversation] = ROLES.at(arguments.at(0));
        Context context;
        Socket socket(context, kind);
        if (arguments[0] == "dealer-of-router")
            socket.set(ZMQ_ROUTING_ID, DEALER_ID);
        if (arguments.at(1) == "bind")
            say("endpoint " + socket.bind(arguments.at(2).c_str()));
        else
            socket.connect(arguments.at(2).c_str());
        conversation(socket);
        say("done");
    } catch (const std::exception &error) {
        std::cerr << error.what() << std::endl;
        return 1;
    }
}
