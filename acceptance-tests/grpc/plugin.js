// A provider process, started and talked to as Terraform does it.
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { folder, grpc, protoLoader } from './packages.js';

export const binary = resolve(
    process.env.PROVIDER_BINARY ?? join(folder, '../../build/terraform-provider-ecr'));

export const cookie = 'd602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2';

const definitions = protoLoader.loadSync(
    ['tfplugin6.proto', 'host.proto', 'health.proto'].map((file) => join(folder, 'proto', file)),
    { keepCase: true, longs: Number, enums: String, defaults: true, oneofs: true });
const services = grpc.loadPackageDefinition(definitions);

// A certificate like the one that Terraform makes for each process.
export function makeCertificate() {
    const directory = mkdtempSync(join(tmpdir(), 'ecr-grpc-'));
    const [key, cert] = [join(directory, 'key'), join(directory, 'cert')];
    try {
        execFileSync('openssl', [
            'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-521', '-sha512',
            '-nodes', '-days', '10000', '-subj', '/O=HashiCorp/CN=localhost',
            '-addext', 'subjectAltName=DNS:localhost',
            '-addext', 'extendedKeyUsage=clientAuth,serverAuth',
            '-addext', 'keyUsage=critical,digitalSignature,keyEncipherment,keyAgreement,keyCertSign',
            '-keyout', key, '-out', cert,
        ], { stdio: 'pipe' });
        return { key: readFileSync(key), cert: readFileSync(cert) };
    } finally {
        rmSync(directory, { recursive: true });
    }
}

export const certificate = makeCertificate();

// For a binary that was built with one.
const sanitizerOptions = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => name.endsWith('SAN_OPTIONS')));

export const underSanitizer = Object.keys(sanitizerOptions).length > 0;

const started = new Set();
process.on('exit', () => started.forEach(killGroup));

// A process started by a shell has children; all are one group.
function killGroup(child, signal = 'SIGKILL') {
    try {
        process.kill(-child.pid, signal);
    } catch {
        // it has ended
    }
}

// The process without any talk to it. `settings` replaces what Terraform sets; undefined unsets.
export class Process {
    constructor(settings = {}, { args = [], shell } = {}) {
        const env = {
            PATH: process.env.PATH,
            HOME: '/nonexistent',
            TMPDIR: tmpdir(),
            TF_PLUGIN_MAGIC_COOKIE: cookie,
            PLUGIN_PROTOCOL_VERSIONS: '5,6',
            PLUGIN_MIN_PORT: '10000',
            PLUGIN_MAX_PORT: '25000',
            PLUGIN_CLIENT_CERT: certificate.cert.toString(),
            AWS_EC2_METADATA_DISABLED: 'true',
            BINARY: binary,
            ...sanitizerOptions,
            ...settings,
        };
        const [command, list] = shell ? ['bash', ['-c', shell]] : [binary, args];
        this.child = spawn(command, list, {
            env, stdio: ['ignore', 'pipe', 'pipe'], detached: true,
        });
        this.out = '';
        this.err = '';
        this.child.stdout.on('data', (data) => { this.out += data; });
        this.child.stderr.on('data', (data) => { this.err += data; });
        this.ended = new Promise((done) => this.child.on('exit', (code, signal) => {
            started.delete(this.child);
            this.exit = { code, signal };
            done(this.exit);
        }));
        started.add(this.child);
    }

    get pid() { return this.child.pid; }

    // The end of the process, or undefined when it does not come in time.
    end(ms) {
        return Promise.race([this.ended, sleep(ms, undefined, { ref: false })]);
    }

    // Waits until stdout matches.
    async says(pattern, ms = 10000) {
        for (const until = Date.now() + ms; Date.now() < until && !this.exit; await sleep(2))
            if (pattern.test(this.out))
                return this.out.match(pattern);
        throw new Error(`no ${pattern} on stdout, but ${this.out}; stderr: ${this.err}`);
    }

    async handshake() {
        const [line] = await this.says(/^.*\n/);
        const fields = line.slice(0, -1).split('|');
        const [core, app, network, address, protocol, der] = fields;
        this.directory = network === 'unix' ? dirname(address) : undefined;
        return { line, fields, core, app, network, address, protocol, der };
    }

