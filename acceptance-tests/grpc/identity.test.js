// Identities as Terraform 1.12 and newer ask for them, keep them and import by them; and moves.
import assert from 'node:assert/strict';
import test from 'node:test';

import { FakeAws } from './aws.js';
import { startPlugin } from './plugin.js';
import { Resource, assertNoErrors, configure, decode, encode, errorText } from './terraform.js';

const whole = { account_id: '123456789012', name: 'web', region: 'eu-central-1' };

const message = (identity) => ({ identity_data: encode(identity) });

const identityIn = (answer) => answer && decode(answer.identity_data);

async function start(t, type = 'ecr_repository') {
    const aws = await FakeAws.start(t);
    const plugin = await startPlugin(t, { AWS_MAX_ATTEMPTS: '1', AWS_ENDPOINT_URL_STS: aws.url });
    const schema = await configure(plugin, aws);
    return { aws, plugin, repository: new Resource(plugin.connection, schema, type) };
}

test('every resource has an identity schema that core accepts', async (t) => {
    const { plugin } = await start(t);
    const { resource_schemas } = await plugin.connection.call('GetProviderSchema');
    const { identity_schemas } = await plugin.connection.call('GetResourceIdentitySchemas');
    assert.deepEqual(Object.keys(identity_schemas).sort(), Object.keys(resource_schemas).sort());
    for (const { version, identity_attributes } of Object.values(identity_schemas)) {
        assert.equal(Number(version), 0);
        assert.equal(identity_attributes.filter((attribute) => attribute.required_for_import).length, 1);
        for (const attribute of identity_attributes) {
            assert.notEqual(attribute.required_for_import, attribute.optional_for_import);
            assert.equal(JSON.parse(attribute.type), 'string');
            assert.ok(attribute.description);
        }
    }
});

test('a create answers with the identity, a read with the same', async (t) => {
    const { repository } = await start(t);
    const plan = await repository.plan({ name: 'web' });
    assertNoErrors(plan);
    const applied = await repository.applyPlan({ name: 'web' }, plan);
    assertNoErrors(applied);
    assert.deepEqual(identityIn(applied.new_identity), whole);
    const state = decode(applied.new_state);
    for (const current_identity of [null, message(whole), message({ ...whole, account_id: null })]) {
        const read = await repository.read(state, { current_identity });
        assertNoErrors(read);
        assert.deepEqual(identityIn(read.new_identity), identityIn(current_identity) ?? whole);
    }
});

test('a plan of a change gives the identity back, a plan of a create has none', async (t) => {
    const { repository } = await start(t);
    assert.equal((await repository.plan({ name: 'web' })).planned_identity, null);
    await repository.apply({ name: 'web' });
    const plan = await repository.plan({ name: 'web', force_delete: true }, { prior_identity: message(whole) });
    assertNoErrors(plan);
    assert.deepEqual(identityIn(plan.planned_identity), whole);
});

test('an object that is gone, or destroyed, has no identity', async (t) => {
    const { aws, repository } = await start(t);
    await repository.apply({ name: 'web' });
    const destroyed = await repository.call('ApplyResourceChange', {
        prior_state: encode(repository.state), planned_state: encode(null), config: encode(null),
        planned_private: Buffer.alloc(0), planned_identity: message(whole),
    });
    assertNoErrors(destroyed);
    assert.equal(destroyed.new_identity, null);
    assert.equal(aws.repositories.size, 0);
    const read = await repository.read(repository.state, { current_identity: message(whole) });
    assertNoErrors(read);
    assert.equal(decode(read.new_state), null);
    assert.equal(read.new_identity, null);
});

test('an import by identity reads what it names, and refuses another account', async (t) => {
    const { repository } = await start(t);
    await repository.apply({ name: 'web' });
    const imported = async (identity) => {
        const answer = await repository.call('ImportResourceState', { id: '', identity: message(identity) });
        assertNoErrors(answer);
        const [object] = answer.imported_resources;
        return { object, read: await repository.read(decode(object.state), {
            private: object.private, current_identity: object.identity,
        }) };
    };
    const { object, read } = await imported(whole);
    assertNoErrors(read);
    assert.deepEqual(identityIn(object.identity), whole);
    assert.deepEqual(identityIn(read.new_identity), whole);
    assert.deepEqual(decode(read.new_state), repository.state);
    assert.match(errorText((await imported({ ...whole, account_id: '222222222222' })).read), /account_id "222222222222"/);
});

test('an identity without its name, or in another form, imports nothing', async (t) => {
    const { repository } = await start(t);
    for (const identity of [{ ...whole, name: null }, { ...whole, name: ['web'] }, ['web'], 'web', { ...whole, name: 'No Name' }]) {
        const answer = await repository.call('ImportResourceState', { id: '', identity: message(identity) });
        errorText(answer);
        assert.deepEqual(answer.imported_resources, []);
    }
});

test('a stored identity, of hashicorp/aws too, comes back in this shape', async (t) => {
    const { repository } = await start(t);
    const upgrade = (text) => repository.call('UpgradeResourceIdentity', {
        version: 0, raw_identity: { json: Buffer.from(text), flatmap: {} },
    });
    const answer = await upgrade(JSON.stringify(whole, null, 2));
    assertNoErrors(answer);
    assert.deepEqual(identityIn(answer.upgraded_identity), whole);
    for (const text of ['', '{', '[]', '{"name": 7}'])
        errorText(await upgrade(text));
});

test('state moves here from hashicorp/aws and from nowhere else', async (t) => {
    const { repository } = await start(t);
    await repository.apply({ name: 'web' });
    const { region, ...theirs } = repository.state;
    const move = (source_provider_address, source_type_name) => repository.call('MoveResourceState', {
        source_provider_address, source_type_name, source_schema_version: 0, target_type_name: 'ecr_repository',
        source_state: { json: Buffer.from(JSON.stringify({ ...theirs, more: [1] })), flatmap: {} },
        source_private: Buffer.from([0, 255]),
    });
    const moved = await move('registry.terraform.io/hashicorp/aws', 'aws_ecr_repository');
    assertNoErrors(moved);
    assert.deepEqual(decode(moved.target_state), { ...theirs, region });
    assert.equal(moved.target_private.length, 0);
    for (const [address, type] of [['registry.terraform.io/hashicorp/aws', 'aws_s3_bucket'], ['', ''],
        ['registry.terraform.io/hashicorp/awscc', 'aws_ecr_repository']]) {
        const refused = await move(address, type);
        assert.match(errorText(refused), /cannot become ecr_repository/);
        assert.equal(decode(refused.target_state), null);
    }
});
