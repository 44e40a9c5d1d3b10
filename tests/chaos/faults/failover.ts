// Faults of the first source while a second one is there.

import { kill } from '../../helpers/stack.ts';
import type { FaultyOrigin, OriginMode } from '../../helpers/faulty-origin.ts';
import type { Fault } from '../fault.ts';

const two = (origin: FaultyOrigin): readonly string[] => [origin.ts('a'), origin.ts('b')];

function death(id: string, name: string, mode: OriginMode, more: Partial<Fault> = {}): Fault {
  return {
    id,
    name: `${name}; there is a second source`,
    sources: two,
    async inject(scene) {
      await scene.origin.behave('b', { answer: 'live', clip: 'h264-aac-red.ts' });
      await scene.origin.behave('a', mode);
      const took = await scene.until('the second source plays', async () => {
        const { source, state } = await scene.news();
        return source.index === 1 && state === 'running';
      });
      scene.note(`second source plays after ${took.toFixed(1)} s`);
      await scene.sleep(8);
      const { b } = await scene.origin.counts();
      scene.expect((b?.mostOpen ?? 0) <= 1, `${b?.mostOpen} connections to the second source at once`);
      await scene.origin.behave('a', { answer: 'live' });
    },
    ...more,
  };
}

export const failoverFaults: readonly Fault[] = [
  death('42', 'first source answers 500', { answer: 'code', status: 500, open: 'rst' }),
  death('42b', 'first source goes silent', { answer: 'silent' }),
  death('42c', 'first source ends cleanly and answers 404', { answer: 'code', status: 404, open: 'eof' }),
  death('42d', 'first source answers with a login page', { answer: 'html' }),
  death('42e', 'first source trickles', { answer: 'live', rate: 0.2 }),
  {
    id: '42f',
    name: 'first source dies, and the supervisor in the same moment',
    sources: two,
    async inject(scene) {
      await scene.origin.behave('a', { answer: 'code', status: 500, open: 'rst' });
      kill(await scene.supervisor());
      await scene.sleep(3);
      await scene.stack.iptv('up');
      await scene.until('the second source plays', async () => (await scene.news()).source.index === 1);
    },
  },
];