    kill(signal) { killGroup(this.child, signal); }

    // What a killed process cannot clear away, this does.
    destroy() {
        this.kill('SIGKILL');
        if (this.directory)
            rmSync(this.directory, { recursive: true, force: true });
    }
}

export function pem(der) {
    const lines = Buffer.from(der, 'base64').toString('base64').match(/.{1,64}/g);
    return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
}

// Diagnostics as text; throws where Terraform would not take the response.
function readable(response) {
    const text = new TextDecoder('utf-8', { fatal: true });
    for (const diagnostic of response.diagnostics ?? []) {
        diagnostic.summary = text.decode(diagnostic.summary);
        diagnostic.detail = text.decode(diagnostic.detail);
    }
    return response;
}

// A connection: calls and go-plugin's two streams.
export class Connection {
    constructor(handshake, { tls = Boolean(handshake.der), identity = certificate } = {}) {
        const { key, cert } = identity ?? {};
        const credentials = tls
            ? grpc.credentials.createSsl(Buffer.from(pem(handshake.der)), key ?? null, cert ?? null)
            : grpc.credentials.createInsecure();
        const target = handshake.network === 'unix'
            ? `unix:${handshake.address}` : handshake.address;
        const options = {
            'grpc.ssl_target_name_override': 'localhost',
            'grpc.default_authority': 'localhost',
            'grpc.max_receive_message_length': -1,
            'grpc.max_send_message_length': -1,
            'grpc.use_local_subchannel_pool': 1,
            'grpc.enable_retries': 0,
        };
        const client = (service) => new service(target, credentials, options);
        this.provider = client(services.tfplugin6.Provider);
        const share = { ...options, channelOverride: this.provider.getChannel() };
        const sharing = (service) => new service(target, credentials, share);
        this.controller = sharing(services.plugin.GRPCController);
        this.stdio = sharing(services.plugin.GRPCStdio);
        this.broker = sharing(services.plugin.GRPCBroker);
        this.healthService = sharing(services.grpc.health.v1.Health);
        this.streams = [];
    }

    openStreams() {
        this.streams = [this.stdio.StreamStdio({}), this.broker.StartStream()];
        for (const stream of this.streams)
            stream.on('error', () => {}).on('data', () => { this.streamed = true; });
    }

    // Sends a request. The promise has .call, which can be cancelled.
    call(method, request = {}, { ms = 20000, client = this.provider } = {}) {
        let call;
        const promise = new Promise((done, failed) => {
            call = client[method](request, { deadline: Date.now() + ms },
                (error, response) => error ? failed(error) : done(response));
        }).then(readable);
        promise.call = call;
        return promise;
    }

    health() { return this.call('Check', { service: 'plugin' }, { client: this.healthService }); }

    shutdown() { return this.call('Shutdown', {}, { client: this.controller }); }

    close() {
        this.streams.forEach((stream) => stream.cancel());
        this.provider.close();
    }
}

// A process, connected, with the streams open. Ends with the test.
export async function startPlugin(t, settings = {}, options = {}) {
    const process_ = new Process(settings, options);
    t.after(() => process_.destroy());
    const handshake = await process_.handshake();
    const connection = new Connection(handshake);
    t.after(() => connection.close());
    if (options.streams ?? true)
        connection.openStreams();
    return { process: process_, handshake, connection, call: connection.call.bind(connection) };
}

export function directoryOf(handshake) { return dirname(handshake.address); }

export function leftBehind(handshake) {
    return existsSync(handshake.address) || existsSync(directoryOf(handshake));
}

// What a process has in memory.
export function residentKiB(pid) {
    return Number(readFileSync(`/proc/${pid}/status`, 'utf8').match(/VmRSS:\s+(\d+)/)[1]);
}

// The shortest of three runs: this machine has other work too.
export async function fastest(run) {
    const times = [];
    for (let i = 0; i < 3; i++)
        times.push(await run());
    return Math.min(...times);
}

export async function until(condition, ms, step = 10) {
    for (const end = Date.now() + ms; Date.now() < end; await sleep(step))
        if (await condition())
            return true;
    return false;
}
