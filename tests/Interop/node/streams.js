// The interoperability cases about streams, cancelling and deadlines.
'use strict';

const assert = require('assert');
const { payload, expectZeros, unary, collect, expectStatus } = require('./peer.js');
const { compressedFlags } = require('./wire.js');

const NO_COMPRESS = 2; // grpc.WriteFlags.NO_COMPRESS

async function client_streaming(peer) {
  const response = await unary(done => {
    const call = peer.client.streamingInputCall(peer.options(), done);
    for (const size of [27182, 8, 1828, 45904]) call.write({ payload: payload(size) });
    call.end();
  });
  assert.strictEqual(response.aggregated_payload_size, 74922);
}

async function client_compressed_streaming(peer) {
  const compressed = { payload: payload(27182), expect_compressed: { value: true } };
  const plain = { payload: payload(45904), expect_compressed: { value: false } };

  const probe = unary(done => peer.client.streamingInputCall(peer.options(), done).end(compressed));
  await expectStatus(probe, peer.grpc.status.INVALID_ARGUMENT);

  const response = await unary(done => {
    const call = peer.gzip.streamingInputCall(peer.options(), done);
    call.write(compressed, () => {
      // The public write() takes no flags for one message, because node's streams refuse what is not an encoding; the call
      // beneath it does.
      call.call.sendMessageWithContext({ flags: NO_COMPRESS, callback: () => call.end() }, plain);
    });
  });
  assert.strictEqual(response.aggregated_payload_size, 73086);
}

async function server_streaming(peer) {
  const sizes = [31415, 9, 2653, 58979];
  const request = { response_parameters: sizes.map(size => ({ size })) };
  const responses = await collect(peer.client.streamingOutputCall(request, peer.options()));
  assert.strictEqual(responses.length, 4, 'number of responses');
  responses.forEach((response, index) => expectZeros(response.payload, sizes[index]));
}

async function server_compressed_streaming(peer) {
  // Twice, as in server_compressed_unary: grpc-js does not show which messages came compressed.
  const request = {
    response_parameters: [{ size: 31415, compressed: { value: true } }, { size: 92653, compressed: { value: false } }],
  };
  const responses = await collect(peer.client.streamingOutputCall(request, peer.options()));
  assert.strictEqual(responses.length, 2, 'number of responses');
  expectZeros(responses[0].payload, 31415);
  expectZeros(responses[1].payload, 92653);
  const flags = await compressedFlags(peer, peer.package.TestService.service.StreamingOutputCall, request);
  assert.deepStrictEqual(flags, [true, false], 'compressed flags');
}

async function ping_pong(peer) {
  const rounds = [[31415, 27182], [9, 8], [2653, 1828], [58979, 45904]];
  const call = peer.client.fullDuplexCall(peer.options());
  const send = ([size, body]) => call.write({ response_parameters: [{ size }], payload: payload(body) });
  let received = 0;
  send(rounds[0]);
  // An async loop would end the call at its first break, so the rounds follow the events.
  await new Promise((resolve, reject) => {
    call.on('data', response => {
      try {
        expectZeros(response.payload, rounds[received][0]);
      } catch (error) {
        reject(error);
        return;
      }
      received += 1;
      if (received < rounds.length) send(rounds[received]);
      else call.end();
    });
    call.on('error', reject);
    call.on('end', resolve);
  });
  assert.strictEqual(received, 4, 'number of responses');
}

async function empty_stream(peer) {
  const call = peer.client.fullDuplexCall(peer.options());
  const responses = collect(call);
  call.end();
  assert.deepStrictEqual(await responses, []);
}

async function cancel_after_begin(peer) {
  await unary(done => peer.client.emptyCall({}, peer.options(), done)); // so that there is a connection to begin on
  let call;
  const ended = unary(done => { call = peer.client.streamingInputCall(peer.options(), done); });
  // grpc-js sends the headers in later turns of the event loop, and a call cancelled before that was never begun.
  await new Promise(setImmediate);
  call.cancel();
  await expectStatus(ended, peer.grpc.status.CANCELLED);
}

async function cancel_after_first_response(peer) {
  const call = peer.client.fullDuplexCall(peer.options());
  const ended = collect(call);
  call.on('data', () => call.cancel());
  call.write({ response_parameters: [{ size: 31415 }], payload: payload(27182) });
  await expectStatus(ended, peer.grpc.status.CANCELLED);
}

async function timeout_on_sleeping_server(peer) {
  const call = peer.client.fullDuplexCall({ deadline: Date.now() + 1 });
  const ended = collect(call);
  call.write({ payload: payload(27182) });
  await expectStatus(ended, peer.grpc.status.DEADLINE_EXCEEDED);
}

module.exports = {
  client_streaming, client_compressed_streaming, server_streaming, server_compressed_streaming, ping_pong, empty_stream,
  cancel_after_begin, cancel_after_first_response, timeout_on_sleeping_server,
};
