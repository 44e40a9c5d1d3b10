// The listing at /hls/ while files come and go as fast as they can: whole each time, with the supervisor's page and a real nginx.

import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { createHlsListing } from '../../src/control/hls-listing.ts';
import { startWebServer, type WebServer } from '../../src/control/web-server.ts';
import { createPorts } from '../../src/platform/ports.ts';
import { ask } from '../docker/http-behaviour.ts';
import { createDoctorBench, type DoctorBench } from '../helpers/doctor-bench.ts';
import { hasNginxRtmp } from '../helpers/nginx.ts';

const questions = 500;
const churn = String.raw`
const { writeFileSync, unlinkSync } = require('node:fs');
const name = (n) => process.argv[1] + '/stream_news_' + n + '.ts';
let n = 0;
writeFileSync(process.argv[1] + '/news.m3u8', '#EXTM3U');
for (; n < 300; n += 1) writeFileSync(name(n), 'x');
process.stdout.write('ready');
setInterval(() => {
  for (let i = 0; i < 20; i += 1, n += 1) {
    writeFileSync(name(n), 'x');
    unlinkSync(name(n - 300));
  }
}, 5);
`;

describe.skipIf(!hasNginxRtmp)('the listing of a busy folder', () => {
  let bench: DoctorBench;
  let churner: ChildProcess;
  let web: WebServer | undefined;

  beforeAll(async () => {
    bench = await createDoctorBench();
    churner = spawn(process.execPath, ['-e', churn, bench.hls], { stdio: ['ignore', 'pipe', 'inherit'] });
    if (churner.stdout !== null) await once(churner.stdout, 'data');
    const ports = createPorts();
    // A clock that runs fast: each question is a look of its own.
    let seconds = 0;
    const listing = createHlsListing({ files: ports.files, directory: bench.hls, now: () => (seconds += 2) * 1000 });
    const socket = join(bench.directory, 'state/web.sock');
    web = await startWebServer(
      { socket, ...(process.getuid?.() === 0 ? { uid: 65_534 } : {}) },
      { '/hls/': async () => ({ contentType: 'text/html', text: await listing() }) },
    );
  });

  afterAll(async () => {
    churner.kill('SIGKILL');
    await web?.close();
    await bench.close();
  });

  it(`answers ${questions} times out of ${questions}`, { timeout: 360_000 }, async () => {
    const wrong: string[] = [];
    for (let count = 0; count < questions; count += 1) {
      const answer = await ask(`${bench.config.server.publicUrl}/hls/`).catch((error: unknown) => String(error));
      if (typeof answer === 'string') wrong.push(answer);
      else if (answer.status !== 200 || !answer.text.includes('href="news.m3u8"') || !answer.text.includes('</html>'))
        wrong.push(`${answer.status} ${answer.text.slice(0, 200)}`);
    }
    expect(wrong).toEqual([]);
  });

  it('is an HTML page that scripts of other sites may read, asked with HEAD as well, and takes nothing', async () => {
    const url = `${bench.config.server.publicUrl}/hls/`;
    const [got, head, post] = await Promise.all([ask(url), ask(url, { method: 'HEAD' }), ask(url, { method: 'POST' })]);
    expect(got.all('content-type')).toEqual(['text/html']);
    expect(got.all('cache-control')).toEqual(['no-cache']);
    expect(got.all('access-control-allow-origin')).toEqual(['*']);
    expect([head.status, head.text, post.status]).toEqual([200, '', 405]);
  });
});
