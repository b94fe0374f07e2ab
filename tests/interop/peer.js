// The peer in JavaScript; see peer.py for what it does, and how it is talked to.
//
//     node peer.js ROLE bind|connect ENDPOINT

"use strict"

const readline = require("node:readline")
const zmq = require("zeromq")

const PATIENCE = 10_000 * Number(process.env.ZMQ_TEST_SLOW ?? "1")

const latin1 = text => Buffer.from(text, "latin1")
const [TOPIC, OTHER_TOPIC, SYNC] = ["\0topic\xff", "\0topic\xfe", "\0topic\xffsync"].map(latin1)
// This binding takes ids as text only.
const DEALER_ID_TEXT = "\x01dealer\0\xff"
const DEALER_ID = Buffer.from(DEALER_ID_TEXT)
const EMPTY = Buffer.alloc(0)

const count = end => Buffer.from([...Array(end).keys()])
const pattern = size => Buffer.alloc(size, count(251))

const MESSAGES = [
  ["Hello"],
  [""],
  [count(256)],
  ["", "", ""],
  ["", "between empty frames", ""],
  [33, 34, 254, 255, 256, 8191, 8192, 8193].map(pattern),
  Array.from({ length: 256 }, (_, i) => Buffer.of(i)),
  [pattern(1 << 20), "tail"],
].map(message => message.map(frame => Buffer.from(frame)))

const answer = message => [...message].reverse()

const equal = (left, right) =>
  left.length === right.length && left.every((frame, i) => frame.equals(right[i]))

function expect(got, wanted) {
  if (!equal(got, wanted)) {
    const shorten = frames => frames.slice(0, 10).map(frame => frame.subarray(0, 40).toString("latin1"))
    throw new Error(`received ${JSON.stringify(shorten(got))}, not ${JSON.stringify(shorten(wanted))}`)
  }
}

const say = line => process.stdout.write(`${line}\n`)

async function req(socket) {
  for (const message of MESSAGES) {
    await socket.send(message)
    expect(await socket.receive(), answer(message))
  }
}

async function rep(socket) {
  for (const message of MESSAGES) {
    expect(await socket.receive(), message)
    await socket.send(answer(message))
  }
}

async function routerOfReq(socket) {
  for (const message of MESSAGES) {
    const [id, ...request] = await socket.receive()
    expect(request, [EMPTY, ...message])
    await socket.send([id, EMPTY, ...answer(message)])
  }
}

async function routerOfDealer(socket) {
  for (const message of MESSAGES) expect(await socket.receive(), [DEALER_ID, ...message])
  for (const message of [...MESSAGES].reverse()) await socket.send([DEALER_ID, ...answer(message)])
}

// Answers the last request first. The requests come in any order.
//
// The answers are made of MESSAGES, not of the frames that were received: this binding frees those too early. In some runs, what
// it sent from them ended with the bookkeeping of its own heap.
async function routerOfRequester(socket) {
  const replies = []
  for (const _ of MESSAGES) {
    const [id, number, empty, ...message] = await socket.receive()
    if (number.length !== 8) throw new Error(`a number of ${number.length} bytes`)
    expect([empty], [EMPTY])
    const known = MESSAGES.find(known => equal(known, message))
    if (!known) throw new Error(`an unknown message of ${message.length} frames`)
    replies.push([Buffer.from(id), Buffer.from(number), EMPTY, ...answer(known)])
  }
  for (const reply of replies.reverse()) await socket.send(reply)
}

async function dealerOfRep(socket) {
  for (const message of MESSAGES) await socket.send([EMPTY, ...message])
  for (const message of MESSAGES) expect(await socket.receive(), [EMPTY, ...answer(message)])
}

async function dealerOfRouter(socket) {
  for (const message of MESSAGES) await socket.send(message)
  for (const message of [...MESSAGES].reverse()) expect(await socket.receive(), answer(message))
}

async function pub(socket) {
  let begin = false
  const input = readline.createInterface({ input: process.stdin }).once("line", () => (begin = true))
  while (!begin) {
    await socket.send(SYNC)
    await new Promise(resume => setTimeout(resume, 2))
  }
  input.close()
  for (const message of MESSAGES) {
    await socket.send([OTHER_TOPIC, ...message])
    await socket.send([TOPIC, ...message])
  }
}

async function sub(socket) {
  socket.subscribe(TOPIC)
  expect(await socket.receive(), [SYNC])
  say("synced")
  for (const message of MESSAGES) {
    let got
    do got = await socket.receive()
    while (equal(got, [SYNC]))
    expect(got, [TOPIC, ...message])
  }
}

async function push(socket) {
  for (const message of MESSAGES) await socket.send(message)
}

async function pull(socket) {
  for (const message of MESSAGES) expect(await socket.receive(), message)
}

async function pair(socket) {
  await push(socket)
  await pull(socket)
}

const ROLES = {
  "req": [zmq.Request, req],
  "rep": [zmq.Reply, rep],
  "router-of-req": [zmq.Router, routerOfReq],
  "router-of-dealer": [zmq.Router, routerOfDealer],
  "router-of-requester": [zmq.Router, routerOfRequester],
  "dealer-of-rep": [zmq.Dealer, dealerOfRep],
  "dealer-of-router": [zmq.Dealer, dealerOfRouter],
  "pub": [zmq.Publisher, pub],
  "sub": [zmq.Subscriber, sub],
  "push": [zmq.Push, push],
  "pull": [zmq.Pull, pull],
  "pair": [zmq.Pair, pair],
}

async function main() {
  const [role, attach, endpoint] = process.argv.slice(2)
  const [Kind, conversation] = ROLES[role]
  const socket = new Kind({ linger: PATIENCE })
  if ("receiveTimeout" in socket) socket.receiveTimeout = PATIENCE
  if ("sendTimeout" in socket) socket.sendTimeout = PATIENCE
  if (role === "dealer-of-router") socket.routingId = DEALER_ID_TEXT
  if (attach === "bind") {
    await socket.bind(endpoint)
    say(`endpoint ${socket.lastEndpoint}`)
  } else {
    socket.connect(endpoint)
  }
  await conversation(socket)
  say("done")
  socket.close()
}

main().catch(error => {
  console.error(error)
  process.exit(1)
})
