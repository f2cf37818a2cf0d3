// Every form in which Terraform sends a value, and the one in which it wants them back.
import assert from 'node:assert/strict';
import test from 'node:test';

import { msgpack } from './packages.js';
import { startPlugin } from './plugin.js';
import { assertNoErrors, decode, encode, errorText, isUnknown } from './terraform.js';

const type_name = 'ecr_repository';

// MessagePack by hand: bytes, or text that is encoded as a string.
const str = (text) => Buffer.from(msgpack.encode(text));
const bytes = (...parts) => Buffer.concat(
    parts.map((part) => typeof part === 'string' ? str(part) : Buffer.from(part)));
const hex = (text) => Buffer.from(text.replaceAll(' ', ''), 'hex');

// A configuration whose name and one tag have these bytes. `more` are further members.
const config = (name, tag, ...more) => ({
    msgpack: bytes([0x82 + more.length / 2], 'name', name, 'tags', [0x81], 'tag', tag, ...more),
});

async function planned(call, dynamic) {
    const plan = await call('PlanResourceChange', { type_name, config: dynamic });
    assertNoErrors(plan);
    return decode(plan.planned_state);
}

const float64 = (number) => {
    const buffer = Buffer.alloc(9, 0xcb);
    buffer.writeDoubleBE(number, 1);
    return buffer;
};

// Attributes are strings, so a number that arrives comes back as its decimal text.
const numbers = {
    'positive fixint': [hex('07'), '7'],
    'negative fixint': [hex('ff'), '-1'],
    'uint8': [hex('cc c8'), '200'],
    'uint16': [hex('cd 03 e8'), '1000'],
    'uint32': [hex('ce ff ff ff ff'), '4294967295'],
    'uint64': [hex('cf ff ff ff ff ff ff ff ff'), '18446744073709551615'],
    'int8': [hex('d0 80'), '-128'],
    'int16': [hex('d1 80 00'), '-32768'],
    'int32': [hex('d2 80 00 00 00'), '-2147483648'],
    'int64': [hex('d3 80 00 00 00 00 00 00 00'), '-9223372036854775808'],
    'float32': [hex('ca 3f 00 00 00'), '0.5'],
    'float64': [float64(1.5), '1.5'],
    'float64 that is whole': [float64(3), '3'],
    'decimal text': ['0.1', '0.1'],
    'long decimal text': ['1000000000000000000000000000000', '1000000000000000000000000000000'],
    'bool': [hex('c3'), 'true'],
};

test('every form of a number is read', async (t) => {
    const { call } = await startPlugin(t);
    for (const [form, [encoded, text]] of Object.entries(numbers))
        assert.equal((await planned(call, config('web', encoded))).tags.tag, text, form);
});

test('numbers that are none are refused', async (t) => {
    const { call } = await startPlugin(t);
    for (const number of [NaN, Infinity, -Infinity]) {
        const plan = await call('PlanResourceChange', { type_name, config: config('web', float64(number)) });
        assert.ok(errorText(plan));
    }
});

const refinement = bytes([0x82, 0x01, 0xc2, 0x02], 'prefix-');
const unknowns = {
    'plain': hex('d4 00 00'),
    'refined, ext8': bytes([0xc7, refinement.length, 12], refinement),
    'refined, ext16': bytes([0xc8, 0, refinement.length, 12], refinement),
    'refined, ext32': bytes([0xc9, 0, 0, 0, refinement.length, 12], refinement),
    'refined, fixext1': hex('d4 0c 80'),
    'refined, fixext2': hex('d5 0c 80 80'),
    'refined, fixext4': hex('d6 0c 81 01 c2 00'),
    'refined, fixext8': bytes([0xd7, 12, 0x81, 0x02], 'abcde'),
    'refined, fixext16': bytes([0xd8, 12, 0x81, 0x02], 'abcdefghijklm'),
    'of a type that is not known yet': hex('c7 00 05'),
};

