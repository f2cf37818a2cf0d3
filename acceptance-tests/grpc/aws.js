// A little ECR over HTTP: repositories in memory, and whatever a test puts in its way.
import { createServer } from 'node:http';

const registryId = '123456789012';

class Refusal extends Error {
    constructor(code, message, status = 400) {
        super(message);
        Object.assign(this, { code, status });
    }
}

const operations = {
    CreateRepository(aws, input) {
        const name = input.repositoryName;
        if (aws.repositories.has(name))
            throw new Refusal('RepositoryAlreadyExistsException', `${name} exists`);
        const repository = {
            repositoryName: name,
            repositoryArn: `arn:aws:ecr:eu-central-1:${registryId}:repository/${name}`,
            registryId,
            repositoryUri: `${registryId}.dkr.ecr.eu-central-1.amazonaws.com/${name}`,
            createdAt: 1700000000.5,
            imageTagMutability: input.imageTagMutability ?? 'MUTABLE',
            imageScanningConfiguration: input.imageScanningConfiguration ?? { scanOnPush: false },
            encryptionConfiguration: input.encryptionConfiguration ?? { encryptionType: 'AES256' },
        };
        aws.repositories.set(name, { repository, tags: input.tags ?? [] });
        return { repository };
    },
    DescribeRepositories(aws, input) {
        return { repositories: input.repositoryNames.map((name) => aws.find(name).repository) };
    },
    ListTagsForResource(aws, input) {
        return { tags: aws.find(input.resourceArn.split(':repository/')[1]).tags };
    },
    PutImageTagMutability(aws, input) {
        const { repository } = aws.find(input.repositoryName);
        repository.imageTagMutability = input.imageTagMutability;
        return { registryId, ...input };
    },
    DeleteRepository(aws, input) {
        const { repository } = aws.find(input.repositoryName);
        aws.repositories.delete(input.repositoryName);
        return { repository };
    },
};

export class FakeAws {
    static async start(t) {
        const aws = new FakeAws();
        await new Promise((listening) => aws.server.listen(0, '127.0.0.1', listening));
        aws.url = `http://127.0.0.1:${aws.server.address().port}`;
        t.after(() => aws.stop());
        return aws;
    }

    constructor() {
        this.repositories = new Map();
        this.calls = [];
        this.delay_ms = 0;
        this.hangs = () => false; // calls that are never answered
        this.instead = () => undefined; // { status, body } instead of the ordinary answer
        this.server = createServer((request, response) => this.receive(request, response));
        this.server.keepAliveTimeout = 60000;
    }

    stop() {
        this.server.closeAllConnections();
        this.server.close();
    }

    find(name) {
        const found = this.repositories.get(name);
        if (!found)
            throw new Refusal('RepositoryNotFoundException', `no repository ${name}`);
        return found;
    }

    receive(request, response) {
        const parts = [];
        request.on('data', (part) => parts.push(part)).on('end', () => {
            const operation = request.headers['x-amz-target'].split('.')[1];
            const input = JSON.parse(Buffer.concat(parts).toString());
            this.calls.push({ operation, input });
            if (!this.hangs(operation, input))
                setTimeout(() => this.answer(operation, input, response), this.delay_ms);
        });
    }

    answer(operation, input, response) {
        const { status, body } = this.instead(operation, input) ?? this.act(operation, input);
        response.writeHead(status, {
            'Content-Type': 'application/x-amz-json-1.1', 'x-amzn-RequestId': 'the-request-id',
        });
        response.end(Buffer.isBuffer(body) ? body : JSON.stringify(body));
    }

    act(operation, input) {
        try {
            return { status: 200, body: operations[operation](this, input) };
        } catch (e) {
            return e instanceof Refusal
                ? { status: e.status, body: { __type: e.code, message: e.message } }
                : { status: 500, body: { __type: 'ServerException', message: String(e) } };
        }
    }

    count(operation) { return this.calls.filter((call) => call.operation === operation).length; }
}
