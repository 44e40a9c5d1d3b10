// Waiting without guessing times.

/** Asks again and again until the answer is good; fails with the last answer. The limit only finds hangs: crowded machines are slow. */
export async function eventually<T>(
  read: () => T | Promise<T>,
  holds: (value: T) => boolean,
  options: { timeoutMs?: number; every?: number; what?: string } = {},
): Promise<T> {
  const { timeoutMs = 60_000, every = 100, what = 'the condition' } = options;
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const value = await read();
    if (holds(value)) return value;
    if (Date.now() > deadline) throw new Error(`${what} did not come about within ${timeoutMs} ms; last: ${JSON.stringify(value)}`);
    await sleep(every);
  }
}

export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
