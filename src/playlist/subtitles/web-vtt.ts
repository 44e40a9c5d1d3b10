// WebVTT as ffmpeg writes it to a file that grows, and as a segment of a rendition says it (RFC 8216 3.5). Pure.

export interface Cue {
  /** Job time, milliseconds. */
  readonly startMs: number;
  readonly endMs: number;
  /** One line or more, none of them empty. */
  readonly text: string;
  /** Position and alignment, as they stand behind the times. */
  readonly settings: string;
}

/** A page of text; more is no subtitle. */
const mostCharacters = 2000;
/** Teletext and broken sources may leave a text on for ever. */
const longestMs = 60_000;
const timing = /^((?:\d{2,}:)?\d{2}:\d{2}\.\d{3}) --> ((?:\d{2,}:)?\d{2}:\d{2}\.\d{3})(?: ([ -~]{1,200}))?$/;

export interface CueReader {
  /** Takes what was appended; what is not whole yet waits for its rest. */
  feed(text: string): readonly Cue[];
  /** There is no more now: ffmpeg writes a cue at once, but the empty line behind it only with the next one. */
  pause(): readonly Cue[];
}

export function createCueReader(): CueReader {
  let rest = '';
  return {
    feed(text) {
      const blocks = (rest + text).replaceAll('\r', '').split('\n\n');
      // A block without an end cannot be a cue for ever: the file was cut, or it is none.
      rest = (blocks.pop() ?? '').slice(-2 * mostCharacters);
      return blocks.flatMap((block) => readCue(block) ?? []);
    },
    pause() {
      const cue = rest.endsWith('\n') ? readCue(rest) : undefined;
      if (cue === undefined) return [];
      rest = '\n';
      return [cue];
    },
  };
}

function readCue(block: string): Cue | undefined {
  const lines = block.split('\n').filter((line) => line !== '');
  const at = lines.findIndex((line) => timing.test(line));
  const [, from = '', to = '', settings = ''] = timing.exec(lines[at] ?? '') ?? [];
  if (at < 0) return undefined;
  const text = lines
    .slice(at + 1)
    .map((line) => line.replaceAll('-->', '->').replaceAll('\0', ''))
    .join('\n')
    .slice(0, mostCharacters)
    .trim();
  const startMs = milliseconds(from);
  const endMs = Math.min(milliseconds(to), startMs + longestMs);
  // What is no setting might be a line of its own.
  const known = settings.split(' ').filter((word) => /^[a-z]+:[\w%.,-]+$/.test(word));
  return text === '' || endMs <= startMs ? undefined : { startMs, endMs, text, settings: known.join(' ') };
}

function milliseconds(time: string): number {
  const [seconds = 0, minutes = 0, hours = 0] = time.split(':').reverse().map(Number);
  return Math.round(1000 * (seconds + 60 * minutes + 3600 * hours));
}

/** Which moment of the cues is which of the segment's own clock. */
export interface ClockMap {
  /** 90 kHz, 33 bits. */
  readonly mpegTs: number;
  readonly localMs: number;
}

/** Nothing is said in it. */
export const emptyVtt = 'WEBVTT\n\n';

/** `run` names the job: cues of two jobs may have the same time, and a player knows a cue that it has by its name. */
export function printVtt(map: ClockMap, cues: readonly Cue[], run: string): string {
  if (cues.length === 0) return emptyVtt;
  const blocks = cues.map((cue) => {
    const settings = cue.settings === '' ? '' : ` ${cue.settings}`;
    return `${cueName(cue, run)}\n${clock(cue.startMs)} --> ${clock(cue.endMs)}${settings}\n${cue.text}\n`;
  });
  return `WEBVTT\nX-TIMESTAMP-MAP=MPEGTS:${map.mpegTs},LOCAL:${clock(map.localMs)}\n\n${blocks.join('\n')}\n`;
}

function cueName({ startMs, endMs, text }: Cue, run: string): string {
  let sum = 0;
  for (const char of text) sum = (31 * sum + (char.codePointAt(0) ?? 0)) % 0xffff_ffff;
  return `${run}-${startMs}-${endMs}-${sum.toString(36)}`;
}

function clock(ms: number): string {
  const two = (value: number): string => String(Math.floor(value)).padStart(2, '0');
  return `${two(ms / 3_600_000)}:${two((ms / 60_000) % 60)}:${two((ms / 1000) % 60)}.${String(ms % 1000).padStart(3, '0')}`;
}
