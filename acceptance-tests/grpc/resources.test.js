// An object's life as Terraform runs it: plan, apply, read, upgrade, import, and all that fails.
import assert from 'node:assert/strict';
import test from 'node:test';

import { FakeAws } from './aws.js';
import { startPlugin } from './plugin.js';
import {
    Resource, assertNoErrors, assertSame, configure, decode, encode, errorText, isUnknown, unknown,
} from './terraform.js';

const kept = Buffer.from([0, 1, 255]); // private data that is no text

async function start(t, type = 'ecr_repository', given = {}) {
    const aws = await FakeAws.start(t);
    const plugin = await startPlugin(t, { AWS_MAX_ATTEMPTS: '1' });
    const schema = await configure(plugin, aws, given);
    return { aws, plugin, schema, repository: new Resource(plugin.connection, schema, type) };
}

async function created(t, given = { name: 'web' }) {
    const all = await start(t);
    await all.repository.apply(given);
    all.repository.private = kept;
    return all;
}

const configurations = {
    ecr_repository: { name: 'web' },
    ecr_lifecycle_policy: { repository: 'web', policy: '{"rules":[]}' },
    ecr_pull_through_cache_rule: { ecr_repository_prefix: 'hub', upstream_registry_url: 'quay.io' },
};

for (const [name, given] of Object.entries(configurations))
    for (const type of [name, `aws_${name}`])
        test(`${type}: the plan of a new object has what is written, and unknown what AWS says`, async (t) => {
            const { repository: resource } = await start(t, type);
            const plan = await resource.plan(given);
            assertNoErrors(plan);
            const state = decode(plan.planned_state);
            for (const [attribute, value] of Object.entries(given))
                assert.deepEqual(state[attribute], value);
            for (const { name: attribute, computed, optional } of resource.block.attributes)
                if (computed && !optional && attribute !== 'tags_all')
                    assert.ok(isUnknown(state[attribute]), attribute);
                else if (!computed && !(attribute in given))
                    assert.equal(state[attribute], null, attribute);
            assert.deepEqual(plan.requires_replace, []);
            assert.deepEqual(await resource.plan(given), plan); // the same again
        });

const variants = [
    { name: 'web' },
    { name: 'web', image_tag_mutability: 'IMMUTABLE', force_delete: true },
    { name: 'web', tags: {} },
    { name: 'web', tags: { b: '1', a: '2' }, timeouts: { delete: '1m' } },
    { name: 'web', image_scanning_configuration: [{ scan_on_push: true }] },
    { name: 'web', encryption_configuration: [{ encryption_type: 'AES256', kms_key: null }] },
];

for (const given of variants)
    test(`applied, read and planned again, nothing changes: ${JSON.stringify(given)}`, async (t) => {
        const { repository } = await created(t, given);
        const read = await repository.read();
        assertNoErrors(read);
        assertSame(read.new_state, encode(repository.state));
        assert.deepEqual(read.private, kept);
        const plan = await repository.plan(given);
        assertNoErrors(plan);
        assertSame(plan.planned_state, encode(repository.state));
        assert.deepEqual(plan.planned_private, kept);
        assert.deepEqual(plan.requires_replace, []);
    });

test('an update keeps what identifies the object', async (t) => {
    const { repository } = await created(t);
    const before = repository.state;
    const plan = await repository.plan({ name: 'web', image_tag_mutability: 'IMMUTABLE' });
    assertNoErrors(plan);
    const state = decode(plan.planned_state);
    for (const name of ['id', 'arn', 'registry_id', 'repository_url'])
        assert.equal(state[name], before[name]);
    assert.deepEqual(plan.requires_replace, []);
    await repository.apply({ name: 'web', image_tag_mutability: 'IMMUTABLE' });
    assert.equal(repository.state.image_tag_mutability, 'IMMUTABLE');
});

test('a change of the name replaces, planned in two steps', async (t) => {
    const { repository } = await created(t);
    const first = await repository.plan({ name: 'other' });
    assert.deepEqual(first.requires_replace.map(({ steps }) => steps.map((s) => s.attribute_name)), [['name']]);
    const second = await repository.plan({ name: 'other' },
        { prior: null, prior_private: first.planned_private });
    assertNoErrors(second);
    assert.ok(isUnknown(decode(second.planned_state).arn));
});

