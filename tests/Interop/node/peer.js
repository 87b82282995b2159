// The server under test as grpc-js sees it, and what every case needs to ask of it.
'use strict';

const assert = require('assert');
const fs = require('fs');

const LIMIT = 20_000; // milliseconds for one call; nothing here takes one second

class Peer {
  constructor(grpc, loader, { protos, target, ca, cert, key }) {
    this.grpc = grpc;
    this.target = target;
    const read = file => (file ? fs.readFileSync(file) : null);
    this.tls = ca ? { ca: read(ca), key: read(key), cert: read(cert) } : null;

    const definition = loader.loadSync('grpc/testing/test.proto', {
      includeDirs: [protos], keepCase: true, defaults: true, longs: Number,
    });
    this.package = grpc.loadPackageDefinition(definition).grpc.testing;
    this.credentials = this.tls
      ? grpc.credentials.createSsl(this.tls.ca, this.tls.key, this.tls.cert)
      : grpc.credentials.createInsecure();
    this.client = this.open(this.package.TestService);
    // grpc-js compresses by channel, so what is sent compressed goes over a second one. Its cases share it on purpose: from
    // the second call on, grpc-js only compresses if it could read the server's grpc-accept-encoding, and it cannot read
    // one with blanks after the commas.
    this.gzip = this.open(this.package.TestService, {
      'grpc.default_compression_algorithm': grpc.compressionAlgorithms.gzip,
    });
  }

  open(service, options = {}) {
    const names = this.tls ? { 'grpc.ssl_target_name_override': 'localhost', 'grpc.default_authority': 'localhost' } : {};
    return new service(this.target, this.credentials, { ...names, ...options });
  }

  close() {
    this.client.close();
    this.gzip.close();
  }

  options() {
    return { deadline: Date.now() + LIMIT };
  }
}

function payload(size) {
  return { type: 'COMPRESSABLE', body: Buffer.alloc(size) };
}

function expectZeros(actual, size) {
  assert.strictEqual(actual.body.length, size, 'payload size');
  assert.ok(actual.body.equals(Buffer.alloc(size)), 'payload is not all zeros');
}

/** A unary call as a promise of the response. `start` gets the callback. */
function unary(start) {
  return new Promise((resolve, reject) => start((error, response) => (error ? reject(error) : resolve(response))));
}

/** All responses of a stream and its final status; rejects when that is not OK. */
function collect(call) {
  return new Promise((resolve, reject) => {
    const responses = [];
    call.on('data', response => responses.push(response));
    call.on('error', reject);
    call.on('end', () => resolve(responses));
  });
}

/** The promise must end in a status with this code, and this text if one is given. */
async function expectStatus(promise, code, details) {
  let error;
  try {
    await promise;
  } catch (thrown) {
    error = thrown;
  }
  assert.ok(error, `the call succeeded; expected status ${code}`);
  assert.strictEqual(error.code, code, `status: ${error.message}`);
  if (details !== undefined) assert.strictEqual(error.details, details, 'status message');
}

module.exports = { Peer, payload, expectZeros, unary, collect, expectStatus };
