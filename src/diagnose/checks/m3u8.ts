// The seed's own test: a playlist written into the HLS folder comes back over HTTP.

import { fail, pass, skip } from '../check.ts';
import type { DoctorCheck } from '../doctor-check.ts';

export const m3u8Check: DoctorCheck = {
  id: 'm3u8',
  title: 'test playlist',
  group: 'Delivery',
  layer: 'http',
  severity: 'error',
  dependsOn: ['nginx'],
  about: 'A file that begins with #EXTM3U is written into the HLS folder, fetched over HTTP, compared and removed.',
  finds: {
    'not-served': 'what lies in the HLS folder is not what HTTP serves',
    'served-changed': 'it comes back, but not as it was written',
  },
  async run(context, facts) {
    const { refused, place, directory, playlistName, body, url, answers } = await facts.probe();
    if (refused !== undefined) return [skip(`it could not be written: ${refused.join(' ')}`)];
    const answer = answers.playlist;
    if (answer?.status === 200 && answer.body === body) return [pass(`a test playlist written by ${place.name} came back over HTTP`)];
    const shared = {
      evidence: [
        `written by ${place.name}: ${directory}/${playlistName}`,
        `GET ${url.playlist}: ${answer === undefined ? 'no answer' : `HTTP ${answer.status}`}`,
      ],
      consequenceOf: ['config', 'paths', 'volume', 'permissions', 'write', 'files', 'nginx', 'docker', 'disk'],
      next: place.describe(['sh', '-c', `echo '#EXTM3U' > ${directory}/test.m3u8`]),
    };
    if (answer?.status === 200) {
      return [
        fail({
          ...shared,
          code: 'served-changed',
          what: 'the test playlist comes back changed',
          why: 'a proxy or a cache stands between, or HTTP serves another folder',
        }),
      ];
    }
    return [
      fail({
        ...shared,
        code: 'not-served',
        what: `a playlist in ${directory} is not served (${answer === undefined ? 'no answer' : `HTTP ${answer.status}`})`,
        why:
          answer?.status === 403
            ? 'nginx may not read it, or a rule forbids it'
            : 'HTTP serves another folder than the one that is written to',
        fix: { action: 'write the configuration of nginx anew and restart it', apply: () => context.actions.restartOrigin() },
      }),
    ];
  },
};
