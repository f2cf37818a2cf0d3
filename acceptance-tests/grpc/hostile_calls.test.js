// Calls that no Terraform makes: too large, too deep, too many fields, in the wrong order, about
// other objects, with nonsense where Terraform keeps what the provider gave it.
import assert from 'node:assert/strict';
import test from 'node:test';

import { FakeAws } from './aws.js';
import { msgpack } from './packages.js';
import { startPlugin, until } from './plugin.js';
import { Resource, assertNoErrors, assertSame, configure, decode, encode, errors, errorText, object } from './terraform.js';
import { assertWithstands, message, request, service } from './wire.js';

const type_name = 'ecr_repository';

const OK = 0, INVALID_ARGUMENT = 3;

const str = (text) => Buffer.from(msgpack.encode(text));

const count32 = (first, count) => {
    const head = Buffer.alloc(5, first);
    head.writeUInt32BE(count, 1);
    return head;
};
const array = (count, byte) => Buffer.concat([count32(0xdd, count), Buffer.alloc(count, byte)]);
const map = (count) => Buffer.concat([count32(0xdf, count),
    ...Array.from({ length: count }, (_, i) => Buffer.concat([str(`k${i}`), str('v')]))]);

const withAttribute = (name, value) => ({
    msgpack: Buffer.concat([Buffer.from([0x82]), str('name'), str('web'), str(name), value]),
});

const nested = (open, close, depth) => open.repeat(depth) + close.repeat(depth);

const stored = (json) => ['UpgradeResourceState',
    { type_name, raw_state: { json: Buffer.from(`{"name":"web","x":${json}}`) } }];

const validated = (config) => ['ValidateResourceConfig', { type_name, config }];

const lifecyclePolicy = (policy) => ['ValidateResourceConfig',
    { type_name: 'ecr_lifecycle_policy', config: encode({ repository: 'web', policy }) }];

// A rule that keeps the images of these tags.
const rule = (i, tagPrefixList = [`v${i}`]) => ({
    rulePriority: i + 1, action: { type: 'expire' },
    selection: { tagStatus: 'tagged', tagPrefixList, countType: 'imageCountMoreThan', countNumber: 1 },
});

// Each is one diagnostic that says what is wrong. None takes long, or memory for good.
const excessive = {
    'a list of 8 million': validated(withAttribute('tags', array(8 << 20, 0xc0))),
    'a million wrong blocks': validated(withAttribute('image_tag_mutability_exclusion_filter', array(1 << 20, 0x80))),
    'a map of 100,000': validated(withAttribute('tags', map(100000))),
    'depth in MessagePack': validated(withAttribute('tags', Buffer.alloc(1 << 20, 0x91))),
    'depth in maps': validated(withAttribute('tags', Buffer.alloc(1 << 20, 0x81))),
    'depth in JSON': stored(nested('[', ']', 1e6)),
    'depth in JSON objects': stored(nested('{"a":', '}', 1e5).replace(':}', ':1}')),
    'JSON of 4 million numbers': stored(`[${'1,'.repeat(4 << 20)}1]`),
    'JSON of 100,000 members': stored(`{${Array.from({ length: 1e5 }, (_, i) => `"k${i}":1`).join()}}`),
    'a number of a million digits': stored('9'.repeat(1e6)),
    'a number beyond all bounds': stored('1e999'),
    'a type of 8 MiB': ['ReadResource', { type_name: 'x'.repeat(8 << 20) }],
    'a name of 8 MiB': validated(encode({ name: 'x'.repeat(8 << 20) })),
    'an id of 8 MiB': ['ImportResourceState', { type_name, id: 'x'.repeat(8 << 20) }],
    'depth in a policy': lifecyclePolicy(nested('[', ']', 1e6)),
    'a policy of a million values': lifecyclePolicy(`[${'1,'.repeat(1 << 20)}1]`),
};

test('whatever is too large or too deep is one diagnostic, and costs nothing', async (t) => {
    const plugin = await startPlugin(t);
    const attacks = Object.entries(excessive).map(([what, [method, asked]]) => [what, async () => {
        const answer = await plugin.call(method, asked, { ms: 60000 });
        assert.ok(errorText(answer).length < 20000, what);
    }]);
    await assertWithstands(plugin, Object.fromEntries(attacks));
});

