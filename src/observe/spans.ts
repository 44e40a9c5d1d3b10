// Spans of time and what can be done with sets of them. Pure.

/** Milliseconds since the epoch; `to` is not part of it. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** In order, without overlaps, without empty ones. */
export function union(spans: readonly Span[]): readonly Span[] {
  const merged: { from: number; to: number }[] = [];
  for (const { from, to } of spans.filter((span) => span.to > span.from).toSorted((left, right) => left.from - right.from)) {
    const last = merged.at(-1);
    if (last !== undefined && from <= last.to) last.to = Math.max(last.to, to);
    else merged.push({ from, to });
  }
  return merged;
}

export function intersect(left: readonly Span[], right: readonly Span[]): readonly Span[] {
  const others = union(right);
  return union(left).flatMap((span) =>
    others.map((other) => ({ from: Math.max(span.from, other.from), to: Math.min(span.to, other.to) })).filter(({ from, to }) => to > from),
  );
}

export function subtract(from: readonly Span[], taken: readonly Span[]): readonly Span[] {
  let left = union(from);
  for (const hole of union(taken)) {
    left = left.flatMap((span) => {
      if (hole.to <= span.from || hole.from >= span.to) return [span];
      const parts = [
        { from: span.from, to: hole.from },
        { from: hole.to, to: span.to },
      ];
      return parts.filter((part) => part.to > part.from);
    });
  }
  return left;
}

/** Seconds, those in two spans counted once. */
export function secondsOf(spans: readonly Span[]): number {
  return union(spans).reduce((total, { from, to }) => total + (to - from), 0) / 1000;
}
