// When ffmpeg said that something of its source was lost or broken: the segments of that time may hold pictures that cannot be decoded. Pure.

export interface DamageSigns {
  /** One line of stderr, read `at`, and written after `since`; both monotonic. */
  feed(line: string, at: number, since?: number): void;
  /** Something was said of this time, monotonic. */
  readonly touches: (fromAt: number, untilAt: number) => boolean;
}

/**
 * ffmpeg 5.1 and 7.1. Its MPEG-TS reader drops a packet whose continuity counter does not fit (-fflags +discardcorrupt), and says
 * so. The counter has 16 values: a loss in the middle of a picture is not seen one time in 16, but a loss that is longer than a
 * moment takes pieces of the sound and of the tables with it. The parser speaks of pictures that are not whole, RTP of what is missing.
 */
const signs =
  /Packet corrupt|corrupt input packet|PES packet size mismatch|Invalid NAL unit|missing picture in access unit|RTP: missed \d+ packets|max delay reached|truncated|non-existing [PS]PS/;

/** nginx finishes its piece of the same time a moment later, and a parser speaks one picture late. */
const slackMs = 1000;
const mostSpans = 30;

export function createDamageSigns(): DamageSigns {
  let spans: { readonly fromAt: number; readonly untilAt: number }[] = [];
  return {
    feed(line, at, since = at) {
      if (!signs.test(line)) return;
      const last = spans.at(-1);
      const joins = last !== undefined && since - slackMs <= last.untilAt;
      const span = { fromAt: joins ? Math.min(last.fromAt, since - slackMs) : since - slackMs, untilAt: at + slackMs };
      spans = [...(joins ? spans.slice(0, -1) : spans), span].slice(-mostSpans);
    },
    touches: (fromAt, untilAt) => spans.some((span) => fromAt <= span.untilAt && untilAt >= span.fromAt),
  };
}
