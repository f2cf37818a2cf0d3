// Calls as such: order, concurrency, size, and what no Terraform would send.
import assert from 'node:assert/strict';
import test from 'node:test';

import { FakeAws } from './aws.js';
import { grpc } from './packages.js';
import { fastest, residentKiB, startPlugin, underSanitizer } from './plugin.js';
import { Resource, assertNoErrors, configure, decode, encode, errorText } from './terraform.js';

const INVALID_ARGUMENT = 3, UNIMPLEMENTED = 12;

async function withRepository(t, options) {
    const aws = await FakeAws.start(t);
    const plugin = await startPlugin(t, {}, options);
    const schema = await configure(plugin, aws);
    const repository = new Resource(plugin.connection, schema, 'ecr_repository');
    await repository.apply({ name: 'web' });
    return { aws, plugin, schema, repository };
}

const empty = { msgpack: Buffer.from([0x80]) };

const firstCalls = {
    ValidateProviderConfig: { config: empty },
    ValidateResourceConfig: { type_name: 'ecr_repository', config: encode({ name: 'web' }) },
    UpgradeResourceState: {
        type_name: 'ecr_repository', version: 0, raw_state: { json: Buffer.from('{"name":"web"}') },
    },
    PlanResourceChange: { type_name: 'ecr_repository', config: encode({ name: 'web' }) },
    ImportResourceState: { type_name: 'ecr_repository', id: 'web' },
    GetProviderSchema: {},
    GetResourceIdentitySchemas: {},
    ConfigureProvider: {
        config: encode({ region: 'eu-central-1', access_key: 'AKIATEST', secret_key: 'secret', skip_requesting_account_id: true }),
    },
    StopProvider: {},
};

for (const [method, request] of Object.entries(firstCalls))
    test(`${method} may be the first call`, async (t) => {
        const { call } = await startPlugin(t);
        const response = await call(method, request);
        assert.deepEqual(response.diagnostics ?? [], []);
    });

for (const [method, request] of Object.entries({
    ReadResource: { current_state: encode({ name: 'web', id: 'web' }), private: Buffer.from('p') },
    ApplyResourceChange: { planned_state: encode({ name: 'web' }), config: encode({ name: 'web' }) },
}))
    test(`${method} before the provider is configured is an error with a reason`, async (t) => {
        const { call } = await startPlugin(t);
        const response = await call(method, { type_name: 'ecr_repository', ...request });
        assert.match(errorText(response), /not configured/);
        if (method === 'ReadResource') {
            assert.equal(decode(response.new_state).name, 'web');
            assert.equal(response.private.toString(), 'p');
        }
    });

test('the schema keeps the rules that Terraform enforces', async (t) => {
    const { call } = await startPlugin(t);
    const schema = await call('GetProviderSchema');
    const check = (block) => {
        assert.ok(block);
        const names = [...block.attributes.map((a) => a.name), ...block.block_types.map((b) => b.type_name)];
        assert.equal(new Set(names).size, names.length);
        for (const name of names)
            assert.match(name, /^[a-z0-9_]+$/);
        for (const a of block.attributes) {
            assert.ok(a.required ? !a.optional && !a.computed : a.optional || a.computed, a.name);
            assert.ok(JSON.parse(a.type.toString()));
            assert.ok(!a.write_only && !a.type.includes('dynamic'), `${a.name} needs tests of its own`);
        }
        for (const b of block.block_types) {
            if (b.nesting === 'SINGLE')
                assert.ok(b.min_items === b.max_items && b.max_items <= 1);
            else
                assert.ok(b.min_items <= b.max_items || b.max_items === 0);
            check(b.block);
        }
    };
    check(schema.provider.block);
    assert.ok(Object.keys(schema.resource_schemas).length >= 6);
    const reserved = ['count', 'for_each', 'provider', 'depends_on', 'lifecycle', 'connection', 'provisioner'];
    for (const [type, { version, block }] of Object.entries(schema.resource_schemas)) {
        assert.match(type, /^(aws_)?ecr_/);
        assert.ok(version >= 0);
        check(block);
        assert.deepEqual(block.attributes.filter((a) => reserved.includes(a.name)), []);
        assert.deepEqual(schema.resource_schemas[`aws_${type}`] ?? schema.resource_schemas[type],
            schema.resource_schemas[type]);
    }
    assertNoErrors(schema);
    assert.equal(schema.server_capabilities.plan_destroy, true);
    assert.equal(schema.server_capabilities.get_provider_schema_optional, true);
});

