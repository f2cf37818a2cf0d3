// From exec to the first call: cookie, line, socket, TLS.
import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import test from 'node:test';
import { connect as connectTls } from 'node:tls';

import { Connection, Process, certificate, directoryOf, makeCertificate, pem, startPlugin } from './plugin.js';

function started(t, settings, options) {
    const process_ = new Process(settings, options);
    t.after(() => process_.destroy());
    return process_;
}

function temporaryDirectory(t, name = '') {
    const directory = mkdtempSync(join(tmpdir(), 'ecr-grpc-'));
    t.after(() => rmSync(directory, { recursive: true, force: true }));
    const inner = join(directory, name);
    mkdirSync(inner, { recursive: true });
    return inner;
}

for (const [name, value] of [['no cookie', undefined], ['a wrong cookie', 'd602bf8f']])
    test(`with ${name} it says what it is and ends with 1`, async (t) => {
        const process_ = started(t, { TF_PLUGIN_MAGIC_COOKIE: value });
        assert.deepEqual(await process_.end(5000), { code: 1, signal: null });
        assert.equal(process_.out, '');
        assert.match(process_.err, /plugin/);
        assert.match(process_.err, /terraform init/);
    });

for (const versions of ['5,6', '6,5', '6', '5', undefined])
    test(`the handshake line when the host speaks ${versions ?? 'nothing it tells'}`, async (t) => {
        const settings = { PLUGIN_PROTOCOL_VERSIONS: versions, PLUGIN_MULTIPLEX_GRPC: '1' };
        const { fields, core, app, network, address, protocol, der } =
            await started(t, settings).handshake();
        assert.equal(fields.length, 6);
        assert.deepEqual([core, app, network, protocol], ['1', '6', 'unix', 'grpc']);
        assert.ok(address.startsWith('/'));
        assert.match(der, /^[A-Za-z0-9+/]{100,}$/);
    });

test('its certificate is one that Terraform takes', async (t) => {
    const { der } = await started(t).handshake();
    const x = new X509Certificate(pem(der));
    assert.equal(x.raw.toString('base64').replaceAll('=', ''), der);
    assert.equal(x.subjectAltName, 'DNS:localhost');
    assert.deepEqual(x.keyUsage, ['1.3.6.1.5.5.7.3.1']); // extended: server authentication
    assert.ok(Date.parse(x.validFrom) <= Date.now() - 60000);
    assert.ok(Date.parse(x.validTo) > Date.now() + 365 * 24 * 3600 * 1000);
    assert.ok(x.verify(x.publicKey));
});

test('the socket takes connections as soon as the line is out', async (t) => {
    const { address } = await started(t).handshake();
    await new Promise((connected, failed) => {
        const socket = connect(address, () => { socket.destroy(); connected(); });
        socket.on('error', failed);
    });
});

// What TLS itself says, before any gRPC: { protocol, alpn }. Only a client that was let in hears
// from the server.
function shakeHands(handshake, identity) {
    return new Promise((done, failed) => {
        const socket = connectTls({
            path: handshake.address, servername: 'localhost', ca: pem(handshake.der),
            ALPNProtocols: ['h2'], ...identity,
        });
        socket.once('data', () => {
            done({ protocol: socket.getProtocol(), alpn: socket.alpnProtocol });
            socket.destroy();
        });
        socket.on('error', failed).on('close', () => failed(new Error('closed')));
        socket.setTimeout(3000, () => socket.destroy(new Error('silent')));
    });
}

test('mutual TLS 1.3 with h2 and a P-521 client certificate', async (t) => {
    const handshake = await started(t).handshake();
    assert.deepEqual(await shakeHands(handshake, certificate), { protocol: 'TLSv1.3', alpn: 'h2' });
});

test('a client without certificate is refused', async (t) => {
    const handshake = await started(t).handshake();
    await assert.rejects(shakeHands(handshake, {}), /certificate required|closed|ECONNRESET/);
    const connection = new Connection(handshake, { identity: null });
    t.after(() => connection.close());
    await assert.rejects(connection.call('GetProviderSchema', {}, { ms: 1000 }), { code: 14 });
});

test('a client with another certificate of the same name is refused', async (t) => {
    const handshake = await started(t).handshake();
    const other = makeCertificate();
    await assert.rejects(shakeHands(handshake, other), /alert|closed|ECONNRESET/);
    const connection = new Connection(handshake, { identity: other });
    t.after(() => connection.close());
    await assert.rejects(connection.call('GetProviderSchema', {}, { ms: 1000 }), { code: 14 });
});

