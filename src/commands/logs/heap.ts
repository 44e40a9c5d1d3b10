// A binary heap: the next of hundreds of logs is found without looking at all of them.

export interface Heap<T> {
  readonly size: () => number;
  push(item: T): void;
  /** Takes out the item that comes before all others; undefined when there is none. */
  pop(): T | undefined;
}

/** `before(a, b)`: a must come out earlier than b. */
export function createHeap<T>(before: (a: T, b: T) => boolean): Heap<T> {
  const items: T[] = [];

  function isBefore(left: number, right: number): boolean {
    const [a, b] = [items[left], items[right]];
    return a !== undefined && b !== undefined && before(a, b);
  }

  function swap(left: number, right: number): void {
    const [a, b] = [items[left], items[right]];
    if (a === undefined || b === undefined) return;
    items[left] = b;
    items[right] = a;
  }

  return {
    size: () => items.length,
    push(item) {
      items.push(item);
      for (let at = items.length - 1; at > 0;) {
        const parent = (at - 1) >> 1;
        if (!isBefore(at, parent)) break;
        swap(at, parent);
        at = parent;
      }
    },
    pop() {
      const first = items[0];
      const last = items.pop();
      if (first === undefined || last === undefined || items.length === 0) return first;
      items[0] = last;
      for (let at = 0; ;) {
        const [left, right] = [2 * at + 1, 2 * at + 2];
        const least = isBefore(right, left) ? right : left;
        if (least >= items.length || !isBefore(least, at)) return first;
        swap(at, least);
        at = least;
      }
    },
  };
}
