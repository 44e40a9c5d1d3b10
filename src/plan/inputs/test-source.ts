// The built-in test source: bars with a clock and a tone, made by ffmpeg itself.

import { option, step } from '../step.ts';
import type { InputKind } from './input-kind.ts';
import { unusedIdentity } from './shared.ts';

export interface TestPicture {
  readonly width: number;
  readonly height: number;
  readonly fps: number;
  readonly toneHz: number;
}

/** `test:` or `test:?size=1280x720&fps=50&tone=440`; what is missing or out of range takes the default. */
export function parseTestUrl(url: string): TestPicture {
  const query = new Map((url.split('?')[1] ?? '').split('&').map((pair) => [pair.split('=')[0] ?? '', pair.split('=')[1] ?? ''] as const));
  const size = /^(\d{2,4})x(\d{2,4})$/.exec(query.get('size') ?? '');
  const even = (text: string | undefined, fallback: number): number => inRange(Math.floor(Number(text ?? '') / 2) * 2, 16, 9998, fallback);
  return {
    width: even(size?.[1], 640),
    height: even(size?.[2], 360),
    fps: inRange(Number(query.get('fps') ?? ''), 1, 120, 25),
    toneHz: inRange(Number(query.get('tone') ?? ''), 20, 20_000, 440),
  };
}

function inRange(value: number, least: number, most: number, fallback: number): number {
  return Number.isInteger(value) && value >= least && value <= most ? value : fallback;
}

export const testSource: InputKind = {
  needs: () => ({ protocols: [], demuxers: ['lavfi'] }),
  plan({ streamId, source, filters, withAudio }) {
    const picture = parseTestUrl(source.url);
    const withClock = filters.has('drawtext') && filters.has('smptehdbars');
    const sound = withAudio ? `;sine=frequency=${picture.toneHz}:beep_factor=4:sample_rate=44100[out1]` : '';
    const graph = `${withClock ? barsWithClock(streamId, picture) : `testsrc2=${frame(picture)}`}[out0]${sound}`;
    return {
      options: [
        step(['-re'], 'make frames at the speed of life'),
        option('f', 'lavfi', 'ffmpeg makes the picture itself: no network, no file'),
      ],
      address: graph,
      shownAddress: graph,
      why: `${withClock ? 'colour bars, name and clock' : 'moving test picture with a time stamp'}${withAudio ? `; a tone of ${picture.toneHz} Hz with a beep each second` : ''}`,
      notes: [
        ...(withClock ? [] : ['this ffmpeg cannot write text (no drawtext filter, or no font): test picture without a clock']),
        ...unusedIdentity(source, { userAgent: false }),
      ],
    };
  },
};

function frame(picture: TestPicture): string {
  return `size=${picture.width}x${picture.height}:rate=${picture.fps}`;
}

/** Ids hold only a-z, 0-9, _ and -, which need no escaping in a filter graph. */
function barsWithClock(streamId: string, picture: TestPicture): string {
  const fontSize = Math.max(12, Math.round(picture.height / 10));
  const place = 'x=(w-text_w)/2:y=h*0.78';
  const box = `box=1:boxcolor=black@0.6:boxborderw=${Math.round(fontSize / 3)}`;
  return `smptehdbars=${frame(picture)},drawtext=text='${streamId}  %{localtime}':fontsize=${fontSize}:fontcolor=white:${box}:${place}`;
}
