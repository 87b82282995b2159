// The public gRPC interoperability cases, driven by @grpc/grpc-js: a client that is not ours.
//
//   node client.js --protos DIR --target ADDRESS [--ca FILE [--cert FILE --key FILE]] [CASE...]
//
// ADDRESS is 127.0.0.1:PORT or unix:PATH. Without CASE all of them run. Each prints one line of JSON when it ends:
// {"case": NAME, "ok": true or false, "error": TEXT, "ms": NUMBER}. The exit code is 0 when every case was run, however it
// went. The modules are looked up in the working directory, where `npm ci` put them.
'use strict';

const { createRequire } = require('node:module');
const { parseArgs } = require('node:util');
const path = require('node:path');
const { Peer } = require('./peer.js');

const fromHere = createRequire(path.join(process.cwd(), 'package.json'));
const cases = { ...require('./unary.js'), ...require('./streams.js') };

async function run(name, peer) {
  const started = performance.now();
  let error = '';
  try {
    await cases[name](peer);
  } catch (thrown) {
    error = thrown.stack || String(thrown);
  }
  const ms = Math.round(performance.now() - started);
  console.log(JSON.stringify({ case: name, ok: error === '', error, ms }));
}

async function main() {
  const text = { type: 'string' };
  const { values, positionals } = parseArgs({
    options: { protos: text, target: text, ca: text, cert: text, key: text },
    allowPositionals: true,
  });
  const unknown = positionals.filter(name => !(name in cases));
  if (unknown.length > 0) throw new Error(`no such case: ${unknown.join(', ')}`);

  const peer = new Peer(fromHere('@grpc/grpc-js'), fromHere('@grpc/proto-loader'), values);
  for (const name of positionals.length > 0 ? positionals : Object.keys(cases)) await run(name, peer);
  peer.close();
}

main();
