// Reads a master playlist and says what RFC 8216 forbids in it (4.2, 4.3.4), or what players cannot choose by. Pure.

export interface MasterEntry {
  /** Of a variant, its media playlist; of an EXT-X-MEDIA its URI, '' without one. */
  readonly uri: string;
  readonly attributes: Readonly<Record<string, string>>;
}

export interface ReadMaster {
  readonly variants: readonly MasterEntry[];
  readonly renditions: readonly MasterEntry[];
  /** Each with its section; empty: valid. */
  readonly mistakes: readonly string[];
}

type Report = (section: string, message: string) => void;

const ofMediaPlaylists = /^#EXT(?:INF|-X-(?:TARGETDURATION|MEDIA-SEQUENCE|DISCONTINUITY|ENDLIST|BYTERANGE|KEY|MAP|PROGRAM-DATE-TIME))\b/;
/** 4.2: attributes whose value is a quoted string; of the others, only enumerated ones and numbers are used here. */
const quoted = new Set([
  'CODECS',
  'AUDIO',
  'SUBTITLES',
  'VIDEO',
  'GROUP-ID',
  'NAME',
  'LANGUAGE',
  'ASSOC-LANGUAGE',
  'CHANNELS',
  'CHARACTERISTICS',
  'URI',
]);

export function readMasterPlaylist(text: string): ReadMaster {
  const mistakes: string[] = [];
  const report: Report = (section, message) => void mistakes.push(`${message} (${section})`);
  const lines = text.replace(/\n$/, '').split('\n');
  if (lines[0] !== '#EXTM3U') report('4.3.1.1', 'it does not begin with #EXTM3U');
  const variants: MasterEntry[] = [];
  const renditions: MasterEntry[] = [];
  for (const [index, line] of lines.entries()) {
    if (ofMediaPlaylists.test(line)) report('4.1', `${line} belongs into a media playlist`);
    const [, tag = '', list = ''] = /^#EXT-X-(STREAM-INF|MEDIA):(.*)$/.exec(line) ?? [];
    if (tag === 'MEDIA') {
      const attributes = readAttributes(list, report);
      renditions.push({ uri: attributes['URI'] ?? '', attributes });
    } else if (tag === 'STREAM-INF') {
      const uri = lines[index + 1] ?? '';
      if (uri === '' || uri.startsWith('#')) report('4.3.4.2', `no URI follows ${line}`);
      variants.push({ uri, attributes: readAttributes(list, report) });
    } else if (line !== '' && !line.startsWith('#') && !(lines[index - 1] ?? '').startsWith('#EXT-X-STREAM-INF:')) {
      report('4.3.4.2', `${line} follows no EXT-X-STREAM-INF`);
    }
  }
  if (variants.length === 0) report('4.3.4.2', 'it has no variant');
  for (const rendition of renditions) checkRendition(rendition, report);
  checkGroups(renditions, report);
  for (const variant of variants) checkVariant(variant, renditions, report);
  return { variants, renditions, mistakes };
}

function readAttributes(list: string, report: Report): Readonly<Record<string, string>> {
  const pairs = [...list.matchAll(/([A-Z0-9-]+)=("[^"]*"|[^",\s]+)(?:,|$)/g)];
  if (pairs.map(([whole]) => whole).join('') !== list || list.endsWith(',')) report('4.2', `no attribute list: ${list}`);
  const attributes: Record<string, string> = {};
  for (const [, name = '', value = ''] of pairs) {
    if (attributes[name] !== undefined) report('4.2', `${name} stands twice: ${list}`);
    if (quoted.has(name) !== value.startsWith('"')) report('4.2', `${name}=${value} ${quoted.has(name) ? 'must' : 'must not'} be quoted`);
    attributes[name] = value.replaceAll('"', '');
  }
  return attributes;
}

