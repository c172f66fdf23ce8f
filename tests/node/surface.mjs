// Every method of the official SDK that filmgate answers: `URL KEY FILM`.
//
// Run by `test_node_sdk.py` against a real server whose `sora-2` is instant and whose
// `sora-2-pro` never ends. The same exchange is had three times: with plain answers, with the
// response beside them, and with the response alone. It prints what was called, and what not.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';

import OpenAI, { APIError, NotFoundError, toFile } from 'openai';
import { VERSION } from 'openai/version';

import { FORMS, Ways, everything, offered, png } from './ways.mjs';
import { webhooks } from './webhooks.mjs';

const PROMPT = 'a kite over the sea';
const SOON = 50; // milliseconds between polls
const SIDE = 256;
const SMALL = `${SIDE}x${SIDE}`;
const MAGIC = { png: '89504e47', webp: '52494646', jpeg: 'ffd8ff' };

async function main() {
  const [url, key, film] = process.argv.slice(2);
  const summary = { sdk: VERSION, ways: {} };
  for (const form of FORMS) {
    const client = new OpenAI({ baseURL: `${url}/v1`, apiKey: key, maxRetries: 0 });
    const ways = new Ways(client, form);
    const begun = Date.now();
    await exchange(ways, await readFile(film));
    summary.ways[form] = {
      'not called': offered(client).filter((name) => !ways.called.has(name)),
      called: [...ways.called].sort(),
      seconds: (Date.now() - begun) / 1000,
    };
  }
  console.log(JSON.stringify(summary));
}

async function exchange(ways, film) {
  await videos(ways);
  await derivedVideos(ways, await toFile(film, 'film.mp4', { type: 'video/mp4' }));
  await files(ways);
  await uploads(ways);
  await batches(ways);
  await images(ways);
  await streamedImages(ways);
  await models(ways);
  await moderations(ways);
  await webhooks(ways);
}

async function videos(ways) {
  const made = await ways.call('videos.create', {
    prompt: PROMPT,
    size: '1280x720',
    seconds: '8',
  });
  assert.deepEqual(
    [made.object, made.model, made.prompt, made.size, made.seconds],
    ['video', 'sora-2', PROMPT, '1280x720', '8'],
  );
  const done = await polled(ways, made.id);
  assert.deepEqual([done.status, done.progress, done.error], ['completed', 100, null]);
  assert.ok(made.created_at <= done.completed_at && done.completed_at < done.expires_at);

  const picture = png(720, 1280);
  const upload = await ways.call('files.create', {
    file: await toFile(picture, 'first.png'),
    purpose: 'vision',
  });
  const references = [
    await toFile(picture, 'first.png', { type: 'image/png' }),
    { image_url: `data:image/png;base64,${picture.toString('base64')}` },
    { file_id: upload.id },
  ];
  const more = [];
  for (const input_reference of references) {
    const video = await ways.call('videos.create', { prompt: PROMPT, input_reference });
    assert.equal((await polled(ways, video.id)).status, 'completed');
    more.push(video.id);
  }

  const starts = { video: '66747970', thumbnail: MAGIC.webp, spritesheet: MAGIC.jpeg };
  for (const [variant, start] of Object.entries(starts)) {
    const content = (
      await ways.content('videos.downloadContent', made.id, { variant })
    ).toString('hex');
    assert.ok(content.slice(variant === 'video' ? 8 : 0).startsWith(start), variant);
  }

  const ids = (await ways.all('videos.list', { limit: 2, order: 'asc' })).map(
    (video) => video.id,
  );
  const every = [made.id, ...more];
  assert.deepEqual(
    ids.filter((id) => every.includes(id)),
    every,
  );
  const newest = (await ways.all('videos.list', { limit: 2 })).map((video) => video.id);
  assert.deepEqual(newest, ids.reverse());

  for (const id of more) {
    const gone = await ways.call('videos.delete', id);
    assert.deepEqual([gone.id, gone.object, gone.deleted], [id, 'video.deleted', true]);
  }
  await ways.refused(NotFoundError, 'videos.retrieve', more[0]);
}

