// `npm run bench -- --peers`: the same work for iptv, pm2, supervisord, a shell loop and plain ffmpeg, in one run, side by side.

import { entry, makeSource, withStack, type Session } from '../session.ts';
import { forget } from '../start.ts';
import { createIptv, createPlain, createPm2, createShellLoop, createSupervisord } from './managers.ts';
import { jobsOf, killJobs, peerNames, type Field, type Peer, type PeerName } from './peer.ts';
import { measureCost, timeRecovery, timeStart, timeStatus, tryLoss, type Cost, type Loss } from './trials.ts';

export interface PeerSamples {
  readonly version: string;
  readonly statusMs: number[];
  readonly startMs: number[];
  /** null: not within the time that was waited. */
  readonly afterKillMs: (number | null)[];
  readonly afterStopMs: (number | null)[];
  readonly costs: Cost[];
  loss: Loss | null;
}

export interface PeersReport {
  readonly samples: Partial<Record<PeerName, PeerSamples>>;
  /** Who is missing, and why. */
  readonly notes: readonly string[];
  /** Seconds after which a recovery was given up. */
  readonly waitedSeconds: number;
}

export async function measurePeers(session: Session): Promise<PeersReport> {
  const source = makeSource(session, { name: 'low', size: '160x90', fps: 10, seconds: 300, videoBitrate: '48k', audioBitrate: '32k' });
  const counts = session.quick ? [1, 20] : [1, 20, 50];
  const most = Math.max(...counts);
  const ids = (peer: PeerName): readonly string[] => Array.from({ length: most }, (_, at) => `${peer.replace(' ', '-')}-${at + 1}`);
  const waitMs = session.quick ? 45_000 : 90_000;
  const notes: string[] = [];
  const samples: Partial<Record<PeerName, PeerSamples>> = {};
  await withStack(
    session,
    {
      streams: ids('iptv')
        .map((id) => entry(id, source))
        .join('\n'),
    },
    async (stack) => {
      const field: Field = { session, stack, source, ids };
      const peers = await createAll(field, notes);
      try {
        for (const peer of peers) {
          await peer.up();
          samples[peer.name] = {
            version: peer.version,
            statusMs: [],
            startMs: [],
            afterKillMs: [],
            afterStopMs: [],
            costs: [],
            loss: null,
          };
        }
        const each = async (
          what: string,
          rounds: number,
          work: (peer: Peer, own: PeerSamples, id: string) => Promise<void>,
        ): Promise<void> => {
          for (let round = 0; round < rounds; round += 1) {
            session.say(`peers: ${what}, round ${round + 1} of ${rounds}`);
            for (let turn = 0; turn < peers.length; turn += 1) {
              // Another order each time, so that nobody always runs in another one's wake.
              const peer = peers[(turn + round) % peers.length];
              const own = peer === undefined ? undefined : samples[peer.name];
              if (peer === undefined || own === undefined) continue;
              session.check();
              await work(peer, own, ids(peer.name)[0] ?? '');
            }
          }
        };
        const cycle = async (peer: Peer, id: string, work: () => Promise<void>): Promise<void> => {
          try {
            await work();
          } finally {
            await peer.stop([id]);
            await session.until(`${id} is gone`, async () => jobsOf(field, id).length === 0, { everyMs: 50, limitMs: 30_000 });
            await forget(session, stack, id);
          }
        };
        const rounds = session.quick ? 2 : 7;
        // Once without counting: every program and page is in memory then.
        await each('warming up', 1, (peer, _, id) => cycle(peer, id, async () => void (await timeStart(field, peer, id))));
        await each('start to playable', rounds, (peer, own, id) =>
          cycle(peer, id, async () => void own.startMs.push(await timeStart(field, peer, id))),
        );
        await each('one channel', 1, (peer, _, id) => timeStart(field, peer, id).then(() => undefined));
        await each(
          'asking',
          session.quick ? 3 : 21,
          async (peer, own) => void own.statusMs.push(...[(await timeStatus(field, peer)) ?? []].flat()),
        );
        await each('SIGKILL to a job', session.quick ? 1 : 5, async (peer, own, id) => {
          if (peer.name === 'plain ffmpeg') return;
          own.afterKillMs.push(await timeRecovery(field, peer, id, 'SIGKILL', waitMs));
        });
        await each('end of one channel', 1, (peer, _, id) => cycle(peer, id, async () => undefined));
        for (const count of counts) {
          await each(`cost of ${count}`, 1, async (peer, own) => {
            if (peer.name === 'plain ffmpeg') return;
            const wanted = ids(peer.name).slice(0, count);
            try {
              await peer.start(wanted);
              await session.until(`${count} jobs run`, async () => jobsOf(field).length >= count, { everyMs: 500, limitMs: 120_000 });
              await session.sleep(session.quick ? 4000 : 20_000);
              own.costs.push(await measureCost(field, peer, count));
            } finally {
              await peer.stop(wanted);
            }
          });
        }
        // The last two may leave jobs behind, which is what they are for.
        await each('SIGSTOP to a job', session.quick ? 1 : 3, async (peer, own, id) => {
          // Who did not come back once is not waited for again.
          if (peer.name === 'plain ffmpeg' || own.afterStopMs.includes(null)) return;
          await cycle(peer, id, async () => {
            await timeStart(field, peer, id);
            own.afterStopMs.push(await timeRecovery(field, peer, id, 'SIGSTOP', waitMs));
          });
        });
        await each('loss of the manager', 1, async (peer, own, id) => {
          try {
            await timeStart(field, peer, id);
            own.loss = await tryLoss(field, peer, id);
          } finally {
            await peer.stop([id]).catch(() => undefined);
            killJobs(field, id);
          }
        });
      } finally {
        for (const peer of peers) await peer.close().catch((error: unknown) => session.say(`${peer.name}: ${String(error)}`));
        killJobs(field);
      }
    },
  );
  return { samples, notes, waitedSeconds: waitMs / 1000 };
}

async function createAll(field: Field, notes: string[]): Promise<readonly Peer[]> {
  const makers: Record<PeerName, () => Peer | Promise<Peer>> = {
    iptv: () => createIptv(field),
    pm2: () => createPm2(field),
    supervisord: () => createSupervisord(field),
    'shell loop': () => createShellLoop(field),
    'plain ffmpeg': () => createPlain(field),
  };
  const made: Peer[] = [];
  for (const name of peerNames) {
    try {
      made.push(await makers[name]());
    } catch (error) {
      field.session.check();
      notes.push(`without ${name}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  return made;
}
