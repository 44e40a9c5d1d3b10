// Lines out of the bytes of a program that goes on.

const longest = 256 * 1024;

/** Batches of whole lines, as they come; what is longer than any line of ours is cut. */
export async function* linesOf(output: AsyncIterable<Uint8Array>): AsyncGenerator<readonly string[]> {
  const decoder = new TextDecoder();
  let open = '';
  for await (const bytes of output) {
    const parts = (open + decoder.decode(bytes, { stream: true })).split('\n');
    open = (parts.pop() ?? '').slice(0, longest);
    if (parts.length > 0) yield parts;
  }
  if (open !== '') yield [open];
}
