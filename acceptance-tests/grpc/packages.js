// The npm packages, which are installed below build/ and not beside these files.
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const folder = dirname(fileURLToPath(import.meta.url));

const installed = process.env.GRPC_TEST_PACKAGES ?? join(folder, '../../build/grpc');
const require = createRequire(join(installed, 'package.json'));

export const grpc = require('@grpc/grpc-js');
export const protoLoader = require('@grpc/proto-loader');
export const msgpack = require('@msgpack/msgpack');
