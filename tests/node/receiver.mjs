// A receiver of webhooks as a guide to Sora tells people to write it.
//
// Between the two lines it is the guide's text, letter by letter. It listens at `PORT` (0: a
// free one, which the first line of the output names) and knows `WEBHOOK_SECRET`; each further
// line that is JSON is a request that it has answered.

import { createServer } from 'node:http';

function downloadVideo() {}

// ----------------------------------------------------------------------------------------
// 以 Express.js 为例
import express from 'express';
import crypto from 'crypto';

const app = express();
app.use(express.json());

app.post('/webhooks/sora', (req, res) => {
  // 校验 Webhook 签名
  const signature = req.headers['x-openai-signature'];
  const payload = JSON.stringify(req.body);

  if (!verifySignature(payload, signature)) {
    return res.status(401).send('Invalid signature');
  }

  // 处理 Webhook
  const { id, status, url, error } = req.body;

  if (status === 'completed') {
    console.log(`Video ${id} completed: ${url}`);
    // 下载并处理视频
    downloadVideo(url, id);
  } else if (status === 'failed') {
    console.error(`Video ${id} failed: ${error}`);
    // 错误处理
  }

  res.status(200).send('OK');
});

function verifySignature(payload, signature) {
  const secret = process.env.WEBHOOK_SECRET;
  const hmac = crypto.createHmac('sha256', secret);
  const digest = hmac.update(payload).digest('hex');
  return digest === signature;
}
// ----------------------------------------------------------------------------------------

const server = createServer((request, response) => {
  response.on('finish', () => {
    const { method, url: path, headers, body } = request;
    console.log(JSON.stringify({ status: response.statusCode, method, path, headers, body }));
  });
  app(request, response);
});

server.listen(Number(process.env.PORT ?? 0), '127.0.0.1', () => {
  console.log(JSON.stringify({ port: server.address().port }));
});
