// The MIME types of playlists and segments, as configured and as really served.

import { directive, directives, type Directive } from '../../observe/nginx-directives.ts';
import { fail, pass, skip, type Finding } from '../check.ts';
import type { DoctorContext } from '../context.ts';
import type { DoctorCheck } from '../doctor-check.ts';
import type { DoctorFacts } from '../doctor-facts.ts';
import { hlsLocation } from './served-folder.ts';

/** RFC 8216 section 4 allows these two for playlists; the x- forms are older and understood by every player. */
const wanted = {
  m3u8: ['application/vnd.apple.mpegurl', 'audio/mpegurl', 'application/x-mpegurl', 'audio/x-mpegurl'],
  ts: ['video/mp2t'],
} as const;
type Ending = keyof typeof wanted;

export const mimeCheck: DoctorCheck = {
  id: 'mime',
  title: 'MIME types',
  group: 'Delivery',
  layer: 'http',
  severity: 'error',
  dependsOn: ['nginx'],
  about: 'Types of .m3u8 and .ts, in `nginx -T` and as served for test files.',
  finds: { 'mime-wrong': 'playlists or segments are served with a type that players refuse' },
  async run(context, facts) {
    const [served, configured] = [await servedTypes(facts), await configuredTypes(facts)];
    const endings: readonly Ending[] = ['m3u8', 'ts'];
    const wrong = endings.filter((ending) => {
      const type = served[ending] ?? configured?.types.get(ending);
      return type !== undefined && !isRight(ending, type);
    });
    if (wrong.length > 0) return [finding(context, wrong, served, configured)];
    const shown = endings.flatMap((ending) => (served[ending] === undefined ? [] : [`.${ending}: ${served[ending]}`]));
    if (shown.length > 0) return [pass(shown.join(', '))];
    if (configured === undefined) return [skip('no file could be served, and nginx did not tell its configuration')];
    return [pass('configured right; no file could be served')];
  },
};

function isRight(ending: Ending, type: string): boolean {
  return (wanted[ending] as readonly string[]).includes(type.split(';')[0]?.trim().toLowerCase() ?? '');
}

type Served = Readonly<Partial<Record<Ending, string>>>;

/** Test files, or where none could be written, what running streams have. */
async function servedTypes(facts: DoctorFacts): Promise<Served> {
  const { answers } = await facts.probe();
  const typeOf = (answer: { status: number; headers: Readonly<Record<string, string>> } | undefined): string | undefined =>
    answer?.status === 200 ? (answer.headers['content-type'] ?? 'none') : undefined;
  const m3u8 =
    typeOf(answers.playlist) ??
    (await facts.served()).flatMap(({ legs }) => typeOf(legs.backup.answer) ?? typeOf(legs.primary.answer) ?? [])[0];
  const ts = typeOf(answers.segment);
  return { ...(m3u8 === undefined ? {} : { m3u8 }), ...(ts === undefined ? {} : { ts }) };
}

interface Configured {
  readonly types: ReadonlyMap<string, string>;
  /** Where the types come from; a block in a location replaces all others. */
  readonly where: string;
}

async function configuredTypes(facts: DoctorFacts): Promise<Configured | undefined> {
  const dump = await facts.nginxDump();
  if (dump.state !== 'ok') return undefined;
  const found = hlsLocation(dump.tree);
  const nested = directives(found?.location.block, 'location').find(({ block }) => directive(block, 'types') !== undefined);
  const levels: readonly (readonly [string, Directive | undefined])[] = [
    [`location ${nested?.args.join(' ') ?? ''} in /hls/`, nested],
    ['location /hls/', found?.location],
    ['its server', found?.server],
    ['http', directive(dump.tree, 'http')],
  ];
  for (const [where, level] of levels) {
    const blocks = directives(level?.block, 'types');
    if (blocks.length === 0) continue;
    const types = blocks.flatMap(({ block }) => (block ?? []).flatMap(({ name, args }) => args.map((ending) => [ending, name] as const)));
    return { types: new Map(types), where };
  }
  return { types: new Map(), where: 'nowhere' };
}

function finding(context: DoctorContext, wrong: readonly Ending[], served: Served, configured: Configured | undefined): Finding {
  return fail({
    code: 'mime-wrong',
    what: `${wrong.map((ending) => `.${ending} is served as ${served[ending] ?? configured?.types.get(ending) ?? 'nothing'}`).join(', ')}`,
    evidence: [
      ...wrong.map((ending) => `.${ending} should be ${wanted[ending][0]}`),
      ...(configured === undefined
        ? []
        : [
            `types come from ${configured.where}: ${wrong.map((ending) => `${ending} -> ${configured.types.get(ending) ?? 'none'}`).join(', ')}`,
          ]),
    ],
    why: 'Safari and many set-top boxes refuse playlists and segments of another type',
    next: context.runtime === 'docker' ? context.places.origin.describe(['nginx', '-T']) : `cat ${context.paths.nginx}/nginx.conf`,
    consequenceOf: ['config/config-refused', 'nginx/nginx-reloaded'],
    fix: { action: 'write the configuration of nginx anew and restart it', apply: () => context.actions.restartOrigin() },
  });
}