async function polled(ways, id) {
  for (let round = 0; round < 600; round += 1) {
    const video = await ways.call('videos.retrieve', id);
    if (!['queued', 'in_progress'].includes(video.status)) return video;
    await sleep(SOON);
  }
  return assert.fail(`${id} is never done`);
}

async function derivedVideos(ways, film) {
  const source = await ways.call('videos.create', {
    prompt: PROMPT,
    size: '1280x720',
    seconds: '8',
  });
  await polled(ways, source.id);
  const video = { id: source.id };

  const remix = await ways.call('videos.remix', source.id, { prompt: 'the same at night' });
  assert.deepEqual(
    [remix.remixed_from_video_id, remix.prompt],
    [source.id, 'the same at night'],
  );
  const edit = await ways.call('videos.edit', { prompt: 'in the rain', video });
  for (const derived of [remix, edit]) {
    assert.deepEqual(
      [derived.model, derived.size, derived.seconds],
      ['sora-2', '1280x720', '8'],
    );
  }
  const longer = await ways.call('videos.extend', {
    prompt: 'it flies on',
    seconds: '4',
    video,
  });
  assert.deepEqual([longer.model, longer.seconds], ['sora-2', '12']);
  const sent = { video: film, model: 'sora-2' };
  const sentEdit = await ways.call('videos.edit', { prompt: 'in the snow', ...sent });
  const sentLonger = await ways.call('videos.extend', {
    prompt: 'it lands',
    seconds: '4',
    ...sent,
  });

  const ada = await ways.call('videos.createCharacter', { name: 'Ada', video: film });
  assert.match(ada.id, /^char_/);
  const found = await ways.call('videos.getCharacter', ada.id);
  assert.deepEqual([found.id, found.name, found.created_at], [ada.id, 'Ada', ada.created_at]);
  const withAda = await ways.call('videos.create', {
    prompt: 'Ada flies a kite',
    characters: [{ id: ada.id }],
  });
  for (const made of [remix, edit, longer, sentEdit, sentLonger, withAda]) {
    const done = await polled(ways, made.id);
    assert.deepEqual([done.status, done.error], ['completed', null]);
  }
}

async function files(ways) {
  const made = [];
  for (let number = 0; number < 5; number += 1) {
    const content = Buffer.from('line\n'.repeat(number + 1));
    const file = await ways.call('files.create', {
      file: await toFile(content, `${number}.txt`),
      purpose: 'user_data',
      expires_after: { anchor: 'created_at', seconds: 3600 },
    });
    assert.deepEqual(
      [file.object, file.filename, file.bytes, file.purpose, file.expires_at - file.created_at],
      ['file', `${number}.txt`, content.length, 'user_data', 3600],
    );
    made.push(file.id);
  }
  const other = await ways.call('files.create', {
    file: await toFile(Buffer.from('{}'), 'b.jsonl'),
    purpose: 'batch',
  });

  const ended = await ways.call('files.waitForProcessing', made[0], {
    pollInterval: SOON,
    maxWait: 5000,
  });
  assert.equal(ended.status, 'processed');
  assert.equal((await ways.call('files.retrieve', made[1])).filename, '1.txt');
  assert.equal((await ways.content('files.content', made[1])).toString(), 'line\nline\n');

  const listed = await ways.all('files.list', { limit: 2, order: 'asc', purpose: 'user_data' });
  const ids = listed.map((file) => file.id);
  assert.deepEqual(
    ids.filter((id) => made.includes(id)),
    made,
  );
  assert.ok(!ids.includes(other.id));
  for (const id of [...made, other.id]) {
    const gone = await ways.call('files.delete', id);
    assert.deepEqual([gone.id, gone.object, gone.deleted], [id, 'file', true]);
  }
  await ways.refused(NotFoundError, 'files.retrieve', other.id);
}