test('of very many problems the first hundred are shown', async (t) => {
    const { call } = await startPlugin(t);
    const filters = array(100000, 0x80);
    const answer = await call(...validated(withAttribute('image_tag_mutability_exclusion_filter', filters)));
    assert.equal(errors(answer).length, 101);
    assert.match(errors(answer)[100].summary, /More problems/);
    const rules = Array.from({ length: 2000 }, (_, i) => rule(i % 7, ['*', '']));
    const policy = await call(...lifecyclePolicy(JSON.stringify({ rules })));
    assert.ok(errors(policy).length >= 1 && errors(policy).length <= 101);
});

const repeated = (bytes, count) => Buffer.alloc(bytes.length * count, Buffer.from(bytes));

function lengthPrefixed(field, body) {
    const size = [];
    let n = body.length;
    for (; n >= 128; n = Math.floor(n / 128))
        size.push(n % 128 + 128);
    return Buffer.concat([Buffer.from([field, ...size, n]), body]);
}

function deep(levels) {
    let body = Buffer.alloc(0);
    for (let i = 0; i < levels; i++)
        body = lengthPrefixed(0x12, body);
    return body;
}

const small = Buffer.from([0x0a, 0x03, 0x78, 0x78, 0x78]); // a type "xxx"

// Method, request and the status that is the answer.
const messages = {
    'millions of unknown fields': ['ReadResource', repeated([0xf8, 0x07, 0x01], 4 << 20), INVALID_ARGUMENT],
    'millions of empty configurations': ['ValidateResourceConfig', repeated([0x12, 0x00], 4 << 20), INVALID_ARGUMENT],
    'millions of arguments': ['CallFunction', repeated([0x12, 0x00], 4 << 20), INVALID_ARGUMENT],
    'millions of pairs of a flat map': ['UpgradeResourceState',
        lengthPrefixed(0x1a, repeated([0x12, 0x00], 1 << 20)), INVALID_ARGUMENT],
    'a thousand configurations': ['ValidateResourceConfig', repeated([0x12, 0x00], 1000), OK],
    'groups, which nest': ['ReadResource', Buffer.alloc(1 << 20, 0x0b), INVALID_ARGUMENT],
    'messages in messages': ['ReadResource', deep(3000), OK],
    'a field without a number': ['ReadResource', Buffer.from([0, 0]), INVALID_ARGUMENT],
    'a number without end': ['ReadResource', Buffer.alloc(100, 0xff), INVALID_ARGUMENT],
    'a length beyond the end': ['ReadResource', Buffer.from([0x0a, 0xff, 0xff, 0xff, 0xff, 0x0f]), INVALID_ARGUMENT],
    'a name that is no UTF-8': ['ReadResource', Buffer.from([0x0a, 2, 0xff, 0xfe]), OK],
    'a name with a NUL': ['ReadResource', Buffer.from([0x0a, 3, 0x61, 0, 0x62]), OK],
    'a type that stands twice': ['ReadResource', Buffer.concat([small, small]), OK],
};

test('messages of very many fields, or of broken ones, are answered or refused', async (t) => {
    const plugin = await startPlugin(t);
    const attacks = Object.entries(messages).map(([what, [method, body, wanted]]) => [what, async () => {
        const { grpc } = await request(plugin.handshake, service + method, message(body), { ms: 60000 });
        assert.equal(grpc, wanted, what);
    }]);
    await assertWithstands(plugin, Object.fromEntries(attacks));
});

test('1,000 calls at once, requests of 64 MiB, and configuring again and again leave no memory behind', async (t) => {
    const plugin = await startPlugin(t);
    const { provider } = await plugin.call('GetProviderSchema');
    const config = encode(object(provider.block, { region: 'eu-central-1', access_key: 'AKIATEST', secret_key: 's' }));
    const all = (count, call) => Promise.all(Array.from({ length: count }, call));
    await assertWithstands(plugin, {
        'a thousand plans': async () => (await all(1000, () => plugin.call('PlanResourceChange',
            { type_name, config: encode({ name: 'web', tags: { a: 'x'.repeat(4096) } }) }, { ms: 60000 }))).forEach(assertNoErrors),
        'three of 64 MiB': async () => (await all(3, () => plugin.call(
            ...validated(encode({ name: 'x'.repeat(64 << 20) })), { ms: 110000 }))).forEach(errorText),
        'two hundred configurations': async () => (await all(200, () =>
            plugin.call('ConfigureProvider', { config }, { ms: 60000 }))).forEach(assertNoErrors),
    });
});

