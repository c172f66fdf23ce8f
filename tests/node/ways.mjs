// Three ways of calling the methods of the official SDK, so that one script goes them all.

import assert from 'node:assert/strict';
import { crc32, deflateSync } from 'node:zlib';

export const RESOURCES = [
  ...['videos', 'files', 'uploads', 'batches', 'images'],
  ...['models', 'moderations', 'webhooks'],
];
export const FORMS = ['plain', 'withResponse', 'asResponse'];
// Made of other methods or of nothing that is sent, so they have but the plain form.
const COMPOSED = ['files.waitForProcessing', 'webhooks.unwrap', 'webhooks.verifySignature'];

export class Ways {
  called = new Set();

  constructor(client, form) {
    this.client = client;
    this.form = form;
  }

  // What `client.method(…)` answers, called by its dotted name.
  async call(name, ...given) {
    this.called.add(name);
    const path = name.split('.');
    const method = path.pop();
    const resource = path.reduce((found, part) => found[part], this.client);
    const made = resource[method](...given);
    if (this.form === 'plain' || COMPOSED.includes(name)) return await made;
    if (this.form === 'withResponse') {
      const { data, response, request_id } = await made.withResponse();
      assert.match(request_id, /^req_/);
      assert.equal(response.status, 200);
      return data;
    }
    const response = await made.asResponse();
    assert.match(response.headers.get('x-request-id'), /^req_/);
    const json = response.headers.get('content-type').startsWith('application/json');
    return json ? await response.json() : response;
  }

  // The bytes of a download.
  async content(name, ...given) {
    const response = await this.call(name, ...given);
    assert.equal(response.status, 200);
    return Buffer.from(await response.arrayBuffer());
  }

  // Every item of a list, which must have more than one page.
  async all(name, query) {
    const page = await this.call(name, query);
    assert.equal(page.has_more, true);
    if (this.form !== 'asResponse') return await everything(page);
    const after = page.data.at(-1).id;
    return [
      ...page.data,
      ...(await everything(await read(this.client, name, { ...query, after }))),
    ];
  }

  // The events of a stream.
  async events(name, ...given) {
    const stream = await this.call(name, ...given);
    if (this.form !== 'asResponse') return await everything(stream);
    const lines = (await stream.text())
      .split('\n')
      .filter((line) => line.startsWith('data: {'));
    return lines.map((line) => JSON.parse(line.slice('data: '.length)));
  }

  // The error that a method must end with.
  async refused(kind, name, ...given) {
    const error = await this.call(name, ...given).catch((error) => error);
    assert.ok(error instanceof kind, `${name} was not refused with ${kind.name}: ${error}`);
    assert.match(error.requestID, /^req_/);
    return error;
  }
}

const read = (client, name, query) => {
  const [resource, method] = name.split('.');
  return client[resource][method](query);
};

export async function everything(items) {
  const all = [];
  for await (const item of items) all.push(item);
  return all;
}

// The dotted names of all public methods of the resources that we answer.
export function offered(client) {
  return RESOURCES.flatMap((name) => methods(client[name], name)).sort();
}

function methods(resource, prefix) {
  const found = [];
  for (
    let kind = Object.getPrototypeOf(resource);
    kind !== Object.prototype;
    kind = Object.getPrototypeOf(kind)
  ) {
    for (const name of Object.getOwnPropertyNames(kind)) {
      if (name !== 'constructor' && !name.startsWith('_')) found.push(`${prefix}.${name}`);
    }
  }
  for (const [name, value] of Object.entries(resource)) {
    if (!name.startsWith('_') && value?._client)
      found.push(...methods(value, `${prefix}.${name}`));
  }
  return found;
}

// A picture with a slope of colour; with *alpha* its left half can be seen through.
export function png(width, height, { alpha = false } = {}) {
  const rows = [];
  for (let y = 0; y < height; y += 1) {
    rows.push(0);
    for (let x = 0; x < width; x += 1) {
      rows.push(Math.floor((x * 255) / width), Math.floor((y * 255) / height), 128);
      if (alpha) rows.push(2 * x >= width ? 255 : 0);
    }
  }
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head.set([8, alpha ? 6 : 2, 0, 0, 0], 8);
  const chunks = [
    chunk('IHDR', head),
    chunk('IDAT', deflateSync(Buffer.from(rows))),
    chunk('IEND', Buffer.alloc(0)),
  ];
  return Buffer.concat([Buffer.from('89504e470d0a1a0a', 'hex'), ...chunks]);
}

function chunk(kind, content) {
  const named = Buffer.concat([Buffer.from(kind), content]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(content.length);
  const check = Buffer.alloc(4);
  check.writeUInt32BE(crc32(named));
  return Buffer.concat([length, named, check]);
}
