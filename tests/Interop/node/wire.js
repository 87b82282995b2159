// One call over node's own HTTP/2 client, to see what grpc-js hides: which response messages had the compressed flag.
'use strict';

const assert = require('assert');
const http2 = require('http2');
const net = require('net');
const tls = require('tls');

function connect(peer) {
  const authority = `${peer.tls ? 'https' : 'http'}://localhost`;
  return http2.connect(authority, {
    createConnection() {
      const where = peer.target.startsWith('unix:')
        ? { path: peer.target.slice('unix:'.length) }
        : { host: peer.target.split(':')[0], port: Number(peer.target.split(':')[1]) };
      return peer.tls
        ? tls.connect({ ...where, ...peer.tls, servername: 'localhost', ALPNProtocols: ['h2'] })
        : net.connect(where);
    },
  });
}

/** The compressed flag of each response message of a method with one request. The status must be OK. */
async function compressedFlags(peer, method, request) {
  const message = method.requestSerialize(request);
  const frame = Buffer.alloc(5 + message.length);
  frame.writeUInt32BE(message.length, 1);
  message.copy(frame, 5);

  const session = connect(peer);
  try {
    const { body, status } = await new Promise((resolve, reject) => {
      session.on('error', reject);
      const stream = session.request({
        ':method': 'POST', ':path': method.path, 'content-type': 'application/grpc', te: 'trailers',
        'grpc-accept-encoding': 'identity,gzip',
      });
      const chunks = [];
      let status;
      stream.on('response', headers => { status = headers['grpc-status']; });
      stream.on('trailers', trailers => { status = trailers['grpc-status']; });
      stream.on('data', chunk => chunks.push(chunk));
      stream.on('error', reject);
      stream.on('end', () => resolve({ body: Buffer.concat(chunks), status }));
      stream.end(frame);
    });
    assert.strictEqual(status, '0', 'grpc-status');
    const flags = [];
    for (let at = 0; at < body.length; at += 5 + body.readUInt32BE(at + 1)) flags.push(body[at] === 1);
    return flags;
  } finally {
    session.close();
  }
}

module.exports = { compressedFlags };
