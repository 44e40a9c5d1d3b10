// Frame rates as ffmpeg takes them and as broadcasters mean them. Pure.

export interface FrameRate {
  /** `25`, `30000/1001`. */
  readonly rate: string;
  readonly fps: number;
}

/** ffmpeg prints 29.97 for 30000/1001: an integer a little above it, times 1000/1001, is what broadcasters send. */
export function exactRate(fps: number): FrameRate {
  const next = Math.ceil(fps);
  const exact = (next * 1000) / 1001;
  if (next !== fps && Math.abs(fps - exact) < 0.01) return { rate: `${next * 1000}/1001`, fps: exact };
  const rounded = Math.round(fps * 1000);
  return { rate: rounded % 1000 === 0 ? String(rounded / 1000) : `${rounded}/1000`, fps: rounded / 1000 };
}

/** Every `divisor`-th frame of it. */
export function divideRate({ rate, fps }: FrameRate, divisor: number): FrameRate {
  if (divisor === 1) return { rate, fps };
  const [numerator, denominator = '1'] = rate.split('/');
  return { rate: `${numerator}/${Number(denominator) * divisor}`, fps: fps / divisor };
}