test('a client without TLS is refused where TLS was agreed', async (t) => {
    const handshake = await started(t).handshake();
    const connection = new Connection(handshake, { tls: false });
    t.after(() => connection.close());
    await assert.rejects(connection.call('GetProviderSchema', {}, { ms: 1000 }), { code: 14 });
});

test('refused clients do not disturb the right one', async (t) => {
    const { handshake, connection } = await startPlugin(t);
    for (let i = 0; i < 5; i++)
        await assert.rejects(shakeHands(handshake, {}));
    assert.deepEqual(await connection.health(), { status: 'SERVING' });
});

for (const value of [undefined, ''])
    test(`plain text when PLUGIN_CLIENT_CERT is ${value === '' ? 'empty' : 'absent'}`, async (t) => {
        const { handshake, connection } = await startPlugin(t, { PLUGIN_CLIENT_CERT: value });
        assert.equal(handshake.fields.length, 6);
        assert.equal(handshake.der, '');
        assert.deepEqual(await connection.health(), { status: 'SERVING' });
    });

test('a client certificate that is none ends the start, and says why', async (t) => {
    const process_ = started(t, { PLUGIN_CLIENT_CERT: 'no certificate' });
    assert.deepEqual(await process_.end(5000), { code: 1, signal: null });
    assert.equal(process_.out, '');
    assert.match(process_.err, /PLUGIN_CLIENT_CERT/);
});

test('only this user may reach the socket', async (t) => {
    const handshake = await started(t).handshake();
    assert.equal(statSync(directoryOf(handshake)).mode & 0o777, 0o700);
    assert.equal(statSync(handshake.address).mode & 0o077, 0);
    assert.ok(statSync(handshake.address).isSocket());
});

for (const name of ['', 'a b', 'a%41', 'a#b', 'a?b', 'ä'])
    test(`TMPDIR is honoured${name && `, also one named "${name}"`}`, async (t) => {
        const directory = temporaryDirectory(t, name);
        const { handshake, connection, process: process_ } = await startPlugin(t, { TMPDIR: directory });
        assert.equal(dirname(directoryOf(handshake)), directory);
        assert.ok(statSync(handshake.address).isSocket());
        assert.deepEqual(await connection.health(), { status: 'SERVING' });
        await connection.shutdown();
        await process_.end(2000);
        assert.ok(!existsSync(directoryOf(handshake)));
    });

test('PLUGIN_UNIX_SOCKET_DIR comes before TMPDIR', async (t) => {
    const directory = temporaryDirectory(t);
    const { handshake, connection } = await startPlugin(t, {
        PLUGIN_UNIX_SOCKET_DIR: directory, TMPDIR: temporaryDirectory(t),
    });
    assert.equal(dirname(directoryOf(handshake)), directory);
    assert.deepEqual(await connection.health(), { status: 'SERVING' });
});

for (const [what, name] of [['too long for a socket', 'x'.repeat(120)], ['with a |, which splits the line', 'a|b']])
    test(`a TMPDIR ${what} is passed over`, async (t) => {
        const { handshake, connection } = await startPlugin(t, { TMPDIR: temporaryDirectory(t, name) });
        assert.equal(handshake.fields.length, 6);
        assert.match(handshake.address, /^\/tmp\/terraform-provider-ecr-/);
        assert.deepEqual(await connection.health(), { status: 'SERVING' });
    });

test('a TMPDIR that is not there is passed over', async (t) => {
    const { handshake, connection } = await startPlugin(t, { TMPDIR: '/nonexistent' });
    assert.equal(handshake.network, 'unix');
    assert.deepEqual(await connection.health(), { status: 'SERVING' });
});

test('without any directory it listens on the loopback address', async (t) => {
    const process_ = started(t, { TMPDIR: undefined }, {
        shell: 'unshare -m sh -c \'mount --bind /tmp /tmp && mount -o remount,bind,ro /tmp && exec "$BINARY"\' || echo "no"',
    });
    const [first] = await process_.says(/^.*\n/);
    if (first === 'no\n')
        return t.skip('needs the right to mount');
    const handshake = await process_.handshake();
    assert.equal(handshake.network, 'tcp');
    assert.match(handshake.address, /^127\.0\.0\.1:\d+$/);
    const connection = new Connection(handshake);
    t.after(() => connection.close());
    assert.deepEqual(await connection.health(), { status: 'SERVING' });
});