test('the health check says SERVING', async (t) => {
    const { connection } = await startPlugin(t);
    assert.deepEqual(await connection.health(), { status: 'SERVING' });
});

for (const count of [10, 64])
    test(`${count} calls wait for a slow AWS side by side, the streams open`, async (t) => {
        const { aws, plugin, repository } = await withRepository(t);
        aws.delay_ms = 300;
        const ms = await fastest(async () => {
            const start = Date.now();
            const reads = Array.from({ length: count }, () => repository.read());
            await plugin.connection.health(); // not behind them
            assert.ok(Date.now() - start < (underSanitizer ? 1000 : 300)); // its threads start slowly
            (await Promise.all(reads)).forEach(assertNoErrors);
            return Date.now() - start;
        });
        assert.ok(ms < 2000, `${ms} ms`); // each takes at least 600: two calls of AWS's
        assert.ok(!plugin.connection.streamed);
    });

test('StopProvider gets through when 64 calls hang', async (t) => {
    const { aws, plugin, repository } = await withRepository(t);
    aws.hangs = () => true;
    const before = aws.calls.length;
    const reads = Array.from({ length: 64 }, () => repository.read());
    while (aws.calls.length - before < 1)
        await new Promise((next) => setTimeout(next, 5));
    const start = Date.now();
    await plugin.call('StopProvider');
    for (const read of await Promise.all(reads)) {
        assert.match(errorText(read), /cancel|stop|interrupt/i);
        assert.equal(decode(read.new_state).name, 'web');
    }
    assert.ok(Date.now() - start < 1000);
});

// What 64 walkers of Terraform's do at once, each with an object of its own.
async function lifeOf(name, { plugin, schema }) {
    const object = new Resource(plugin.connection, schema, 'ecr_repository');
    const config = { name, tags: { name } };
    const plan = await object.plan(config);
    const { new_state, diagnostics } = await object.applyPlan(config, plan);
    object.state = decode(new_state);
    assert.ok(object.state || diagnostics.length > 0, 'neither an object nor a reason');
    const read = object.state && await object.read();
    return [...diagnostics, ...read?.diagnostics ?? []].map(({ summary, detail }) => `${summary} ${detail}`);
}

test('a stop among 64 objects that are made and read: each is made, or says that it was cancelled', async (t) => {
    for (const wait_ms of [0, 30, 100, 300]) {
        const { aws, plugin, schema } = await withRepository(t);
        aws.delay_ms = 20;
        const lives = Array.from({ length: 64 }, (_, i) => lifeOf(`web/${i}`, { plugin, schema }));
        await new Promise((next) => setTimeout(next, wait_ms));
        await plugin.call('StopProvider');
        for (const said of await Promise.all(lives))
            said.forEach((text) => assert.match(text, /cancel|stop|interrupt/i));
        assert.equal((await plugin.connection.health()).status, 'SERVING');
    }
});

for (const mib of [5, 64])
    test(`a request of ${mib} MiB is taken, and judged`, async (t) => {
        const { call } = await startPlugin(t);
        const response = await call('ValidateResourceConfig', {
            type_name: 'ecr_repository', config: encode({ name: 'x'.repeat(mib << 20) }),
        });
        assert.match(errorText(response), /name/);
    });

test('an answer of 8 MiB arrives', async (t) => {
    const { repository } = await withRepository(t);
    const tags = { big: 'x'.repeat(8 << 20) };
    const plan = await repository.plan({ name: 'web', tags });
    assert.equal(decode(plan.planned_state).tags.big.length, 8 << 20);
});

// Any method, with any bytes, ending in any way.
function raw(connection, path, { body = Buffer.alloc(0), end = true } = {}) {
    let call;
    const promise = new Promise((done) => {
        const asIs = (bytes) => bytes;
        call = connection.provider.makeClientStreamRequest(path, asIs, asIs, new grpc.Metadata(),
            { deadline: Date.now() + 5000 }, (error, bytes) => done(error ?? bytes));
        if (body)
            call.write(body);
        if (end)
            call.end();
    });
    promise.call = call;
    return promise;
}

