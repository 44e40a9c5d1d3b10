// Each writer writes a test file, and the other one sees it; the backend, which tidies up, can remove both.

import { cannotTell, fail, notHere, pass, skip, type Finding } from '../check.ts';
import type { DoctorContext } from '../context.ts';
import type { DoctorCheck } from '../doctor-check.ts';
import { lastWords } from '../last-words.ts';
import type { Place } from '../place.ts';

export const writeCheck: DoctorCheck = {
  id: 'write',
  title: 'test files',
  group: 'HLS folder',
  layer: 'volume',
  severity: 'error',
  dependsOn: [],
  about: 'A test file is written on each side, read on the other one, renamed and removed.',
  finds: {
    'cannot-write': 'one side cannot write in the HLS folder',
    'not-seen': 'what one side writes, the other does not see',
    'cannot-remove': 'the backend cannot remove what nginx wrote',
  },
  async run(context, facts) {
    const { backend } = context.places;
    if (backend.unreachable !== undefined) return [cannotTell(backend.unreachable)];
    const [found, folders] = await Promise.all([tryBoth(context), facts.folders()]);
    return folders.backend === undefined && folders.origin === undefined ? [skip('there is no HLS folder')] : found;
  },
};

async function tryBoth(context: DoctorContext): Promise<readonly Finding[]> {
  const { backend, origin } = context.places;
  if (context.inside === true)
    return [...(await tryOne(context, 'backend', backend, undefined)), notHere('the other side cannot be looked into from in here')];
  if (origin.unreachable !== undefined) return [...(await tryOne(context, 'backend', backend, undefined)), cannotTell(origin.unreachable)];
  const worker = origin.asWorker ?? origin;
  const found = (await Promise.all([tryOne(context, 'backend', backend, worker), tryOne(context, 'nginx', worker, backend)])).flat();
  return found.length > 0 ? found : [pass('both sides write, and see what the other wrote')];
}

/** As ffmpeg writes: under another name first. A full disk lets an empty file be made, and tee(1) tells. */
const writeScript = 'tee "$0" >/dev/null && mv -f "$0" "$1"';

const explained = ['volume', 'permissions', 'files', 'disk', 'docker'];

async function tryOne(
  context: DoctorContext,
  side: 'backend' | 'nginx',
  writer: Place,
  reader: Place | undefined,
): Promise<readonly Finding[]> {
  const directory = context.endpoints.hlsDirectory;
  const { ports, places } = context;
  const half = `${directory}/.iptv-doctor-${ports.process.pid}-${side}.tmp`;
  const whole = `${directory}/.iptv-doctor-${ports.process.pid}-${side}`;
  const text = `written by iptv doctor as ${side}, ${ports.clock.now()}\n`;
  let isLeft = true;
  try {
    const written = await writer.run(['sh', '-c', writeScript, half, whole], { input: text });
    if (written.timedOut) return [cannotTell(`${writer.name} did not answer in time`)];
    if (written.exitCode !== 0) return [cannotWrite(context, writer, side, lastWords(written, 2))];
    if (reader === undefined) return [];
    // What nginx wrote, the backend removes: it tidies up.
    const removing = side === 'nginx';
    const read = await reader.run(removing ? ['sh', '-c', 'cat "$0" && rm "$0"', whole] : ['cat', whole]);
    if (read.stdout !== text) {
      return [
        fail({
          code: 'not-seen',
          what: `what ${writer.name} writes in ${directory}, ${reader.name} does not see`,
          evidence: [`${whole}: written in ${writer.name}, not the same in ${reader.name}`],
          why: 'the two HLS writers and the web server must share one folder',
          next: reader.describe(['ls', '-la', directory]),
          consequenceOf: [...explained, 'paths'],
        }),
      ];
    }
    isLeft = !removing || read.exitCode !== 0;
    if (!removing || read.exitCode === 0) return [];
    return [
      fail({
        code: 'cannot-remove',
        what: `the backend cannot remove what nginx wrote in ${directory}`,
        evidence: lastWords(read, 2),
        why: 'segments pile up until the disk is full',
        next: places.backend.describe(['ls', '-la', directory]),
        consequenceOf: explained,
      }),
    ];
  } finally {
    if (isLeft) await writer.run(['rm', '-f', half, whole]);
  }
}

function cannotWrite(context: DoctorContext, writer: Place, side: 'backend' | 'nginx', evidence: readonly string[]): Finding {
  const directory = context.endpoints.hlsDirectory;
  return fail({
    code: 'cannot-write',
    what: `${side === 'nginx' ? "nginx's user" : 'the backend'} cannot write in ${directory}`,
    evidence,
    why: side === 'nginx' ? 'the primary leg is not written' : 'the backup leg is not written',
    next: writer.describe(['sh', '-c', `echo test > ${directory}/test.txt`]),
    consequenceOf: explained,
  });
}