async function configured(t, settings = {}) {
    const aws = await FakeAws.start(t);
    const plugin = await startPlugin(t, { AWS_MAX_ATTEMPTS: '1', ...settings });
    const schema = await configure(plugin, aws);
    return { aws, plugin, schema, repository: new Resource(plugin.connection, schema, type_name) };
}

test('a call keeps the configuration that it began with when another comes', async (t) => {
    const { aws, plugin, repository } = await configured(t);
    await repository.apply({ name: 'web' });
    const other = await FakeAws.start(t);
    aws.delay_ms = 200;
    const calls = aws.calls.length;
    const first = repository.read();
    assert.ok(await until(() => aws.calls.length > calls, 10000));
    const reads = Array.from({ length: 20 }, () => repository.read());
    for (let i = 0; i < 20; i++)
        await configure(plugin, other);
    assertSame((await first).new_state, encode(repository.state));
    (await Promise.all(reads)).forEach(assertNoErrors); // each of one AWS or the other
    const read = await repository.read();
    assertNoErrors(read);
    assert.equal(decode(read.new_state), null); // the other one has nothing
});

test('a configuration that fails, or is not known, leaves none', async (t) => {
    const { plugin, schema, repository } = await configured(t);
    await repository.apply({ name: 'web' });
    const bad = encode(object(schema.provider.block, { region: 'no region' }));
    assert.ok(errorText(await plugin.call('ConfigureProvider', { config: bad })));
    const read = await repository.read();
    assert.match(errorText(read), /not configured/);
    assertSame(read.new_state, encode(repository.state));
});

test('calls beside a Shutdown are answered or end with the process, and a second one does no harm', async (t) => {
    const { connection, process: process_, handshake } = await startPlugin(t);
    await connection.health();
    const calls = [connection.shutdown(), connection.shutdown(), connection.call('GetProviderSchema'),
        connection.shutdown(), connection.health()];
    for (const { status, reason } of await Promise.allSettled(calls))
        assert.ok(status === 'fulfilled' || [1, 13, 14].includes(reason.code), String(reason));
    assert.deepEqual(await process_.end(2000), { code: 0, signal: null });
    await assert.rejects(request(handshake, `${service}StopProvider`, message()).then((answer) => {
        if (answer.grpc === undefined)
            throw new Error('refused');
    }));
});

test('private data comes back as it was, whatever it is', async (t) => {
    const { repository } = await configured(t);
    await repository.apply({ name: 'web' });
    const kinds = [Buffer.alloc(1 << 20, 0xff), Buffer.from('{"a":'), Buffer.from('[]'), Buffer.from('7'),
        Buffer.from('{"no_such":true}'), Buffer.from(nested('[', ']', 1e5)), Buffer.from([0])];
    for (const kind of kinds) {
        repository.private = kind;
        const read = await repository.read();
        assertNoErrors(read);
        assert.deepEqual(read.private, kind);
        const plan = await repository.plan({ name: 'web', force_delete: true });
        assertNoErrors(plan);
        assert.deepEqual(plan.planned_private, kind);
        const applied = await repository.applyPlan({ name: 'web', force_delete: true }, plan);
        assertNoErrors(applied);
        assert.deepEqual(applied.private, kind);
    }
});

test('plans and states that this provider never made are errors or harmless', async (t) => {
    const { aws, repository } = await configured(t);
    await repository.apply({ name: 'web' });
    const nameless = { status: 400, body: { __type: 'InvalidParameterException', message: 'no name' } };
    aws.instead = (operation, input) => operation === 'CreateRepository' && !input.repositoryName ? nameless : undefined;
    const other = { ...repository.state, id: 'other', name: 'other', arn: 'arn:aws:ecr:eu-central-1:1:repository/other' };
    const nonsense = [
        {}, { name: null }, { name: 7 }, { name: '' }, { ...repository.state, arn: 'no arn' },
        { ...repository.state, registry_id: '../..' }, { ...repository.state, name: 'a/../../b' },
        { ...repository.state, region: 'x.example.com/' }, { ...repository.state, region: 'eu-central-1@example.com' }, other,
    ];
    for (const state of nonsense) {
        const read = await repository.read(state);
        decode(read.new_state); // which is strict
        assert.ok(errors(read).length <= 1);
        const applied = await repository.call('ApplyResourceChange', {
            prior_state: encode(state), planned_state: encode(null), config: encode(null),
        });
        assert.ok(errors(applied).length <= 1);
        for (const prior of [null, repository.state]) {
            const changed = await repository.call('ApplyResourceChange', {
                prior_state: encode(prior), planned_state: encode(state), config: encode(repository.object({ name: 'web' })),
            });
            decode(changed.new_state);
        }
    }
    assert.ok(aws.calls.every(({ operation }) => /^[A-Za-z]+$/.test(operation)));
});

