// The peer that uses CZMQ; see peer.py for how the tests run it.
//
//     peer ROLE bind|connect ENDPOINT
//
// It answers as many requests as there are messages in conversation.rs. The other side checks the answers.

#include <czmq.h>

static const size_t MESSAGES = 8;

static int patience(void)
{
    const char *factor = getenv("ZMQ_TEST_SLOW");
    return (int) (10000 * (factor ? atof(factor) : 1));
}

static void fail(const char *what)
{
    fprintf(stderr, "%s\n", what);
    exit(1);
}

static zmsg_t *receive(zsock_t *socket)
{
    zmsg_t *message = zmsg_recv(socket);
    if (!message)
        fail("no message");
    return message;
}

static void send_message(zmsg_t *message, zsock_t *socket)
{
    if (zmsg_send(&message, socket) != 0)
        fail("not sent");
}

// Moves the frames to another message, the last one first.
static zmsg_t *reversed(zmsg_t *message)
{
    zmsg_t *answer = zmsg_new();
    while (zmsg_size(message) > 0) {
        zframe_t *frame = zmsg_pop(message);
        zmsg_prepend(answer, &frame);
    }
    zmsg_destroy(&message);
    return answer;
}

static void rep(zsock_t *socket)
{
    for (size_t i = 0; i < MESSAGES; ++i)
        send_message(reversed(receive(socket)), socket);
}

// Answers the last request first. The envelope of a request has an id and an empty frame.
static void router_of_requester(zsock_t *socket)
{
    zframe_t *peers[MESSAGES], *ids[MESSAGES];
    zmsg_t *requests[MESSAGES];
    for (size_t i = 0; i < MESSAGES; ++i) {
        requests[i] = receive(socket);
        peers[i] = zmsg_pop(requests[i]);
        ids[i] = zmsg_pop(requests[i]);
        zframe_t *delimiter = zmsg_pop(requests[i]);
        if (!peers[i] || !ids[i] || !delimiter || zframe_size(ids[i]) != 8 || zframe_size(delimiter) != 0)
            fail("not the envelope of a request");
        zframe_destroy(&delimiter);
    }
    for (size_t i = MESSAGES; i-- > 0;) {
        zmsg_t *answer = reversed(requests[i]);
        zmsg_pushmem(answer, NULL, 0);
        zmsg_prepend(answer, &ids[i]);
        zmsg_prepend(answer, &peers[i]);
        send_message(answer, socket);
    }
}

// Each request is an encoded message. The answer is the message.
static void decoder(zsock_t *socket)
{
    for (size_t i = 0; i < MESSAGES; ++i) {
        zmsg_t *request = receive(socket);
        zframe_t *encoded = zmsg_pop(request);
        zmsg_t *answer = zmsg_decode(encoded);
        if (!answer || zmsg_size(request) != 0)
            fail("not an encoded message");
        zframe_destroy(&encoded);
        zmsg_destroy(&request);
        send_message(answer, socket);
    }
}

// The answer to each request is the encoded request.
static void encoder(zsock_t *socket)
{
    for (size_t i = 0; i < MESSAGES; ++i) {
        zmsg_t *request = receive(socket), *answer = zmsg_new();
        zframe_t *encoded = zmsg_encode(request);
        zmsg_append(answer, &encoded);
        zmsg_destroy(&request);
        send_message(answer, socket);
    }
}

static const struct {
    const char *name;
    int type;
    void (*converse)(zsock_t *socket);
} ROLES[] = {
    {"rep", ZMQ_REP, rep},
    {"router-of-requester", ZMQ_ROUTER, router_of_requester},
    {"decoder", ZMQ_REP, decoder},
    {"encoder", ZMQ_REP, encoder},
};

int main(int argc, char **argv)
{
    if (argc != 4)
        fail("usage: peer ROLE bind|connect ENDPOINT");
    for (size_t i = 0; i < sizeof ROLES / sizeof *ROLES; ++i) {
        if (strcmp(argv[1], ROLES[i].name) != 0)
            continue;
        zsock_t *socket = zsock_new(ROLES[i].type);
        zsock_set_rcvtimeo(socket, patience());
        zsock_set_sndtimeo(socket, patience());
        zsock_set_linger(socket, patience());
        if (strcmp(argv[2], "bind") == 0) {
            if (zsock_bind(socket, "%s", argv[3]) == -1)
                fail("cannot bind");
            printf("endpoint %s\n", zsock_endpoint(socket));
            fflush(stdout);
        } else if (zsock_connect(socket, "%s", argv[3]) != 0)
            fail("cannot connect");
        ROLES[i].converse(socket);
        puts("done");
        fflush(stdout);
        zsock_destroy(&socket);
        return 0;
    }
    fail("no such role");
}
