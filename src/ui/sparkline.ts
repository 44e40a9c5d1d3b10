// A row of block characters for a row of numbers.

const blocks = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/** The last `width` values, scaled to the largest of them; a gap (undefined) is a space. */
export function sparkline(values: readonly (number | undefined)[], width: number): string {
  const shown = values.slice(-width);
  const highest = Math.max(0, ...shown.map((value) => value ?? 0));
  const text = shown.map((value) => {
    if (value === undefined) return ' ';
    if (highest === 0 || value <= 0) return blocks[0] ?? '';
    return blocks[Math.min(blocks.length - 1, Math.floor((value / highest) * blocks.length))] ?? '';
  });
  return text.join('').padStart(width);
}
