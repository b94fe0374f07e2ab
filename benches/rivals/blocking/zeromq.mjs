// One end of a connection of zeromq.js, which has only async calls. The crate `ends` describes the arguments and the roles.

import { createRequire } from "node:module"
import { createInterface } from "node:readline"

// The folder in which npm installed the package.
const zmq = createRequire(process.env.ZEROMQ_JS + "/")("zeromq")

const [role, port, size, count] = [process.argv[2], process.argv[3], +process.argv[4], +process.argv[5]]
const endpoint = `tcp://127.0.0.1:${port}`
const marks = { sendHighWaterMark: 1000, receiveHighWaterMark: 1000 }
const warmUp = 200
const firstPrefix = "a"
const published = 99_999
const now = process.hrtime.bigint

const prefix = number => "t" + String(number).padStart(8, "0")

function finish(line) {
    process.stdout.write(line + "\n", () => process.exit(0))
    return new Promise(() => {})
}

function reportLatencies(nanoseconds) {
    nanoseconds.sort((left, right) => left - right)
    const figures = [0.5, 0.99, 0.999].map(share => {
        const index = Math.min(Math.floor(nanoseconds.length * share), nanoseconds.length - 1)
        return (nanoseconds[index] / 1000).toFixed(3)
    })
    return finish(`percentiles: ${figures.join(" ")} [us]`)
}

const roles = {
    async pull() {
        const socket = new zmq.Pull({ receiveHighWaterMark: 1000 })
        await socket.bind(endpoint)
        await socket.receive()
        const first = now()
        for (let i = 1; i < count; i++) {
            await socket.receive()
        }
        await finish(`mean throughput: ${Math.round(count * 1e9 / Number(now() - first))} [msg/s]`)
    },
    async push() {
        const socket = new zmq.Push({ sendHighWaterMark: 1000 })
        socket.connect(endpoint)
        const message = Buffer.alloc(size)
        for (let i = 0; i < count; i++) {
            await socket.send(message)
        }
        await new Promise(() => {})
    },
    async rep() {
        const socket = new zmq.Reply(marks)
        await socket.bind(endpoint)
        for (;;) {
            await socket.send(await socket.receive())
        }
    },
    async req() {
        const socket = new zmq.Request(marks)
        socket.connect(endpoint)
        const message = Buffer.alloc(size)
        const latencies = []
        for (let i = 0; i < warmUp + count; i++) {
            const start = now()
            await socket.send(message)
            await socket.receive()
            if (i >= warmUp) latencies.push(Number(now() - start))
        }
        await reportLatencies(latencies)
    },
    async pub() {
        const socket = new zmq.Publisher({ sendHighWaterMark: 1000 })
        await socket.bind(endpoint)
        for (;;) {
            for (const topic of [firstPrefix, prefix(published)]) {
                const message = Buffer.alloc(topic.length + 8)
                message.write(topic)
                message.writeBigUInt64LE(now(), topic.length)
                await socket.send(message)
                await new Promise(resolve => setTimeout(resolve, 1))
            }
        }
    },
    async sub() {
        const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]()
        const socket = new zmq.Subscriber({ receiveHighWaterMark: 1000 })
        // libzmq as released drops subscriptions beyond this mark. The class has no such property, so it borrows one.
        Object.getOwnPropertyDescriptor(zmq.Publisher.prototype, "sendHighWaterMark").set.call(socket, 0)
        socket.subscribe(firstPrefix)
        socket.connect(endpoint)
        await socket.receive()
        console.log("connected")
        await lines.next()
        const start = now()
        for (let number = published + 1 - size; number <= published; number++) {
            socket.subscribe(prefix(number))
        }
        const latencies = []
        let resumed
        while (latencies.length < count) {
            const [message] = await socket.receive()
            if (message.length !== 17) continue
            const received = now()
            const sent = message.readBigUInt64LE(9)
            if (resumed === undefined) {
                console.log(`subscribed: ${(Number(received - start) / 1e9).toFixed(6)} [s]`)
                await lines.next()
                resumed = now()
            } else if (sent > resumed) {
                latencies.push(Number(received - sent))
            }
        }
        await reportLatencies(latencies)
    },
}
roles.idle = roles.pull

if (role !== "sub") {
    process.stdin.on("end", () => process.exit(0)).resume()
}
await roles[role]()
