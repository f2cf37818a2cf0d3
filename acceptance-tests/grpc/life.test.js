// How a process ends, and what must not end it.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, readFileSync, readlinkSync, statSync } from 'node:fs';
import test from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { FakeAws } from './aws.js';
import { folder } from './packages.js';
import { Connection, Process, fastest, leftBehind, startPlugin } from './plugin.js';
import { Resource, configure, decode, errors, errorText } from './terraform.js';

// A create that hangs in AWS: { plugin, aws, applying }.
async function stalledCreate(t) {
    const aws = await FakeAws.start(t);
    aws.hangs = (operation) => operation === 'CreateRepository';
    const plugin = await startPlugin(t);
    const resource = new Resource(plugin.connection, await configure(plugin, aws), 'ecr_repository');
    const plan = await resource.plan({ name: 'web' });
    const applying = resource.applyPlan({ name: 'web' }, plan);
    applying.catch(() => {});
    while (!aws.count('CreateRepository'))
        await sleep(2);
    return { plugin, aws, applying, resource };
}

test('Shutdown is answered, then the process ends with 0 within 200 ms and leaves nothing', async (t) => {
    const ms = await fastest(async () => {
        const { process: process_, connection, handshake } = await startPlugin(t);
        await connection.health();
        const start = Date.now();
        assert.deepEqual(await connection.shutdown(), {});
        assert.deepEqual(await process_.end(2000), { code: 0, signal: null });
        assert.ok(!leftBehind(handshake));
        return Date.now() - start;
    });
    assert.ok(ms < 200, `${ms} ms`);
});

test('Shutdown does not wait for what is running', async (t) => {
    const { plugin } = await stalledCreate(t);
    await plugin.connection.shutdown();
    assert.deepEqual(await plugin.process.end(500), { code: 0, signal: null });
});

test('Shutdown ends the process when the client does not wait for the answer either', async (t) => {
    const { process: process_, connection, handshake } = await startPlugin(t);
    await connection.health();
    connection.shutdown().catch(() => {});
    await sleep(1);
    connection.close();
    assert.ok(await process_.end(2000));
    assert.ok(!leftBehind(handshake));
});

test('SIGINT, SIGHUP and SIGQUIT, which the terminal sends to all, are ignored', async (t) => {
    const { plugin, aws, applying } = await stalledCreate(t);
    for (const signal of ['SIGINT', 'SIGHUP', 'SIGQUIT', 'SIGINT', 'SIGPIPE'])
        plugin.process.kill(signal);
    assert.equal(await plugin.process.end(200), undefined);
    assert.deepEqual(await plugin.connection.health(), { status: 'SERVING' });
    aws.server.closeAllConnections(); // the apply was not cancelled: it tries again
    aws.hangs = () => false;
    assert.equal(decode((await applying).new_state).name, 'web');
});

test('StopProvider returns at once, and so does what waits for AWS', async (t) => {
    const ms = await fastest(async () => {
        const { plugin, applying } = await stalledCreate(t);
        const start = Date.now();
        assert.deepEqual(await plugin.call('StopProvider'), { Error: '' });
        assert.ok(Date.now() - start < 200);
        const applied = await applying;
        assert.match(errorText(applied), /cancel|stop|interrupt/i);
        assert.equal(decode(applied.new_state), null);
        return Date.now() - start;
    });
    assert.ok(ms < 500, `${ms} ms`);
});

test('a stop that comes after the object exists keeps it in the state', async (t) => {
    const aws = await FakeAws.start(t);
    aws.hangs = (operation) => operation === 'DescribeRepositories';
    const plugin = await startPlugin(t);
    const resource = new Resource(plugin.connection, await configure(plugin, aws), 'ecr_repository');
    const applying = resource.applyPlan({ name: 'web' }, await resource.plan({ name: 'web' }));
    while (!aws.count('DescribeRepositories'))
        await sleep(2);
    await plugin.call('StopProvider');
    const state = decode((await applying).new_state);
    assert.equal(state.name, 'web');
    assert.match(state.arn, /repository\/web$/);
});

