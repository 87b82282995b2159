// The public gRPC interoperability cases, driven by @grpc/grpc-js: a client that is not ours.
//
//   node client.js --protos DIR --target ADDRESS [--ca FILE [--cert FILE --key FILE]] [CASE...]
//
// ADDRESS is 127.0.0.1:PORT or unix:PATH. Without CASE all of them run. Each prints one line of JSON when it ends:
// {"case": NAME, "ok": true or false, "error": TEXT, "ms": NUMBER}. The exit code is 0 when every case was run, however it
// went. The modules are looked up in the working directory, where `npm ci` put them. Written for node 12, which Ubuntu 22.04
// has, and later.
'use strict';

const { createRequire } = require('module');
const path = require('path');
const { performance } = require('perf_hooks');
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

function parse(words) {
  const options = {};
  const names = [];
  for (let i = 0; i < words.length; i += 1) {
    if (['--protos', '--target', '--ca', '--cert', '--key'].includes(words[i])) {
      options[words[i].slice(2)] = words[i + 1];
      i += 1;
    } else if (words[i] in cases) {
      names.push(words[i]);
    } else {
      throw new Error(`neither an option nor a case: ${words[i]}`);
    }
  }
  return { options, names: names.length > 0 ? names : Object.keys(cases) };
}

async function main() {
  const { options, names } = parse(process.argv.slice(2));
  const peer = new Peer(fromHere('@grpc/grpc-js'), fromHere('@grpc/proto-loader'), options);
  for (const name of names) await run(name, peer);
  peer.close();
}

main().catch(error => {
  console.error(error);
  process.exitCode = 1;
});
