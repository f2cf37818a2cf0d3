// What a peer can do below gRPC: HTTP/2 requests with any headers and bytes, frames made by hand,
// bytes that are no HTTP/2 at all. And what is held against all of it: the process answers, and its
// memory goes back to where it was.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { connect as connectHttp2 } from 'node:http2';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect as connectTls } from 'node:tls';

import { certificate, pem, underSanitizer, until } from './plugin.js';

export const service = '/tfplugin6.Provider/';

export function connectSocket(handshake) {
    const socket = connectTls({
        path: handshake.address, servername: 'localhost', ca: pem(handshake.der),
        ALPNProtocols: ['h2'], ...certificate,
    });
    return socket.on('error', () => {});
}

// A message of gRPC's. What stands before it can be made to lie.
export function message(body = Buffer.alloc(0), { flag = 0, length = body.length } = {}) {
    const head = Buffer.alloc(5);
    head[0] = flag;
    head.writeUInt32BE(length, 1);
    return Buffer.concat([head, body]);
}

// One request on a connection of its own: { grpc, text } as the server ends it, or { reset }.
export async function request(handshake, path, body, { headers = {}, ms = 10000 } = {}) {
    const session = connectHttp2('https://localhost', { createConnection: () => connectSocket(handshake) });
    session.on('error', () => {});
    const stream = session.request({
        ':method': 'POST', ':path': path, 'content-type': 'application/grpc', te: 'trailers', ...headers,
    }, { endStream: false });
    const ended = {};
    const take = (fields) => {
        if (fields['grpc-status'] !== undefined)
            Object.assign(ended, { grpc: Number(fields['grpc-status']), text: fields['grpc-message'] });
    };
    stream.on('response', take).on('trailers', take).on('error', () => {}).resume();
    const timer = setTimeout(() => session.destroy(), ms);
    stream.end(body);
    await new Promise((closed) => stream.on('close', closed));
    clearTimeout(timer);
    session.destroy();
    return ended.grpc === undefined ? { reset: stream.rstCode } : ended;
}

export const HEADERS = 1, DATA = 0, RESET = 3, SETTINGS = 4, PING = 6, GOAWAY = 7, WINDOW = 8,
    CONTINUATION = 9;
const END_STREAM = 1, ACK = 1, END_HEADERS = 4;

export function frame(type, flags, stream, payload = Buffer.alloc(0)) {
    const head = Buffer.alloc(9);
    head.writeUIntBE(payload.length, 0, 3);
    head[3] = type;
    head[4] = flags;
    head.writeUInt32BE(stream, 5);
    return Buffer.concat([head, payload]);
}

function length(n) {
    if (n < 127)
        return Buffer.from([n]);
    const bytes = [127];
    for (n -= 127; n >= 128; n = Math.floor(n / 128))
        bytes.push(n % 128 + 128);
    return Buffer.from([...bytes, n]);
}

// Header fields in HPACK's plainest form.
export function fields(pairs) {
    const text = (s) => [length(s.length), Buffer.from(s, 'latin1')];
    return Buffer.concat(pairs.flatMap(([name, value]) => [Buffer.from([0]), ...text(name), ...text(value)]));
}

export const callFields = (method, more = {}) => Object.entries({
    ':method': 'POST', ':scheme': 'https', ':path': service + method, ':authority': 'localhost',
    te: 'trailers', 'content-type': 'application/grpc', ...more,
});

// A block of header fields in as many frames as it takes.
export function headers(stream, pairs) {
    const block = fields(pairs);
    const frames = [];
    for (let at = 0; at < block.length || at === 0; at += 16384) {
        const last = at + 16384 >= block.length;
        frames.push(frame(at ? CONTINUATION : HEADERS, last ? END_HEADERS : 0, stream, block.subarray(at, at + 16384)));
    }
    return Buffer.concat(frames);
}

export const data = (stream, bytes) => frame(DATA, END_STREAM, stream, bytes);

export const reset = (stream) => frame(RESET, 0, stream, Buffer.from([0, 0, 0, 8]));

// Sends bytes behind an orderly beginning, or as they are, and goes after ms. Whether the server went
// first.
export async function throwBytes(handshake, bytes, { ms = 200, orderly = true } = {}) {
    const socket = connectSocket(handshake);
    let closed = false;
    socket.on('close', () => { closed = true; });
    await new Promise((ready) => socket.once('secureConnect', ready).once('close', ready));
    if (orderly) {
        socket.write(Buffer.concat([Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'), frame(SETTINGS, 0, 0)]));
        await new Promise((answered) => socket.once('data', answered));
        socket.write(frame(SETTINGS, ACK, 0));
    }
    socket.resume().write(bytes);
    await until(() => closed, ms);
    socket.destroy();
    return closed;
}

function residentKiB(pid) {
    return Number(readFileSync(`/proc/${pid}/status`, 'utf8').match(/VmRSS:\s+(\d+)/)[1]);
}

async function assertServes({ process, connection }, after) {
    const health = await connection.call('Check', { service: 'plugin' },
        { client: connection.healthService, ms: 50000 }).catch(String);
    assert.deepEqual(health, { status: 'SERVING' }, `${after}: ${health} ${process.err}`);
    assert.equal(process.exit, undefined, after);
}

// The attacks (a name and a function each) do no lasting harm: the process serves after each, has
// crashed nowhere and says nothing; and a second round leaves its memory where the first one did,
// within 4 MiB.
export async function assertWithstands(plugin, attacks) {
    const { process } = plugin;
    const round = async () => {
        for (const [what, attack] of Object.entries(attacks)) {
            await attack();
            await assertServes(plugin, what);
        }
    };
    await round();
    if (underSanitizer)
        return;
    await sleep(1500); // memory is given back after a second of quiet
    const before = residentKiB(process.pid);
    await round();
    const grown = () => residentKiB(process.pid) - before;
    assert.ok(await until(() => grown() <= 4096, 20000, 100), `grown by ${grown()} KiB`);
    assert.equal(process.err, '');
}
