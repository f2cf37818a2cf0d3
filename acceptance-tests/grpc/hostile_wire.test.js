// A peer that breaks the rules of TLS, HTTP/2 and gRPC, or keeps them and asks for too much.
import assert from 'node:assert/strict';
import { connect } from 'node:net';
import test from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';

import { Process, startPlugin, until } from './plugin.js';
import {
    CONTINUATION, DATA, GOAWAY, HEADERS, PING, SETTINGS, WINDOW, assertWithstands, callFields, connectSocket,
    data, fields, frame, headers, message, request, reset, service, throwBytes,
} from './wire.js';

const OK = 0, UNKNOWN = 2, INVALID_ARGUMENT = 3, DEADLINE_EXCEEDED = 4, UNIMPLEMENTED = 12,
    UNAVAILABLE = 14;

const mapValues = (object, make) => Object.fromEntries(
    Object.entries(object).map(([key, value]) => [key, make(value, key)]));

const stop = `${service}StopProvider`;
const nothing = message();

// Path, body, and what comes of it: a status of gRPC's or "reset".
const requests = {
    'a request as it should be': [stop, nothing, OK],
    'gzip that is announced': [stop, message(gzipSync(Buffer.alloc(0)), { flag: 1 }), UNIMPLEMENTED,
        { 'grpc-encoding': 'gzip' }],
    'gzip that becomes a gigabyte': [stop, message(gzipSync(Buffer.alloc(1 << 28)), { flag: 1 }),
        UNIMPLEMENTED, { 'grpc-encoding': 'gzip' }],
    'an encoding that nobody knows': [stop, message(Buffer.from('hello'), { flag: 1 }),
        INVALID_ARGUMENT, { 'grpc-encoding': 'zstd' }],
    'a compressed message without an encoding': [stop, message(Buffer.from('xx'), { flag: 1 }), OK],
    'a content type of another kind': [stop, nothing, OK, { 'content-type': 'text/plain' }],
    'gRPC-Web': [stop, nothing, OK, { 'content-type': 'application/grpc-web+proto' }],
    'GET': [stop, undefined, UNKNOWN, { ':method': 'GET' }],
    'PUT': [stop, nothing, UNKNOWN, { ':method': 'PUT' }],
    'a message that is shorter than it says': [stop, message(Buffer.from('abc'), { length: 100 }), INVALID_ARGUMENT],
    'a message of 4 GiB, it says': [stop, message(Buffer.from('abc'), { length: 0xffffffff }), INVALID_ARGUMENT],
    'a message that is longer than it says': [stop, message(Buffer.from('abcdef'), { length: 2 }), INVALID_ARGUMENT],
    'half the head of a message': [stop, Buffer.from([0, 0]), INVALID_ARGUMENT],
    'no message': [stop, undefined, INVALID_ARGUMENT],
    'two messages': [stop, Buffer.concat([nothing, nothing]), OK],
    'a flag that does not exist': [stop, message(Buffer.alloc(0), { flag: 7 }), OK],
    'a deadline of 0': [stop, nothing, DEADLINE_EXCEEDED, { 'grpc-timeout': '0n' }],
    'a deadline that is none': [stop, nothing, OK, { 'grpc-timeout': 'soon' }],
    'a deadline without end': [stop, nothing, OK, { 'grpc-timeout': '99999999999H' }],
    'binary metadata that is not': [stop, nothing, UNAVAILABLE, { 'x-junk-bin': '!!! no base64' }],
    'metadata of any bytes': [stop, nothing, OK, { 'x-junk': '\xff\xfe\x80' }],
    'metadata that only a server may send': [stop, nothing, OK,
        { 'grpc-status': '5', 'grpc-message': '%%%', 'grpc-trace-bin': 'AA' }],
    'a path of 5,000 characters': [`/${'a'.repeat(5000)}`, nothing, UNIMPLEMENTED],
    'a path with an escaped NUL': [`${stop}%00`, nothing, UNIMPLEMENTED],
};

test('requests that are wrong, or unusual, are answered or refused, and cost nothing', async (t) => {
    const plugin = await startPlugin(t);
    await assertWithstands(plugin, mapValues(requests, ([path, body, wanted, more], what) => async () => {
        const { grpc } = await request(plugin.handshake, path, body, { headers: more });
        assert.equal(grpc, wanted, what);
    }));
});

const many = (count, make) => Buffer.concat(Array.from({ length: count }, (_, i) => make(i)));

const started = headers(1, callFields('StopProvider'));
const large = 'a'.repeat(20000);