test('a stopped process still answers, and stays stopped', async (t) => {
    const aws = await FakeAws.start(t);
    const plugin = await startPlugin(t);
    await plugin.call('StopProvider');
    const resource = new Resource(plugin.connection, await configure(plugin, aws), 'ecr_repository');
    assert.deepEqual(errors(await resource.plan({ name: 'web' })), []);
    const applied = await resource.applyPlan({ name: 'web' }, await resource.plan({ name: 'web' }));
    assert.match(errorText(applied), /cancel|stop|interrupt/i);
    assert.equal(aws.count('CreateRepository'), 0);
});

test('SIGTERM cancels like StopProvider; the result is still served', async (t) => {
    const ms = await fastest(async () => {
        const { plugin, applying } = await stalledCreate(t);
        const start = Date.now();
        plugin.process.kill('SIGTERM');
        assert.match(errorText(await applying), /cancel|stop|interrupt/i);
        const took = Date.now() - start;
        assert.deepEqual(await plugin.connection.health(), { status: 'SERVING' });
        await plugin.connection.shutdown();
        assert.deepEqual(await plugin.process.end(2000), { code: 0, signal: null });
        return took;
    });
    assert.ok(ms < 500, `${ms} ms`);
});

test('SIGTERM ends a process that nobody has reached yet at once', async () => {
    const reached = new Process();
    await reached.says(/^1\|6\|.*\n/);
    reached.kill('SIGTERM');
    assert.ok(await reached.end(1000));
});

test('the process ends within a second when the connection is lost without Shutdown', async (t) => {
    const { plugin } = await stalledCreate(t);
    plugin.connection.close();
    assert.equal((await plugin.process.end(1000))?.code, 1);
    assert.ok(!leftBehind(plugin.handshake));
});

test('the process ends when only the log stream is closed', async (t) => {
    const { process: process_, connection, handshake } = await startPlugin(t);
    await connection.health();
    connection.streams[0].cancel();
    assert.ok(await process_.end(1000));
    assert.ok(!leftBehind(handshake));
});

test('the process ends when its host was killed with the connection open', async (t) => {
    const host = spawn(process.execPath, ['-e', `
        import('./plugin.js').then(async ({ Process, Connection }) => {
            const process_ = new Process();
            const handshake = await process_.handshake();
            const connection = new Connection(handshake);
            connection.openStreams();
            await connection.health();
            console.log(JSON.stringify([process_.pid, handshake.address]));
        });
        setTimeout(() => {}, 20000);
    `], { cwd: folder });
    t.after(() => host.kill('SIGKILL'));
    const [pid, address] = JSON.parse(await new Promise((got) => host.stdout.once('data', got)));
    t.after(() => { try { process.kill(pid, 'SIGKILL'); } catch { /* it has ended */ } });
    host.kill('SIGKILL');
    const end = Date.now() + 1000;
    while (existsSync(address) && Date.now() < end)
        await sleep(10);
    assert.ok(!existsSync(address));
});

test('a process whose host dies before it connects ends too', async (t) => {
    const process_ = new Process({}, { shell: '"$BINARY" & echo "$! $$" >&2; wait' });
    t.after(() => process_.destroy());
    const handshake = await process_.handshake();
    while (!/\d+ \d+\n/.test(process_.err))
        await sleep(2);
    const [pid, shell] = process_.err.match(/\d+/g).map(Number);
    process.kill(shell, 'SIGKILL');
    const end = Date.now() + 3000;
    while (existsSync(handshake.address) && Date.now() < end)
        await sleep(20);
    assert.ok(!leftBehind(handshake));
    assert.ok(!existsSync(`/proc/${pid}/exe`));
});

