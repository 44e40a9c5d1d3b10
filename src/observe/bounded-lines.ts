// The last lines of something, bounded in number and in size.

export interface BoundedLines<T> {
  push(item: T, characters: number): void;
  readonly items: readonly T[];
  /** How many fell out since `clear`. */
  readonly lost: () => number;
  clear(): void;
}

export function createBoundedLines<T>(most: { readonly lines: number; readonly characters: number }): BoundedLines<T> {
  const items: T[] = [];
  const sizes: number[] = [];
  let total = 0;
  let lost = 0;
  return {
    items,
    lost: () => lost,
    push(item, characters) {
      items.push(item);
      sizes.push(characters);
      total += characters;
      while (items.length > most.lines || (total > most.characters && items.length > 1)) {
        items.shift();
        total -= sizes.shift() ?? 0;
        lost += 1;
      }
    },
    clear() {
      items.length = 0;
      sizes.length = 0;
      total = 0;
      lost = 0;
    },
  };
}
