// What `iptv top` costs while it shows a large house: a real terminal, a real control socket, figures that change every second.

import { spawn } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { startControlServer, type ControlHandlers } from '../../src/control/server.ts';
import { controlProtocol } from '../../src/control/protocol.ts';
import type { StatusDocument, StreamStatus } from '../../src/core/status.ts';
import { statePaths } from '../../src/core/state-paths.ts';
import { documentOf, legOf, statusOf } from '../fakes/command-context.ts';
import type { PartReport } from './figure.ts';
import { readCpuSeconds } from './proc-cost.ts';
import type { Session } from './session.ts';

const streams = 200;
const aimPercent = 2;
const program = join(import.meta.dirname, '../../bin/iptv.js');

export async function measureTop(session: Session): Promise<PartReport> {
  const directory = join(session.directory, 'top-state');
  mkdirSync(directory);
  let asked = 0;
  const server = await startControlServer(
    statePaths(directory, undefined).socket,
    pretend(directory, () => document((asked += 1))),
  );
  session.check();
  const words = `stty cols 120 rows 40; exec '${process.execPath}' '${program}' top`;
  const env = { ...process.env, IPTV_STATE_DIR: directory, IPTV_RUNTIME: 'local', TERM: 'xterm-256color' };
  const terminal = spawn('script', ['-qfc', words, '/dev/null'], { env, stdio: ['pipe', 'pipe', 'inherit'] });
  let written = 0;
  terminal.stdout.on('data', (data: Buffer) => (written += data.length));
  const gone = new Promise((done) => terminal.once('close', done));
  try {
    session.say(`top: ${streams} streams`);
    await session.until('top asks', async () => asked >= 5, { everyMs: 200, limitMs: 60_000 });
    const pid = pidOfTop(directory);
    const before = { at: performance.now(), cpu: readCpuSeconds(pid), asked, written };
    await session.sleep(session.quick ? 5000 : 40_000);
    const seconds = (performance.now() - before.at) / 1000;
    const cpuPercent = ((readCpuSeconds(pid) - before.cpu) / seconds) * 100;
    const looks = asked - before.asked;
    const bytes = Math.round((written - before.written) / looks);
    return {
      figures: [
        {
          part: 'top',
          name: `iptv top with ${streams} streams, CPU`,
          value: cpuPercent,
          unit: '% of a core',
          aim: aimPercent,
          detail: `${looks} looks in ${Math.round(seconds)} s, every figure changed in each; ${bytes} bytes drawn a look at 120x40`,
        },
      ],
      samples: { seconds, cpuPercent, looks, bytes },
    };
  } finally {
    terminal.stdin.write('q');
    const late = setTimeout(() => terminal.kill(), 5000);
    await gone;
    clearTimeout(late);
    await server.close();
  }
}

function pidOfTop(directory: string): number {
  const found = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .find((pid) => {
      try {
        const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
        return words.includes('top') && words.includes(program) && readFileSync(`/proc/${pid}/environ`, 'utf8').includes(directory);
      } catch {
        return false;
      }
    });
  if (found === undefined) throw new Error('iptv top does not run; script(1) of bsdutils is needed');
  return Number(found);
}

/** As a supervisor would answer: whole documents, most streams well. */
function document(round: number): StatusDocument {
  return documentOf(Array.from({ length: streams }, (_, index) => stream(index, round)));
}

function stream(index: number, round: number): StreamStatus {
  const id = `channel-${index}`;
  const wobble = (index * 37 + round * 101) % 97;
  const ageSeconds = (wobble % 20) / 10;
  const isIll = (index + round) % 50 === 0;
  return statusOf(id, {
    name: `Channel ${index}`,
    uptimeSeconds: 1000 + round,
    bitrateBps: 2_000_000 + 9000 * wobble,
    viewers: wobble,
    group: 'tv',
    tags: ['sport'],
    source: { index: 0, kind: 'http-ts', url: `http://provider.example:8080/live/***/***/${index}.ts`, count: 2, provider: 'example' },
    legs: { primary: legOf(`${id}.m3u8`, { ageSeconds }), backup: legOf(`stream_${id}.m3u8`, { ageSeconds }) },
    channel: {
      state: 'live',
      leg: 'primary',
      ageSeconds,
      mediaSequence: 1000 + round,
      discontinuitySequence: 0,
      url: `http://localhost:8088/live/${id}/index.m3u8`,
    },
    verdict: {
      name: isIll ? 'degraded' : 'healthy',
      layer: isIll ? 'source' : null,
      reason: isIll ? 'speed 0.8: the source is too slow' : '',
      evidence: [],
      since: '2026-01-01T10:58:00.000Z',
    },
  });
}

function pretend(stateDirectory: string, status: () => StatusDocument): ControlHandlers {
  const unasked = (): never => {
    throw new Error('top asks for the status only');
  };
  return {
    hello: () => ({
      name: 'iptv',
      protocol: controlProtocol,
      version: '0',
      pid: process.pid,
      startedAt: '2026-01-01T10:58:00.000Z',
      runtime: 'local',
      configPath: '/streams.yaml',
      stateDirectory,
    }),
    status,
    order: unasked,
    reload: unasked,
    diff: unasked,
    markApplied: unasked,
    rollback: unasked,
    shutdown: unasked,
    failover: unasked,
    force: unasked,
    probe: unasked,
  };
}