// Bytes behind the beginning of a connection.
const frames = {
    'metadata of a megabyte': headers(1, callFields('StopProvider', { x: 'a'.repeat(1 << 20) })),
    'a hundred thousand header fields': headers(1, [...callFields('StopProvider'),
        ...Array.from({ length: 100000 }, (_, i) => [`x${i}`, 'y'])]),
    'a wrong te, and too much metadata': headers(1, callFields('StopProvider', { te: 'x', x: large })),
    'a wrong scheme, and too much metadata': headers(1, callFields('StopProvider', { ':scheme': 'x', x: large })),
    'statistics of a load balancer': headers(1, callFields('StopProvider', { grpclb_client_stats: 'x', x: large })),
    'header blocks that never end': Buffer.concat([
        frame(HEADERS, 0, 1, fields(callFields('StopProvider'))), many(20000, () => frame(CONTINUATION, 0, 1))]),
    'frames of data that are empty': Buffer.concat([started, many(20000, () => frame(DATA, 0, 1)), data(1, nothing)]),
    'a frame of 5 MiB': Buffer.concat([started, frame(DATA, 1, 1, Buffer.alloc(5 << 20))]),
    'padding that is longer than its frame': Buffer.concat([started, frame(DATA, 9, 1, Buffer.from([255, 0, 0]))]),
    '50,000 pings': many(50000, () => frame(PING, 0, 0, Buffer.alloc(8))),
    '20,000 changes of settings': many(20000, (i) => frame(SETTINGS, 0, 0, Buffer.from([0, 1, 0, 0, 16, i % 256]))),
    'frames of unknown kinds': many(2000, (i) => frame(99, 255, i, Buffer.alloc(500))),
    'a window that overflows': many(2, () => frame(WINDOW, 0, 0, Buffer.from([127, 255, 255, 255]))),
    'a window that does not open': frame(WINDOW, 0, 0, Buffer.alloc(4)),
    'a farewell': frame(GOAWAY, 0, 0, Buffer.alloc(8)),
    'a stream with a server\'s number': headers(2, callFields('StopProvider')),
    'a stream with no number': headers(0, callFields('StopProvider')),
    'data for a stream that is not open': data(5, nothing),
    'header fields that are none': frame(HEADERS, 4, 1, Buffer.alloc(100, 0xff)),
    'a table of headers of a gigabyte': frame(HEADERS, 4, 1, Buffer.from([0x3f, 0xe1, 0xff, 0xff, 0xff, 0x03])),
    'a promise to push': frame(5, 4, 1, Buffer.alloc(50)),
    '2,000 streams at once, none of which goes on': many(2000, (i) => headers(2 * i + 1, callFields('ReadResource'))),
    '2,000 calls of methods that do not exist': many(2000,
        (i) => Buffer.concat([headers(2 * i + 1, callFields(`No${i}`)), data(2 * i + 1, nothing)])),
    '5,000 streams that are begun and reset': many(5000,
        (i) => Buffer.concat([headers(2 * i + 1, callFields('ReadResource')), reset(2 * i + 1)])),
    '3,000 calls that are sent and reset': many(3000, (i) => Buffer.concat(
        [headers(2 * i + 1, callFields('GetProviderSchema')), data(2 * i + 1, nothing), reset(2 * i + 1)])),
};

test('frames that break the rules of HTTP/2, and floods of frames, do no harm', async (t) => {
    const plugin = await startPlugin(t);
    await assertWithstands(plugin, mapValues(frames, (bytes) => () => throwBytes(plugin.handshake, bytes)));
});

const strangers = {
    'HTTP/1.1': Buffer.from('POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\nhello'),
    'HTTP/1.1 that asks for an upgrade': Buffer.from(
        'GET / HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: \r\n\r\n'),
    'bytes that mean nothing': Buffer.alloc(100000, 0x41),
    'zeros': Buffer.alloc(100000),
};

test('bytes in the place of HTTP/2 close the connection', async (t) => {
    const plugin = await startPlugin(t);
    await assertWithstands(plugin, mapValues(strangers, (bytes, what) => async () => {
        const closed = await throwBytes(plugin.handshake, bytes, { ms: 20000, orderly: false });
        assert.ok(closed, what);
    }));
});

// Connections below TLS.
async function open(handshake, count, first) {
    const sockets = Array.from({ length: count }, () => connect(handshake.address));
    let closed = 0;
    for (const socket of sockets)
        socket.on('error', () => {}).on('close', () => closed++).on('connect', () => first && socket.write(first));
    await sleep(300);
    return { closed: () => closed, destroy: () => sockets.forEach((socket) => socket.destroy()) };
}

test('1,000 connections that say nothing, or begin TLS and stop, do no harm', async (t) => {
    const plugin = await startPlugin(t);
    const beginnings = [undefined, Buffer.from([0x16, 3, 1]), Buffer.from([0x16, 3, 1, 2, 0, 1, 0, 1, 252])];
    await assertWithstands(plugin, mapValues(beginnings, (first) => async () => {
        const connections = await open(plugin.handshake, 1000, first);
        assert.deepEqual(await plugin.connection.health(), { status: 'SERVING' });
        connections.destroy();
    }));
});

test('who does not finish the TLS handshake is sent away', async (t) => {
    const plugin = await startPlugin(t);
    const connections = await open(plugin.handshake, 10, Buffer.from([0x16, 3, 1]));
    t.after(connections.destroy);
    assert.ok(await until(() => connections.closed() === 10, 40000, 100));
    assert.deepEqual(await plugin.connection.health(), { status: 'SERVING' });
});

test('100 connections with TLS at once do no harm', async (t) => {
    const plugin = await startPlugin(t);
    await assertWithstands(plugin, { connections: async () => {
        const sockets = Array.from({ length: 100 }, () => connectSocket(plugin.handshake));
        assert.ok(await until(() => sockets.every((socket) => socket.authorized), 30000));
        assert.deepEqual(await plugin.connection.health(), { status: 'SERVING' });
        sockets.forEach((socket) => socket.destroy());
    } });
});

test('a process that may have few files open serves who is connected, whoever else comes', async (t) => {
    const plugin = await startPlugin(t, {}, { shell: 'ulimit -n 64; exec "$BINARY"' });
    await plugin.connection.health();
    const connections = await open(plugin.handshake, 200, Buffer.from([0x16, 3, 1]));
    for (let i = 0; i < 3; i++)
        assert.deepEqual(await plugin.connection.health(), { status: 'SERVING' });
    connections.destroy();
    assert.deepEqual(await plugin.connection.health(), { status: 'SERVING' });
});

test('bytes on the socket before anything else do not end the process', async (t) => {
    const process_ = new Process();
    t.after(() => process_.destroy());
    const handshake = await process_.handshake();
    const connections = await open(handshake, 20, Buffer.from('GET / HTTP/1.1\r\n\r\n'));
    connections.destroy();
    assert.equal((await request(handshake, stop, nothing)).grpc, OK);
    assert.equal(process_.exit, undefined);
});