test('what validation would have refused is no crash', async (t) => {
    const { aws, plugin, repository } = await configured(t);
    for (const nulls of [{ keys: [null], key_prefixes: null }, { keys: null, key_prefixes: [null] }]) {
        await configure(plugin, aws, { ignore_tags: [nulls] });
        assertNoErrors(await repository.plan({ name: 'web', tags: { a: 'b' } }));
    }
    const planned = repository.object({ name: 'web', region: 'eu west', tags: { a: 'b' }, tags_all: { a: 'b' } });
    const applied = await repository.call('ApplyResourceChange',
        { config: encode(planned), prior_state: encode(null), planned_state: encode(planned) });
    assert.match(errorText(applied), /eu west/);
});

test('keys that stand twice: refused in MessagePack, the last one counts in JSON', async (t) => {
    const { call } = await startPlugin(t);
    const twice = Buffer.concat([Buffer.from([0x82]), str('name'), str('a'), str('name'), str('b')]);
    assert.match(errorText(await call(...validated({ msgpack: twice }))), /encoding/);
    const upgraded = await call('UpgradeResourceState',
        { type_name, raw_state: { json: Buffer.from('{"name":"aa","name":"bb"}') } });
    assertNoErrors(upgraded);
    assert.equal(decode(upgraded.upgraded_state).name, 'bb');
});

const nullObject = (block) => encode(object(block, {}));

test('data sources, ephemeral resources and functions: first calls, unknown names, nonsense', async (t) => {
    const { call } = await startPlugin(t);
    const schema = await call('GetProviderSchema');
    const config = { msgpack: Buffer.from([0x91, 0x91]) };
    const sources = ['ValidateDataResourceConfig', 'ReadDataSource'];
    const ephemeral = ['ValidateEphemeralResourceConfig', 'OpenEphemeralResource'];
    for (const method of [...sources, ...ephemeral]) {
        const name = sources.includes(method) ? 'ecr_repository' : 'ecr_authorization_token';
        for (const unknown of ['ecr_nothing', '', 'x'.repeat(1 << 20)])
            assert.ok(errorText(await call(method, { type_name: unknown, config: encode({}) })).length < 20000);
        assert.match(errorText(await call(method, { type_name: name, config })), /cannot be read/);
    }
    const [{ block }] = Object.values(schema.data_source_schemas);
    assert.ok(errorText(await call('ReadDataSource', { type_name: 'ecr_repository', config: nullObject(block) })));
    for (const method of ['RenewEphemeralResource', 'CloseEphemeralResource'])
        for (const type of ['ecr_authorization_token', 'ecr_nothing'])
            assert.ok(errors(await call(method, { type_name: type, private: Buffer.alloc(1 << 20, 0xff) })).length <= 1);
});

test('a function says what is wrong with its arguments, however many and large they are', async (t) => {
    const { call } = await startPlugin(t);
    const text = encode('123456789012.dkr.ecr.eu-central-1.amazonaws.com/web:1');
    const lists = [
        [], [text, text, text, text, text], [encode(null)], [{}], [encode('x'.repeat(8 << 20))],
        [{ msgpack: Buffer.alloc(100000, 0x91) }], [{ msgpack: Buffer.from([0xc1]) }],
        Array.from({ length: 5000 }, () => text),
    ];
    for (const list of lists) {
        const { result, error } = await call('CallFunction', { name: 'parse_image_uri', arguments: list });
        assert.ok(error && error.text.length > 0 && error.text.length < 20000, String(list.length));
        assert.equal(result, null);
    }
    const { error } = await call('CallFunction', { name: 'x'.repeat(8 << 20), arguments: [] });
    assert.ok(error.text.length < 20000);
    assert.ok((await call('CallFunction', { name: 'parse_image_uri', arguments: [text] })).result);
});