test('a process that nobody listens to says so and ends', async (t) => {
    const process_ = new Process({}, { shell: '(sleep 0.1; "$BINARY"; echo $? >&2) | true; wait' });
    t.after(() => process_.destroy());
    assert.ok(await process_.end(3000));
    assert.match(process_.err, /^terraform-provider-ecr: [^\n]*stdout[^\n]*\n1\n$/);
});

test('a second connection comes and goes', async (t) => {
    const { process: process_, handshake, connection } = await startPlugin(t);
    for (let i = 0; i < 3; i++) {
        const second = new Connection(handshake);
        assert.deepEqual(await second.health(), { status: 'SERVING' });
        second.close();
    }
    assert.equal(await process_.end(200), undefined);
    assert.deepEqual(await connection.health(), { status: 'SERVING' });
});

test('stdout carries one line and nothing else, whatever libraries print', async (t) => {
    const { process: process_, connection, handshake, call } = await startPlugin(t, {
        GRPC_VERBOSITY: 'debug', GRPC_TRACE: 'api,http', TF_LOG: 'TRACE',
    });
    await call('StopProvider'); // which is logged
    const [stdout, stderr] = [1, 2].map((fd) => readlinkSync(`/proc/${process_.pid}/fd/${fd}`));
    assert.equal(stdout, stderr); // what would be printed goes to the log
    await connection.shutdown();
    await process_.end(2000);
    assert.equal(process_.out, handshake.line);
    assert.match(process_.err, /@message/);
});

test('no log has a key in it, whatever gRPC is told to trace, with TLS and without', async (t) => {
    for (const settings of [{}, { PLUGIN_CLIENT_CERT: undefined }]) {
        const plugin = await startPlugin(t, {
            GRPC_VERBOSITY: 'debug', GRPC_TRACE: 'all', TF_LOG: 'TRACE', ...settings,
        });
        const aws = await FakeAws.start(t);
        const schema = await configure(plugin, aws, { secret_key: 'CanarySecret', token: 'CanaryToken' });
        const resource = new Resource(plugin.connection, schema, 'ecr_repository');
        await resource.apply({ name: 'web' });
        await plugin.connection.shutdown();
        await plugin.process.end(2000);
        assert.match(plugin.process.err, /AWS API call/);
        for (const secret of ['Canary', Buffer.from('Canary').toString('hex'), '43 61 6e 61 72 79'])
            assert.ok(!plugin.process.err.includes(secret), secret);
    }
});

test('it leaves no core, and nobody but root may look into its memory', async (t) => {
    const user = process.getuid() === 0 ? 'exec setpriv --reuid 65534 --clear-groups "$BINARY"' : 'exec "$BINARY"';
    const { process: process_ } = await startPlugin(t, { TMPDIR: undefined }, { shell: user });
    const proc = (name) => `/proc/${process_.pid}/${name}`;
    assert.match(readFileSync(proc('limits'), 'utf8'), /Max core file size +0 +0/);
    assert.equal(statSync(proc('mem')).uid, 0); // the kernel's mark of a process that cannot be dumped
    assert.match(readFileSync(proc('status'), 'utf8'), process.getuid() === 0 ? /Uid:\t65534/ : /Uid:\t[1-9]/);
});

test('every log line is one that Terraform can read', async (t) => {
    const { process: process_, connection, call } = await startPlugin(t, { TF_LOG: 'TRACE' });
    await call('StopProvider');
    await connection.shutdown();
    await process_.end(2000);
    const lines = process_.err.split('\n').slice(0, -1);
    assert.ok(lines.length > 0);
    for (const line of lines.map((text) => JSON.parse(text))) {
        for (const key of ['@level', '@message', '@timestamp'])
            assert.equal(typeof line[key], 'string');
        assert.match(line['@timestamp'], /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/);
        assert.match(line['@level'], /^(trace|debug|info|warn|error)$/);
    }
});

