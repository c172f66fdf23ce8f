// The part of `surface.mjs` about webhooks: endpoints, and what is sent to them.

import assert from 'node:assert/strict';
import { createServer } from 'node:http';

import { InvalidWebhookSignatureError, NotFoundError } from 'openai';

const EVENTS = ['video.completed', 'batch.completed'];

export async function webhooks(ways) {
  const received = [];
  const receiver = createServer(async (request, response) => {
    let body = '';
    for await (const piece of request.setEncoding('utf8')) body += piece;
    received.push([body, request.headers]);
    response.end();
  });
  await new Promise((listening) => receiver.listen(0, '127.0.0.1', listening));
  try {
    await endpoints(ways, `http://127.0.0.1:${receiver.address().port}/hook`, received);
  } finally {
    receiver.closeAllConnections();
    receiver.close();
  }
}

async function endpoints(ways, url, received) {
  const types = await ways.call('webhooks.eventTypes.list');
  for (const type of [...EVENTS, 'video.failed']) assert.ok(types.data.includes(type), type);
  const made = [];
  for (const n of [0, 1, 2]) {
    made.push(
      await ways.call('webhooks.create', { name: `hook ${n}`, url, event_types: EVENTS }),
    );
  }
  const [hook] = made;
  assert.deepEqual([hook.object, hook.name, hook.url], ['webhook_endpoint', 'hook 0', url]);
  assert.match(hook.id, /^whe_/);
  assert.match(hook.signing_secret, /^whsec_/);
  const found = await ways.call('webhooks.retrieve', hook.id);
  assert.deepEqual([...found.event_types].sort(), [...EVENTS].sort());
  assert.ok(!JSON.stringify(found).includes(hook.signing_secret));
  const ids = (await ways.all('webhooks.list', { limit: 2 })).map((one) => one.id);
  const hooks = made.map((one) => one.id).reverse();
  assert.deepEqual(
    ids.filter((id) => hooks.includes(id)),
    hooks,
  );
  const changed = await ways.call('webhooks.update', hook.id, {
    name: 'renamed',
    event_types: ['video.failed'],
  });
  assert.deepEqual(
    [changed.name, changed.event_types, changed.url],
    ['renamed', ['video.failed'], url],
  );

  await verified(ways, await tested(ways, hook.id, received), hook.signing_secret);
  await rotated(ways, hook, received);

  for (const { id } of made) {
    const gone = await ways.call('webhooks.delete', id);
    assert.deepEqual(
      [gone.id, gone.object, gone.deleted],
      [id, 'webhook_endpoint.deleted', true],
    );
  }
  await ways.refused(NotFoundError, 'webhooks.retrieve', hook.id);
}

// Once with both secrets, once with the new one alone.
async function rotated(ways, hook, received) {
  const second = await ways.call('webhooks.rotateSecret', hook.id, {
    keep_old_secret_active_for_24_hours: true,
  });
  const both = await tested(ways, hook.id, received);
  for (const secret of [hook.signing_secret, second.signing_secret])
    await verified(ways, both, secret);
  const third = await ways.call('webhooks.rotateSecret', hook.id);
  const delivery = await tested(ways, hook.id, received);
  await verified(ways, delivery, third.signing_secret);
  for (const secret of [hook.signing_secret, second.signing_secret]) {
    const refused = ways.call('webhooks.verifySignature', ...delivery, secret);
    await assert.rejects(refused, InvalidWebhookSignatureError);
  }
}

// What the endpoint is sent when it is tested.
async function tested(ways, id, received) {
  const before = received.length;
  const result = await ways.call('webhooks.test', id, { event_type: 'video.completed' });
  assert.deepEqual(
    [
      result.object,
      result.event_type,
      result.status_code,
      result.success,
      result.webhook_endpoint_id,
    ],
    ['webhook_endpoint.test', 'video.completed', 200, true, id],
  );
  assert.equal(received.length, before + 1);
  return received.at(-1);
}

async function verified(ways, [body, headers], secret) {
  await ways.call('webhooks.verifySignature', body, headers, secret);
  const event = await ways.call('webhooks.unwrap', body, headers, secret);
  assert.deepEqual([event.object, event.type], ['event', 'video.completed']);
  assert.match(event.id, /^evt_/);
  assert.match(event.data.id, /^video_/);
}