test('a destroy is planned as null with the private data, and applied', async (t) => {
    const { aws, repository } = await created(t);
    const plan = await repository.plan(null);
    assertNoErrors(plan);
    assert.equal(decode(plan.planned_state), null);
    assert.deepEqual(plan.planned_private, kept);
    const applied = await repository.applyPlan(null, plan);
    assertNoErrors(applied);
    assert.equal(decode(applied.new_state), null);
    assert.equal(aws.repositories.size, 0);
    const again = await repository.applyPlan(null, plan); // somebody else was faster
    assertNoErrors(again);
    assert.equal(decode(again.new_state), null);
});

test('apply keeps the private data', async (t) => {
    const { repository } = await start(t);
    repository.private = kept;
    await repository.apply({ name: 'web' });
    assert.deepEqual(repository.private, kept);
});

test('reading what is gone answers null', async (t) => {
    const { aws, repository } = await created(t);
    aws.repositories.clear();
    const read = await repository.read();
    assertNoErrors(read);
    assert.equal(decode(read.new_state), null);
});

const refuse = (status, body) => () => ({ status, body });
const denied = refuse(400, { __type: 'AccessDeniedException', message: 'not you' });

test('a failed read is an error beside the old state and the private data', async (t) => {
    const { aws, repository } = await created(t);
    aws.instead = denied;
    const read = await repository.read();
    assert.match(errorText(read), /AccessDeniedException: not you[^]*the-request-id/);
    assertSame(read.new_state, encode(repository.state));
    assert.deepEqual(read.private, kept);
});

test('a failed create saves nothing', async (t) => {
    const { aws, repository } = await start(t);
    const plan = await repository.plan({ name: 'web' });
    aws.instead = denied;
    const applied = await repository.applyPlan({ name: 'web' }, plan);
    assert.match(errorText(applied), /not you/);
    assert.equal(decode(applied.new_state), null);
});

test('a failed update or delete keeps the object in the state, and the private data', async (t) => {
    const { aws, repository } = await created(t);
    aws.instead = (operation) => /^(Put|Delete)/.test(operation) ? denied() : undefined;
    for (const given of [{ name: 'web', image_tag_mutability: 'IMMUTABLE' }, null]) {
        const applied = await repository.applyPlan(given, await repository.plan(given));
        assert.match(errorText(applied), /not you/);
        assertSame(applied.new_state, encode(repository.state));
        assert.deepEqual(applied.private, kept);
    }
});

test('an answer of AWS that is no UTF-8, no JSON or nothing does not break the response', async (t) => {
    const { aws, repository } = await created(t);
    const bytesOf = (...parts) => Buffer.concat(
        parts.map((part) => Buffer.from(typeof part === 'string' ? part : [part])));
    const refusals = [
        bytesOf('{"__type":"AccessDeniedException","message":"Gr', 0xfc, 0xdf, 0xe9, '"}'),
        Buffer.from('{"__type":"AccessDeniedException","message":"\\ud800 \\u0000 \ud83d\ude00"}'),
        Buffer.alloc(0),
    ];
    const nonsense = [Buffer.from([0xff, 0xfe, 0x00]), Buffer.from('<html>')];
    for (const body of [...refusals, ...nonsense]) {
        for (const status of nonsense.includes(body) ? [200, 403] : [403]) {
            aws.instead = refuse(status, body);
            const read = await repository.read();
            assert.ok(!errorText(read).includes('\0'));
            assertSame(read.new_state, encode(repository.state));
        }
    }
    aws.instead = (operation) => operation === 'ListTagsForResource'
        ? { status: 200, body: bytesOf('{"tags":[{"Key":"a","Value":"', 0xff, '"}]}') } : undefined;
    decode((await repository.read()).new_state); // which is strict
});

const stateFile = (state, indent) => ({ json: Buffer.from(JSON.stringify(state, null, indent)) });