async function uploads(ways) {
  const about = {
    bytes: 6,
    filename: 'parts.txt',
    mime_type: 'text/plain',
    purpose: 'user_data',
  };
  const upload = await ways.call('uploads.create', about);
  assert.deepEqual([upload.object, upload.status, upload.bytes], ['upload', 'pending', 6]);
  assert.ok(upload.expires_at > upload.created_at);
  const parts = [];
  for (const text of ['two', 'one']) {
    const part = await ways.call('uploads.parts.create', upload.id, {
      data: await toFile(Buffer.from(text), 'part'),
    });
    assert.deepEqual([part.object, part.upload_id], ['upload.part', upload.id]);
    parts.unshift(part.id);
  }
  const { status, file } = await ways.call('uploads.complete', upload.id, { part_ids: parts });
  assert.deepEqual([status, file.filename, file.bytes], ['completed', 'parts.txt', 6]);
  assert.equal((await ways.content('files.content', file.id)).toString(), 'onetwo');
  await ways.call('files.delete', file.id);

  const givenUp = await ways.call('uploads.create', about);
  assert.equal((await ways.call('uploads.cancel', givenUp.id)).status, 'cancelled');
}

async function batches(ways) {
  const bodies = [{ prompt: PROMPT }, { prompt: PROMPT, seconds: '8' }, { seconds: '8' }];
  const batch = await newBatch(ways, bodies, { metadata: { film: 'one' } });
  assert.deepEqual(
    [batch.object, batch.endpoint, batch.completion_window, batch.metadata],
    ['batch', '/v1/videos', '24h', { film: 'one' }],
  );
  const done = await ended(ways, batch.id);
  assert.equal(done.status, 'completed');
  assert.deepEqual({ ...done.request_counts }, { total: 3, completed: 2, failed: 1 });
  const lines = await jsonLines(ways, done.output_file_id);
  assert.deepEqual(lines.map((line) => line.custom_id).sort(), ['shot-0', 'shot-1']);
  for (const { response } of lines) {
    assert.deepEqual([response.status_code, response.body.status], [200, 'completed']);
  }
  const wrong = await jsonLines(ways, done.error_file_id);
  assert.deepEqual(
    wrong.map((line) => line.custom_id),
    ['shot-2'],
  );
  assert.match(JSON.stringify(wrong), /prompt/);

  const endless = await newBatch(ways, [{ prompt: PROMPT, model: 'sora-2-pro' }]);
  const stopped = await ways.call('batches.cancel', endless.id);
  assert.ok(['cancelling', 'cancelled'].includes(stopped.status));
  assert.equal((await ended(ways, endless.id)).status, 'cancelled');

  const listed = await ways.all('batches.list', { limit: 1 });
  assert.deepEqual(
    listed.slice(0, 2).map((one) => one.id),
    [endless.id, batch.id],
  );
}

async function newBatch(ways, bodies, more = {}) {
  const text = bodies
    .map((body, n) =>
      JSON.stringify({ custom_id: `shot-${n}`, method: 'POST', url: '/v1/videos', body }),
    )
    .join('\n');
  const file = await ways.call('files.create', {
    file: await toFile(Buffer.from(text), 'shots.jsonl'),
    purpose: 'batch',
  });
  return await ways.call('batches.create', {
    input_file_id: file.id,
    endpoint: '/v1/videos',
    completion_window: '24h',
    ...more,
  });
}

async function ended(ways, id) {
  for (let round = 0; round < 600; round += 1) {
    const batch = await ways.call('batches.retrieve', id);
    if (['completed', 'failed', 'expired', 'cancelled'].includes(batch.status)) return batch;
    await sleep(SOON);
  }
  return assert.fail(`${id} never ends`);
}

async function jsonLines(ways, id) {
  const text = (await ways.content('files.content', id)).toString();
  return text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
}