test('every form of an unknown value is read, and answered in the plain one', async (t) => {
    const { call } = await startPlugin(t);
    for (const [form, encoded] of Object.entries(unknowns)) {
        const plan = await call('PlanResourceChange', { type_name, config: config(encoded, encoded) });
        assertNoErrors(plan);
        const state = decode(plan.planned_state);
        assert.ok(isUnknown(state.name), form);
        assert.ok(isUnknown(state.tags.tag), form);
        assert.ok(plan.planned_state.msgpack.includes(bytes('name', hex('d4 00 00'))), form);
        assertNoErrors(await call('ValidateResourceConfig', { type_name, config: config(encoded, encoded) }));
    }
});

test('unknown blocks, lists, maps and objects are read', async (t) => {
    const { call } = await startPlugin(t);
    const unknown = hex('d4 00 00');
    const more = ['image_scanning_configuration', unknown, 'timeouts', unknown,
        'image_tag_mutability_exclusion_filter', unknown];
    const state = await planned(call, config('web', unknown, ...more));
    assert.ok(isUnknown(state.image_scanning_configuration));
    assert.ok(isUnknown(state.image_tag_mutability_exclusion_filter));
    const plan = await call('PlanResourceChange',
        { type_name, config: { msgpack: bytes([0x82], 'name', 'web', 'tags', unknown) } });
    assert.ok(isUnknown(decode(plan.planned_state).tags));
});

test('a provider block of unknown values is accepted', async (t) => {
    const { call } = await startPlugin(t);
    const unknown = hex('d4 00 00');
    for (const dynamic of [
        { msgpack: bytes([0x81], 'region', unknown) },
        { msgpack: bytes([0x82], 'region', unknown, 'endpoints', unknown) },
    ]) {
        assertNoErrors(await call('ValidateProviderConfig', { config: dynamic }));
        assertNoErrors(await call('ConfigureProvider', { config: dynamic }));
        assert.equal((await planned(call, config('web', 'x'))).name, 'web');
    }
    const read = await call('ReadResource',
        { type_name, current_state: encode({ name: 'web', id: 'web' }) });
    assert.match(errorText(read), /not known/);
});

test('text of any length and script', async (t) => {
    const { call } = await startPlugin(t);
    for (const text of ['', 'x'.repeat(31), 'x'.repeat(32), 'x'.repeat(300), 'x'.repeat(70000),
        'Grüße', '日本', '😀', 'a\nb\t"\\', '\u0001'])
        assert.equal((await planned(call, config('web', text))).tags.tag, text);
    assert.equal((await planned(call, config('web', hex('c4 02 61 62')))).tags.tag, 'ab'); // bin
});

test('text that is no UTF-8, or has a NUL, never makes an answer that Terraform cannot read', async (t) => {
    const { call } = await startPlugin(t);
    for (const bad of [hex('a2 ff fe'), hex('a3 ed a0 80'), hex('a1 00'), hex('a2 c3 28'), hex('a1 f0')]) {
        errorText(await call('ValidateResourceConfig', { type_name, config: config(bad, bad) }));
        const plan = await call('PlanResourceChange', { type_name, config: config(bad, bad) });
        decode(plan.planned_state); // which is strict
    }
});

test('a value is whole: every attribute there, keys in order', async (t) => {
    const { call } = await startPlugin(t);
    const schema = await call('GetProviderSchema');
    const { block } = schema.resource_schemas[type_name];
    const names = [...block.attributes.map((a) => a.name), ...block.block_types.map((b) => b.type_name)];
    const state = await planned(call, { msgpack: bytes([0x81], 'name', 'web') });
    assert.deepEqual(Object.keys(state), names.sort());
    assert.deepEqual(state.image_tag_mutability_exclusion_filter, []);
    assert.equal(state.timeouts, null);
});

test('null in all its forms', async (t) => {
    const { call } = await startPlugin(t);
    for (const nothing of [undefined, {}, { msgpack: hex('c0') }, { json: Buffer.from('null') }]) {
        const destroy = await call('PlanResourceChange',
            { type_name, prior_state: encode({ name: 'web' }), config: nothing, proposed_new_state: nothing });
        assertNoErrors(destroy);
        assert.deepEqual(destroy.planned_state.msgpack, hex('c0'));
        const create = await call('PlanResourceChange',
            { type_name, prior_state: nothing, config: config('web', 'x') });
        assertNoErrors(create);
        assert.ok(isUnknown(decode(create.planned_state).arn));
    }
});