for (const path of [
    '/tfplugin6.Provider/GetMetadata',
    '/tfplugin6.Provider/ListResource',
    '/tfplugin6.Provider/', '/tfplugin5.Provider/GetSchema', '/grpc.health.v1.Health/Watch',
    '/no.Such/Service', '/',
])
    test(`${path} is UNIMPLEMENTED`, async (t) => {
        const { connection } = await startPlugin(t);
        assert.equal((await raw(connection, path)).code, UNIMPLEMENTED);
        assert.equal((await raw(connection, path, { body: null })).code, UNIMPLEMENTED);
        assert.equal((await raw(connection, path, { end: false })).code, UNIMPLEMENTED);
    });

test('a stream that is not there is UNIMPLEMENTED', async (t) => {
    const { connection } = await startPlugin(t);
    const error = await new Promise((got) => connection.provider.NoSuchStream({}).on('error', got));
    assert.equal(error.code, UNIMPLEMENTED);
});

test('bytes that are no message, and no message at all, are refused', async (t) => {
    const { connection } = await startPlugin(t);
    const path = '/tfplugin6.Provider/PlanResourceChange';
    for (const body of [Buffer.from([0xff]), Buffer.from([0x0a, 0x05, 0x61]), Buffer.from('garbage'), null])
        assert.equal((await raw(connection, path, { body })).code, INVALID_ARGUMENT);
    assert.deepEqual(await connection.health(), { status: 'SERVING' });
});

test('fields that a later Terraform adds are skipped', async (t) => {
    const { connection } = await startPlugin(t);
    const type = Buffer.from('\x0a\x0eecr_repository'); // field 1
    const later = Buffer.from([0xfa, 0x3e, 0x03, 1, 2, 3, 0x80, 0x3f, 0x05]); // 1007: bytes, 1008: number
    const config = Buffer.from([0x22, 0x0d, 0x0a, 0x0b, ...encode({ name: 'web' }).msgpack]); // field 4
    config[1] = config.length - 2;
    config[3] = config.length - 4;
    const answer = await raw(connection, '/tfplugin6.Provider/PlanResourceChange',
        { body: Buffer.concat([later, type, later, config]) });
    assert.ok(Buffer.isBuffer(answer), String(answer));
    assert.ok(answer.includes('MUTABLE'));
});

test('calls that are cancelled, or begun and left, do no harm', async (t) => {
    const { aws, plugin, repository } = await withRepository(t);
    aws.delay_ms = 20;
    for (let i = 0; i < 200; i++) {
        const call = i % 2 ? repository.read()
            : raw(plugin.connection, '/tfplugin6.Provider/ReadResource', { body: i % 4 ? null : Buffer.from('\n'), end: false });
        call.catch(() => {});
        setTimeout(() => call.call.cancel(), i % 30);
        if (i % 20 === 0)
            await plugin.connection.health();
    }
    await new Promise((next) => setTimeout(next, 200));
    assertNoErrors(await repository.read());
    assert.equal(plugin.process.exit, undefined);
});

test('1,000 plans, 300 reads and 6,000 small calls do not grow the process', async (t) => {
    if (underSanitizer)
        return t.skip('a sanitizer keeps what was freed');
    const { plugin, repository } = await withRepository(t);
    const many = async (plans, reads, checks) => {
        for (let i = 0; i < plans; i++)
            assertNoErrors(await repository.plan({ name: 'web', tags: { run: `${i}`.padEnd(4096) } }));
        for (let i = 0; i < reads; i++)
            assertNoErrors(await repository.read());
        for (let i = 0; i < checks; i++)
            await plugin.connection.health();
    };
    await many(300, 100, 1000);
    const before = residentKiB(plugin.process.pid);
    await many(1000, 300, 6000);
    const grown = residentKiB(plugin.process.pid) - before;
    assert.ok(grown <= 1024, `grown by ${grown} KiB`);
});

test('resource types that are not there get a diagnostic', async (t) => {
    const { call } = await startPlugin(t);
    const state = encode({ name: 'web' });
    for (const [method, request] of Object.entries({
        ValidateResourceConfig: { config: state },
        UpgradeResourceState: { raw_state: { json: Buffer.from('{}') } },
        ReadResource: { current_state: state },
        PlanResourceChange: { config: state },
        ApplyResourceChange: { planned_state: state, config: state },
        ImportResourceState: { id: 'web' },
    }))
        for (const type_name of ['ecr_nothing', '', 'aws_', 'aws_aws_ecr_repository'])
            assert.match(errorText(await call(method, { type_name, ...request })), /resource type/);
});
