// Terraform's part in the life of an object: values in its encoding, and what core sends with each
// call and demands of each answer.
import assert from 'node:assert/strict';

import { msgpack } from './packages.js';

const { ExtData } = msgpack;

export const unknown = new ExtData(0, new Uint8Array([0]));

export const isUnknown = (value) => value instanceof ExtData;

// A DynamicValue. Keys in order, as Terraform writes them.
export function encode(value) {
    return { msgpack: Buffer.from(msgpack.encode(value, { sortKeys: true })) };
}

// Strict: the bytes must be those that Terraform itself would write, so keys are in order and text
// is valid UTF-8.
export function decode(dynamic) {
    if (!dynamic || !dynamic.msgpack.length)
        return null;
    const value = msgpack.decode(dynamic.msgpack);
    assertSame(dynamic, encode(value));
    return value;
}

export function assertSame(dynamic, wanted) {
    assert.equal(dynamic.msgpack.toString('latin1'), wanted.msgpack.toString('latin1'));
}

export function errors(response) {
    return response.diagnostics.filter((d) => d.severity === 'ERROR');
}

export function assertNoErrors(response) {
    assert.deepEqual(errors(response), []);
}

// The text of the only error, which must be one that a person can read.
export function errorText(response) {
    assert.equal(errors(response).length, 1, JSON.stringify(response.diagnostics));
    const [{ summary, detail }] = errors(response);
    assert.ok(summary && detail);
    return `${summary}\n${detail}`;
}

// A whole object of a schema block: what is not given is null, a list of blocks is empty.
export function object(block, given) {
    const whole = {};
    for (const { name } of block.attributes)
        whole[name] = given[name] ?? null;
    for (const { type_name, nesting } of block.block_types)
        whole[type_name] = given[type_name] ?? (nesting === 'SINGLE' ? null : []);
    for (const name of Object.keys(given))
        assert.ok(name in whole, `the schema has no ${name}`);
    return whole;
}

export class Resource {
    constructor(connection, schema, type) {
        Object.assign(this, { connection, type, block: schema.resource_schemas[type].block });
        this.version = schema.resource_schemas[type].version;
        this.private = Buffer.alloc(0);
        this.state = null;
    }

    call(method, request, options) {
        return this.connection.call(method, { type_name: this.type, ...request }, options);
    }

    object(given) { return object(this.block, given); }

    // What core proposes: the configuration, with the prior value where a computed one is left out.
    proposed(config, prior) {
        const merged = { ...config };
        for (const { name, computed } of this.block.attributes)
            if (computed && config[name] === null)
                merged[name] = prior?.[name] ?? null;
        return merged;
    }

    plan(given, { prior = this.state, ...more } = {}) {
        const config = given && this.object(given);
        return this.call('PlanResourceChange', {
            prior_state: encode(prior),
            proposed_new_state: encode(config && this.proposed(config, prior)),
            config: encode(config),
            prior_private: this.private,
            client_capabilities: {},
            ...more,
        });
    }

    applyPlan(given, plan, options) {
        return this.call('ApplyResourceChange', {
            prior_state: encode(this.state),
            planned_state: plan.planned_state,
            config: encode(given && this.object(given)),
            planned_private: plan.planned_private,
        }, options);
    }

    // Plans and applies; the state is the new one.
    async apply(given) {
        const plan = await this.plan(given);
        assertNoErrors(plan);
        const applied = await this.applyPlan(given, plan);
        assertNoErrors(applied);
        this.assertKeepsPromises(decode(plan.planned_state), decode(applied.new_state));
        this.state = decode(applied.new_state);
        this.private = applied.private;
        return this.state;
    }

    assertKeepsPromises(planned, result) {
        for (const [name, value] of Object.entries(planned ?? {})) {
            assert.ok(!isUnknown(result[name]), `${name} is still unknown`);
            if (!isUnknown(value))
                assert.deepEqual(result[name], value, name);
        }
    }

    read(state = this.state, more = {}) {
        return this.call('ReadResource', {
            current_state: encode(state), private: this.private, client_capabilities: {}, ...more,
        });
    }
}

export async function configure({ connection }, aws, given = {}) {
    const schema = await connection.call('GetProviderSchema');
    const response = await connection.call('ConfigureProvider', {
        terraform_version: '1.11.4',
        config: encode(object(schema.provider.block, {
            region: 'eu-central-1', access_key: 'AKIATEST', secret_key: 'secret',
            endpoints: [{ ecr: aws.url, sts: null }], ...given,
        })),
        client_capabilities: {},
    });
    assertNoErrors(response);
    return schema;
}
