// The interoperability cases that need unary calls only.
'use strict';

const assert = require('assert');
const { payload, expectZeros, unary, collect, expectStatus } = require('./peer.js');
const { compressedFlags } = require('./wire.js');

function simple(fields) {
  return { response_size: 314159, payload: payload(271828), ...fields };
}

async function empty_unary(peer) {
  assert.deepStrictEqual(await unary(done => peer.client.emptyCall({}, peer.options(), done)), {});
}

async function large_unary(peer) {
  const response = await unary(done => peer.client.unaryCall(simple(), peer.options(), done));
  expectZeros(response.payload, 314159);
}

async function client_compressed_unary(peer) {
  const compressed = simple({ expect_compressed: { value: true } });
  const plain = simple({ expect_compressed: { value: false } });
  await expectStatus(
    unary(done => peer.client.unaryCall(compressed, peer.options(), done)), peer.grpc.status.INVALID_ARGUMENT);
  expectZeros((await unary(done => peer.gzip.unaryCall(compressed, peer.options(), done))).payload, 314159);
  expectZeros((await unary(done => peer.client.unaryCall(plain, peer.options(), done))).payload, 314159);
}

async function server_compressed_unary(peer) {
  // grpc-js does not show the compressed flag. So each call is made twice: with grpc-js, which must be able to read the
  // answer, and over node's own HTTP/2, where the flag is the first byte of the message.
  for (const wanted of [true, false]) {
    const request = simple({ response_compressed: { value: wanted } });
    const response = await unary(done => peer.client.unaryCall(request, peer.options(), done));
    expectZeros(response.payload, 314159);
    const flags = await compressedFlags(peer, peer.package.TestService.service.UnaryCall, request);
    assert.deepStrictEqual(flags, [wanted], 'compressed flags');
  }
}

async function custom_metadata(peer) {
  const { client, grpc } = peer;
  const sent = new grpc.Metadata();
  sent.set('x-grpc-test-echo-initial', 'test_initial_metadata_value');
  sent.set('x-grpc-test-echo-trailing-bin', Buffer.from([0xab, 0xab, 0xab]));

  async function check(start) {
    let call;
    const echoed = new Promise((resolve, reject) => {
      call = start(reject);
      let initial;
      call.on('metadata', metadata => { initial = metadata; });
      call.on('status', status => resolve({ initial, trailing: status.metadata }));
    });
    const { initial, trailing } = await echoed;
    assert.deepStrictEqual(initial.get('x-grpc-test-echo-initial'), ['test_initial_metadata_value'], 'initial metadata');
    assert.deepStrictEqual(
      trailing.get('x-grpc-test-echo-trailing-bin'), [Buffer.from([0xab, 0xab, 0xab])], 'trailing metadata');
  }

  await check(failed => client.unaryCall(simple(), sent, peer.options(), error => error && failed(error)));

  await check(failed => {
    const call = client.fullDuplexCall(sent, peer.options());
    collect(call).then(responses => {
      assert.strictEqual(responses.length, 1, 'number of responses');
      expectZeros(responses[0].payload, 314159);
    }).catch(failed);
    call.end({ response_parameters: [{ size: 314159 }], payload: payload(271828) });
    return call;
  });
}

async function status_code_and_message(peer) {
  const response_status = { code: 2, message: 'test status message' };
  await expectStatus(
    unary(done => peer.client.unaryCall({ response_status }, peer.options(), done)), 2, response_status.message);
  const call = peer.client.fullDuplexCall(peer.options());
  const responses = collect(call);
  call.end({ response_status });
  await expectStatus(responses, 2, response_status.message);
}

async function special_status_message(peer) {
  const message = '\t\ntest with whitespace\r\nand Unicode BMP \u263a and non-BMP \u{1f608}\t\n';
  const request = { response_status: { code: 2, message } };
  await expectStatus(unary(done => peer.client.unaryCall(request, peer.options(), done)), 2, message);
}

async function unimplemented_method(peer) {
  await expectStatus(
    unary(done => peer.client.unimplementedCall({}, peer.options(), done)), peer.grpc.status.UNIMPLEMENTED);
}

async function unimplemented_service(peer) {
  const client = peer.open(peer.package.UnimplementedService);
  try {
    await expectStatus(unary(done => client.unimplementedCall({}, peer.options(), done)), peer.grpc.status.UNIMPLEMENTED);
  } finally {
    client.close();
  }
}

module.exports = {
  empty_unary, large_unary, client_compressed_unary, server_compressed_unary, custom_metadata, status_code_and_message,
  special_status_message, unimplemented_method, unimplemented_service,
};