async function images(ways) {
  const generate = { prompt: PROMPT, size: SMALL, response_format: 'b64_json' };
  const two = await ways.call('images.generate', { n: 2, ...generate });
  assert.deepEqual(two.data.map(kindOf), ['png', 'png']);
  for (const kind of ['webp', 'jpeg']) {
    const made = await ways.call('images.generate', { output_format: kind, ...generate });
    assert.deepEqual(made.data.map(kindOf), [kind]);
  }
  const linked = await ways.call('images.generate', { ...generate, response_format: 'url' });
  const answer = await fetch(linked.data[0].url); // without the key
  assert.deepEqual([answer.status, answer.headers.get('content-type')], [200, 'image/png']);

  const picture = png(SIDE, SIDE);
  const file = (content, name) => toFile(content, name, { type: 'image/png' });
  const image = await file(picture, 'a.png');
  const edit = { ...generate, prompt: 'in the rain' };
  const changed = [
    await ways.call('images.edit', {
      image,
      mask: await file(png(SIDE, SIDE, { alpha: true }), 'mask.png'),
      ...edit,
    }),
    await ways.call('images.edit', {
      image: [image, await file(png(SIDE, 64), 'b.png')],
      ...edit,
    }),
    await ways.call('images.createVariation', {
      image,
      size: SMALL,
      response_format: 'b64_json',
    }),
  ];
  for (const made of changed) {
    assert.deepEqual(made.data.map(kindOf), ['png']);
    assert.notEqual(made.data[0].b64_json, picture.toString('base64'));
  }
}

async function streamedImages(ways) {
  // Of an engine that shows what it has on the way.
  const asked = { model: 'previs-still', prompt: PROMPT, size: SMALL, stream: true };
  const image = await toFile(png(SIDE, SIDE), 'a.png', { type: 'image/png' });
  const streams = {
    image_generation: [
      await ways.events('images.generate', { partial_images: 2, ...asked }),
      2,
    ],
    image_edit: [await ways.events('images.edit', { image, partial_images: 1, ...asked }), 1],
  };
  for (const [name, [events, most]] of Object.entries(streams)) {
    const last = events.at(-1);
    const partial = events.slice(0, -1);
    assert.equal(last.type, `${name}.completed`);
    assert.equal(typeof last.usage.total_tokens, 'number');
    assert.ok(partial.length >= 1 && partial.length <= most, `${partial.length} of ${most}`);
    assert.deepEqual(
      partial.map((event) => event.partial_image_index),
      [...partial.keys()],
    );
    assert.ok(partial.every((event) => event.type === `${name}.partial_image`));
    assert.ok(events.every((event) => kindOf(event) === 'png' && event.size === SMALL));
  }
}

function kindOf(image) {
  const content = Buffer.from(image.b64_json, 'base64').toString('hex');
  return Object.keys(MAGIC).find((kind) => content.startsWith(MAGIC[kind]));
}

async function models(ways) {
  const page = await ways.call('models.list');
  const listed = ways.form === 'asResponse' ? page.data : await everything(page);
  const ids = listed.map((model) => model.id);
  assert.ok(ids.includes('sora-2') && ids.includes('sora-2-pro'));
  const model = await ways.call('models.retrieve', 'sora-2');
  assert.deepEqual([model.id, model.object], ['sora-2', 'model']);
  const refusal = await ways.refused(APIError, 'models.delete', 'sora-2');
  assert.ok(refusal.status >= 400 && refusal.status < 500);
  assert.equal((await ways.call('models.retrieve', 'sora-2')).id, 'sora-2');
}

async function moderations(ways) {
  const one = await ways.call('moderations.create', { input: PROMPT });
  assert.match(one.id, /^modr-/);
  assert.deepEqual(
    one.results.map((result) => result.flagged),
    [false],
  );
  assert.equal(one.results[0].categories['violence/graphic'], false);
  const several = await ways.call('moderations.create', {
    input: ['pornography', PROMPT],
    model: one.model,
  });
  const sexual = several.results.map((result) => [result.flagged, result.categories.sexual]);
  assert.deepEqual(sexual, [
    [true, true],
    [false, false],
  ]);
  const url = `data:image/png;base64,${png(8, 8).toString('base64')}`;
  const parts = [
    { type: 'text', text: PROMPT },
    { type: 'image_url', image_url: { url } },
  ];
  assert.equal((await ways.call('moderations.create', { input: parts })).results.length, 1);
}

await main();
