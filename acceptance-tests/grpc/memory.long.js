// What a long life costs: 10,000 plans and reads on one process, one after the other and 64 at a time.
import assert from 'node:assert/strict';
import test from 'node:test';

import { FakeAws } from './aws.js';
import { residentKiB, startPlugin } from './plugin.js';
import { Resource, assertNoErrors, configure } from './terraform.js';

// The warm-up lasts until 64 calls have met in their dearest moments.
const CALLS = 10000, WARM_UP = 5000, LIMIT_KIB = 1024;

const filters = ['prod-*', 'staging-*', 'release-*', 'v*', 'latest']
    .map((filter) => ({ filter, filter_type: 'WILDCARD' }));

// Every other call is a plan; tags of 0 to 8 KiB, so that no two neighbours are alike; filters,
// which the process remembers for plans of other resources.
function callNumber(i, repository) {
    return i % 2 ? repository.read() : repository.plan({
        name: 'web', tags: { run: `${i}`.padEnd(i * 37 % 8192) },
        image_tag_mutability: 'IMMUTABLE_WITH_EXCLUSION', image_tag_mutability_exclusion_filter: filters,
    });
}

async function callMany(count, together, repository) {
    for (let i = 0; i < count; i += together) {
        const calls = Array.from({ length: Math.min(together, count - i) },
            (_, j) => callNumber(i + j, repository));
        (await Promise.all(calls)).forEach(assertNoErrors);
    }
}

for (const together of [1, 64])
    test(`${CALLS} plans and reads, ${together} at a time, do not grow the process by 1 MiB`, async (t) => {
        const aws = await FakeAws.start(t);
        const plugin = await startPlugin(t);
        const schema = await configure(plugin, aws);
        const repository = new Resource(plugin.connection, schema, 'ecr_repository');
        await repository.apply({ name: 'web' });
        await callMany(WARM_UP, together, repository);
        const before = residentKiB(plugin.process.pid);
        await callMany(CALLS, together, repository);
        const after = residentKiB(plugin.process.pid);
        console.log(`${together} at a time: ${before} KiB after ${WARM_UP} calls, ${after} KiB after ${CALLS} more`);
        assert.ok(after - before <= LIMIT_KIB, `grown by ${after - before} KiB`);
    });
