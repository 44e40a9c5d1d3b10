// Parses ffmpeg's `-progress` output: blocks of key=value lines that end with `progress=`.

export interface ProgressBlock {
  /** Frames sent to the output; null for sound alone. */
  readonly frame: number | null;
  readonly fps: number | null;
  /** Microseconds of output; it stands still when the source does (7.x goes on printing blocks). null before the first packet. */
  readonly outTimeUs: number | null;
  /** 1 is real time. */
  readonly speed: number | null;
  readonly droppedFrames: number;
  readonly duplicatedFrames: number;
  /** Bytes; null when the output cannot tell (tee says N/A). */
  readonly totalSizeBytes: number | null;
  /** The last block of a run. */
  readonly done: boolean;
}

export interface ProgressParser {
  /** Takes any piece of text, cut anywhere; returns the blocks it completes. */
  feed(text: string): readonly ProgressBlock[];
}

/** A block has about 20 lines; more without an end means that the text is something else. */
const longestLine = 1024;
const mostLines = 200;

export function createProgressParser(): ProgressParser {
  let rest = '';
  let values = new Map<string, string>();
  return {
    feed(text) {
      const lines = (rest + text).split('\n');
      rest = (lines.pop() ?? '').slice(0, longestLine);
      const blocks: ProgressBlock[] = [];
      for (const line of lines) {
        // A file truncated under the writer begins with zero bytes.
        const [, key, value = ''] = /^[\0\s]*([\w.]+)=\s*(\S*)\s*$/.exec(line.slice(0, longestLine)) ?? [];
        if (key === undefined) continue;
        if (key === 'progress') {
          blocks.push(toBlock(values, value === 'end'));
          values = new Map();
        } else if (values.size < mostLines) {
          values.set(key, value);
        }
      }
      return blocks;
    },
  };
}

function toBlock(values: ReadonlyMap<string, string>, done: boolean): ProgressBlock {
  const number = (key: string): number | null => {
    const text = values.get(key);
    const value = Number.parseFloat(text ?? '');
    return text === undefined || !Number.isFinite(value) ? null : value;
  };
  return {
    frame: number('frame'),
    fps: number('fps'),
    outTimeUs: number('out_time_us'),
    // `1.01x`; parseFloat stops at the x.
    speed: number('speed'),
    droppedFrames: number('drop_frames') ?? 0,
    duplicatedFrames: number('dup_frames') ?? 0,
    totalSizeBytes: number('total_size'),
    done,
  };
}
