// A publisher that holds its connection and sends nothing, in front of an nginx that does not drop it: the doctor names it.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { createDoctorBench, playing, type DoctorBench } from '../helpers/doctor-bench.ts';
import { media } from '../helpers/media.ts';
import { hasNginxRtmp } from '../helpers/nginx.ts';
import { eventually } from '../helpers/wait.ts';

describe.skipIf(!hasNginxRtmp)('doctor and a publisher', { timeout: 480_000 }, () => {
  let bench: DoctorBench;

  beforeAll(async () => {
    // As iptv configures it, nginx drops such a publisher after 10 s, which is about when its rate falls to nothing.
    bench = await createDoctorBench({
      conf: (text) => text.replace('drop_idle_publisher 10s;', '').replace('ping 15s;', 'ping 30m;'),
    });
    bench.streams.push(playing('news', { uptimeSeconds: 5 }));
  });

  afterAll(async () => {
    await bench.close();
  });

  it('sends: all is well; is frozen: it is named, and the stream alone; sends again: all is well', async () => {
    const target = `rtmp://127.0.0.1:${bench.nginx.rtmpPort}/live/news`;
    const input = ['-re', '-stream_loop', '-1', '-i', await media('h264-aac.mp4')];
    const publisher = spawn('ffmpeg', ['-v', 'error', '-nostdin', ...input, '-c', 'copy', '-f', 'flv', target], { stdio: 'ignore' });
    const ended = once(publisher, 'exit');
    const causes = async () => (await bench.causes('stat')).join();
    const published = async () => (await (await fetch(`${bench.config.server.publicUrl}/stat`)).text()).includes('<publishing/>');
    try {
      await eventually(published, (is) => is, { timeoutMs: 60_000, what: 'the publisher in /stat' });
      expect(await causes()).toBe('');
      publisher.kill('SIGSTOP');
      await eventually(causes, (now) => now === 'stat/publisher-silent news', { timeoutMs: 60_000, every: 500, what: 'its silence' });
      publisher.kill('SIGCONT');
      await eventually(causes, (now) => now === '', { timeoutMs: 60_000, every: 500, what: 'its return' });
    } finally {
      publisher.kill('SIGKILL');
      await ended;
    }
  });
});