test('without TF_LOG it says nothing', async (t) => {
    const { process: process_, connection, call } = await startPlugin(t);
    await call('GetProviderSchema');
    await call('StopProvider');
    await connection.shutdown();
    await process_.end(2000);
    assert.equal(process_.err, '');
});

test('a log that nobody reads does no harm', async (t) => {
    const { process: process_, connection, call } = await startPlugin(t, { TF_LOG: 'TRACE' });
    process_.child.stderr.destroy();
    process_.child.stdout.destroy();
    for (let i = 0; i < 5; i++)
        await call('StopProvider');
    await connection.shutdown();
    assert.deepEqual(await process_.end(2000), { code: 0, signal: null });
});

for (const closed of ['2>&-', '<&- 2>&-'])
    test(`with ${closed} what is printed reaches no file or connection of its own`, async (t) => {
        const { process: process_, connection, call } = await startPlugin(t,
            { TF_LOG: 'TRACE', GRPC_VERBOSITY: 'debug' }, { shell: `exec "$BINARY" ${closed}` });
        for (const fd of [1, 2]) // those of the server are epoll, eventfd and listening sockets
            assert.match(readlinkSync(`/proc/${process_.pid}/fd/${fd}`), /^socket:/);
        for (let i = 0; i < 5; i++)
            await call('GetProviderSchema');
        await connection.shutdown();
        assert.deepEqual(await process_.end(2000), { code: 0, signal: null });
    });

for (const full of ['>&-', '>/dev/full'])
    test(`with ${full} it says in one line that stdout cannot be written to, and ends with 1`, async (t) => {
        const process_ = new Process({}, { shell: `exec "$BINARY" ${full}` });
        t.after(() => process_.destroy());
        assert.deepEqual(await process_.end(5000), { code: 1, signal: null });
        assert.match(process_.err, /^terraform-provider-ecr: [^\n]*stdout[^\n]*\n$/);
    });

test('under a debugger: plain text, clients come and go, a stop ends with the run', async (t) => {
    const aws = await FakeAws.start(t);
    const process_ = new Process({ TF_PLUGIN_MAGIC_COOKIE: undefined }, { args: ['--debug'] });
    t.after(() => process_.destroy());
    const [, json] = await process_.says(/^TF_REATTACH_PROVIDERS='(.*)'$/m);
    const [[address, reattach]] = Object.entries(JSON.parse(json));
    assert.equal(address, 'registry.terraform.io/aws-labs/ecr');
    assert.deepEqual({ ...reattach, Addr: undefined },
        { Protocol: 'grpc', ProtocolVersion: 6, Pid: process_.pid, Test: true, Addr: undefined });
    const handshake = { network: reattach.Addr.Network, address: reattach.Addr.String };
    for (let run = 0; run < 2; run++) {
        const connection = new Connection(handshake);
        connection.openStreams();
        const schema = await configure({ connection }, aws);
        const repository = new Resource(connection, schema, 'ecr_repository');
        await repository.apply({ name: `web${run}` });
        await connection.call('StopProvider');
        connection.close();
    }
    assert.equal(await process_.end(200), undefined);
    process_.kill('SIGINT');
    assert.deepEqual(await process_.end(2000), { code: 0, signal: null });
    assert.ok(!leftBehind(handshake));
});

test('a process that may have few files open serves what it can', async (t) => {
    const aws = await FakeAws.start(t);
    aws.delay_ms = 100;
    const plugin = await startPlugin(t, {}, { shell: 'ulimit -n 64; exec "$BINARY"' });
    const schema = await configure(plugin, aws);
    const resource = new Resource(plugin.connection, schema, 'ecr_repository');
    await resource.apply({ name: 'web' });
    const reads = await Promise.all(Array.from({ length: 100 }, () => resource.read()));
    for (const read of reads)
        assert.equal(decode(read.new_state).name, 'web'); // also beside an error
    assert.ok(reads.some((read) => errors(read).length === 0));
    assert.deepEqual(errors(await resource.read()), []);
});