test('JSON in the place of MessagePack', async (t) => {
    const { call } = await startPlugin(t);
    const json = (text) => ({ json: Buffer.from(text) });
    const state = await planned(call, json('{ "name": "web",\n "tags": {"n": 9007199254740991, "u": "\\u003c"} }'));
    assert.deepEqual(state.tags, { n: '9007199254740991', u: '<' });
    for (const text of ['{', '[]', '"x"', '{"name":', '{"name":{}}'])
        assert.ok(errorText(await call('PlanResourceChange', { type_name, config: json(text) })));
});

test('client capabilities absent, empty and full', async (t) => {
    const { call } = await startPlugin(t);
    for (const client_capabilities of [undefined, null, {},
        { deferral_allowed: true, write_only_attributes_allowed: true }]) {
        const request = { type_name, config: config('web', 'x'), client_capabilities };
        for (const method of ['ValidateResourceConfig', 'PlanResourceChange'])
            assertNoErrors(await call(method, request));
        const plan = await call('PlanResourceChange', request);
        assert.equal(plan.deferred, null);
        assert.equal(plan.legacy_type_system, false);
        assert.equal(plan.planned_identity, null);
    }
});

test('bytes that break off anywhere are a diagnostic', async (t) => {
    const { call, connection } = await startPlugin(t);
    const whole = config('web', 'x').msgpack;
    for (let size = 1; size < whole.length; size++) {
        const cut = { msgpack: whole.subarray(0, size) };
        for (const request of [{ config: cut }, { config: config('web', 'x'), prior_state: cut }])
            assert.match(errorText(await call('PlanResourceChange', { type_name, ...request })), /encoding/);
        assert.ok(errorText(await call('ValidateResourceConfig', { type_name, config: cut })));
        assert.ok(errorText(await call('ReadResource', { type_name, current_state: cut })));
        assert.ok(errorText(await call('ApplyResourceChange', { type_name, planned_state: cut })));
        assert.ok(errorText(await call('ConfigureProvider', { config: cut })));
    }
    assert.deepEqual(await connection.health(), { status: 'SERVING' });
});

test('bytes that promise more than they hold, nest without end, or have the wrong type', async (t) => {
    const { call, connection } = await startPlugin(t);
    const bad = [
        hex('dd ff ff ff ff'), hex('df ff ff ff ff'), hex('db ff ff ff ff'), hex('c6 ff ff ff ff'),
        hex('c9 ff ff ff ff 00'), hex('df 00 ff ff ff'), hex('c1'),
        Buffer.alloc(100000, 0x91), Buffer.alloc(100000, 0x81),
        bytes([0x81], [0x01], 'x'), // a key that is no text
        bytes([0x81], 'name', [0x90]), bytes([0x81], 'tags', 'x'), bytes([0x81], 'timeouts', [0x90]),
        bytes([0x81], 'force_delete', 'perhaps'), hex('90'), hex('07'), str('text'),
        bytes([0x81], 'image_scanning_configuration', [0x91, 0x07]),
    ];
    for (const msgpack_ of bad) {
        assert.ok(errorText(await call('PlanResourceChange', { type_name, config: { msgpack: msgpack_ } })));
        assert.ok(errorText(await call('ValidateProviderConfig', { config: { msgpack: msgpack_.length < 20 && msgpack_[0] !== 0x81 ? msgpack_ : hex('91') } })));
    }
    assert.deepEqual(await connection.health(), { status: 'SERVING' });
});

test('bytes after the value do not matter', async (t) => {
    const { call } = await startPlugin(t);
    const { msgpack: whole } = config('web', 'x');
    assert.equal((await planned(call, { msgpack: Buffer.concat([whole, hex('00 ff')]) })).name, 'web');
});

test('a wrong type is reported where it is', async (t) => {
    const { call } = await startPlugin(t);
    const plan = await call('PlanResourceChange', {
        type_name, config: { msgpack: bytes([0x81], 'tags', [0x81], 'a', [0x90]) },
    });
    errorText(plan);
    assert.deepEqual(plan.diagnostics[0].attribute.steps.map((s) => s[s.selector]), ['tags', 'a']);
});