function checkRendition({ uri, attributes }: MasterEntry, report: Report): void {
  const wrong = (message: string): void => report('4.3.4.1', message);
  const { TYPE: type = '', NAME: name = '', LANGUAGE: language } = attributes;
  if (!['AUDIO', 'VIDEO', 'SUBTITLES', 'CLOSED-CAPTIONS'].includes(type)) wrong(`TYPE=${type} is no type of rendition`);
  for (const key of ['GROUP-ID', 'NAME']) if ((attributes[key] ?? '') === '') wrong(`${key} is required`);
  for (const key of ['DEFAULT', 'AUTOSELECT', 'FORCED']) {
    if (!['YES', 'NO', undefined].includes(attributes[key])) wrong(`${key}=${attributes[key]} is neither YES nor NO`);
  }
  if (attributes['DEFAULT'] === 'YES' && attributes['AUTOSELECT'] === 'NO') wrong(`${name}: the default must be chosen automatically`);
  if (attributes['FORCED'] !== undefined && type !== 'SUBTITLES') wrong(`${name}: FORCED is for subtitles`);
  if (type === 'SUBTITLES' && uri === '') wrong(`${name}: subtitles need a URI`);
  if (type === 'CLOSED-CAPTIONS' && uri !== '') wrong(`${name}: closed captions have no URI`);
  if (language !== undefined && !isLanguage(language)) wrong(`LANGUAGE=${language} is no tag of RFC 5646`);
}

function isLanguage(tag: string): boolean {
  try {
    return Intl.getCanonicalLocales(tag)[0] === tag;
  } catch {
    return false;
  }
}

function checkGroups(renditions: readonly MasterEntry[], report: Report): void {
  const groups = Map.groupBy(renditions, ({ attributes }) => `${attributes['TYPE']} ${attributes['GROUP-ID']}`);
  for (const [group, members] of groups) {
    const wrong = (message: string): void => report('4.3.4.1.1', `${group}: ${message}`);
    const names = members.map(({ attributes }) => attributes['NAME']);
    if (new Set(names).size < names.length) wrong(`two renditions have one name: ${names.join(', ')}`);
    if (members.filter(({ attributes }) => attributes['DEFAULT'] === 'YES').length > 1) wrong('more than one default');
    const automatic = members.filter(({ attributes }) => attributes['AUTOSELECT'] === 'YES');
    const kinds = automatic.map(({ attributes: { LANGUAGE, FORCED, CHARACTERISTICS } }) => `${LANGUAGE} ${FORCED} ${CHARACTERISTICS}`);
    if (new Set(kinds).size < kinds.length) wrong('two renditions that are chosen automatically do not differ in language');
  }
}

function checkVariant({ uri, attributes }: MasterEntry, renditions: readonly MasterEntry[], report: Report): void {
  const wrong = (message: string): void => report('4.3.4.2', `${uri}: ${message}`);
  const { BANDWIDTH: peak = '', 'AVERAGE-BANDWIDTH': mean, RESOLUTION: size, 'FRAME-RATE': rate } = attributes;
  if (!/^[1-9]\d*$/.test(peak)) wrong('BANDWIDTH is required, a whole number');
  if (mean !== undefined && !(Number(mean) <= Number(peak))) wrong(`AVERAGE-BANDWIDTH ${mean} is above BANDWIDTH ${peak}`);
  if (size !== undefined && !/^\d+x\d+$/.test(size)) wrong(`RESOLUTION=${size}`);
  if (rate !== undefined && !/^\d+(?:\.\d{1,3})?$/.test(rate)) wrong(`FRAME-RATE=${rate} is no number with up to three decimals`);
  for (const type of ['AUDIO', 'SUBTITLES', 'VIDEO']) {
    const group = attributes[type];
    if (group === undefined) continue;
    if (!renditions.some((one) => one.attributes['TYPE'] === type && one.attributes['GROUP-ID'] === group)) {
      wrong(`${type}="${group}" names no group of EXT-X-MEDIA`);
    }
  }
}