test('stored state is read: pretty or compact, with attributes missing and too many', async (t) => {
    const { repository } = await created(t);
    const upgrade = (raw_state, version = repository.version) =>
        repository.call('UpgradeResourceState', { version, raw_state });
    for (const indent of [0, 2]) {
        const same = await upgrade(stateFile(repository.state, indent));
        assertNoErrors(same);
        assertSame(same.upgraded_state, encode(repository.state));
    }
    const { tags_all, timeouts, image_tag_mutability_exclusion_filter, ...fewer } = repository.state;
    const upgraded = await upgrade(stateFile({ ...fewer, invented: [{ a: 1.5e300 }], force_delete: 'true' }));
    assertNoErrors(upgraded);
    assert.deepEqual(decode(upgraded.upgraded_state), {
        ...repository.state, tags_all: null, timeouts: null,
        image_tag_mutability_exclusion_filter: [], force_delete: true,
    });
});

test('stored state that cannot be read is an error that says why', async (t) => {
    const { repository } = await created(t);
    const upgrade = (raw_state, version = repository.version) =>
        repository.call('UpgradeResourceState', { version, raw_state });
    assert.match(errorText(await upgrade({ flatmap: { id: 'web' } })), /0\.11/);
    assert.match(errorText(await upgrade({ json: Buffer.from('{"name":') })), /JSON/);
    assert.ok(errorText(await upgrade(undefined)));
    assert.ok(errorText(await upgrade(stateFile(null))));
    assert.match(errorText(await upgrade(stateFile({ name: [] }))), /name/);
    assert.match(errorText(await upgrade(stateFile(repository.state), 99)), /newer/);
});

for (const type of ['ecr_repository', 'aws_ecr_repository'])
    test(`import of an ${type}, read, and an empty plan`, async (t) => {
        const { aws, plugin, schema } = await created(t, { name: 'team/web', tags: { a: 'b' } });
        const resource = new Resource(plugin.connection, schema, type);
        const imported = await resource.call('ImportResourceState', { id: 'team/web' });
        assertNoErrors(imported);
        const [{ type_name, state, private: private_ }] = imported.imported_resources;
        assert.equal(imported.imported_resources.length, 1);
        assert.equal(type_name, type);
        resource.private = private_;
        const read = await resource.read(decode(state));
        assertNoErrors(read);
        resource.state = decode(read.new_state);
        resource.private = read.private;
        assert.equal(resource.state.name, 'team/web');
        const plan = await resource.plan({ name: 'team/web', tags: { a: 'b' } });
        assertNoErrors(plan);
        assertSame(plan.planned_state, read.new_state);
        assert.deepEqual(plan.requires_replace, []);
        aws.repositories.clear();
        resource.private = private_;
        assert.equal(decode((await resource.read(decode(state))).new_state), null);
    });

test('an import by a name that can be none is refused', async (t) => {
    const { repository } = await start(t);
    for (const id of ['', 'Not a Name', 'x'.repeat(300), 'a\nb', 'ä']) {
        const imported = await repository.call('ImportResourceState', { id });
        assert.match(errorText(imported), /import/i);
        assert.deepEqual(imported.imported_resources, []);
    }
});

test('diagnostics point into the configuration', async (t) => {
    const { repository } = await start(t);
    const response = await repository.call('ValidateResourceConfig', {
        config: encode(repository.object({
            name: 'web', encryption_configuration: [{ encryption_type: 'ROT13', kms_key: null }],
        })),
    });
    assert.match(errorText(response), /ROT13/);
    const [{ attribute }] = response.diagnostics;
    assert.deepEqual(attribute.steps.map((s) => [s.selector, s[s.selector]]), [
        ['attribute_name', 'encryption_configuration'], ['element_key_int', 0],
        ['attribute_name', 'encryption_type'],
    ]);
});

test('what is unknown in the plan is known when applied', async (t) => {
    const { repository } = await start(t);
    const planned = await repository.plan({ name: unknown, tags: { a: unknown } });
    assertNoErrors(planned);
    assert.ok(isUnknown(decode(planned.planned_state).name));
    await repository.apply({ name: 'web', tags: { a: 'b' } });
    assert.deepEqual(repository.state.tags, { a: 'b' });
});

test('the tags of the provider block are in tags_all', async (t) => {
    const { repository } = await start(t, 'ecr_repository', { default_tags: [{ tags: { team: 'x' } }] });
    await repository.apply({ name: 'web', tags: { a: 'b' } });
    assert.deepEqual(repository.state.tags_all, { a: 'b', team: 'x' });
    const read = await repository.read();
    assertSame(read.new_state, encode(repository.state));
});
