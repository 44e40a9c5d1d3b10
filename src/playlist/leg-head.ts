// The few numbers of a leg's playlist that the sweep over all channels needs, read without building the whole list.

export interface LegHead {
  readonly mediaSequence: number;
  readonly segments: number;
  readonly lastUri: string;
  readonly lastDurationSeconds: number;
  readonly targetDurationSeconds: number;
}

const segmentTag = '\n#EXTINF:';

/** undefined when there is nothing to play: no file content, garbage, or no segment yet. */
export function legHead(text: string): LegHead | undefined {
  if (!text.startsWith('#EXTM3U') && !text.startsWith('\uFEFF#EXTM3U')) return undefined;
  let segments = 0;
  let last = -1;
  for (let at = text.indexOf(segmentTag); at >= 0; at = text.indexOf(segmentTag, at + segmentTag.length)) {
    const uri = uriAfter(text, at + segmentTag.length);
    if (uri === undefined) continue;
    segments += 1;
    last = at;
  }
  if (last < 0) return undefined;
  return {
    mediaSequence: numberAfter(text, '\n#EXT-X-MEDIA-SEQUENCE:'),
    segments,
    lastUri: uriAfter(text, last + segmentTag.length) ?? '',
    lastDurationSeconds: numberAt(text, last + segmentTag.length),
    targetDurationSeconds: numberAfter(text, '\n#EXT-X-TARGETDURATION:'),
  };
}

/** The first line after `from` that is not a tag; undefined when another segment or the end comes first. */
function uriAfter(text: string, from: number): string | undefined {
  let start = text.indexOf('\n', from) + 1;
  while (start > 0 && start < text.length) {
    const newline = text.indexOf('\n', start);
    const end = newline < 0 ? text.length : newline;
    if (text.charCodeAt(start) !== 35) {
      const uri = text.slice(start, end).trim();
      if (uri !== '') return uri;
    } else if (text.startsWith('#EXTINF:', start)) return undefined;
    start = newline + 1;
  }
  return undefined;
}

function numberAfter(text: string, tag: string): number {
  const at = text.indexOf(tag);
  return at < 0 ? 0 : numberAt(text, at + tag.length);
}

function numberAt(text: string, at: number): number {
  const value = Number.parseFloat(text.slice(at, at + 24));
  return Number.isFinite(value) && value > 0 ? value : 0;
}
