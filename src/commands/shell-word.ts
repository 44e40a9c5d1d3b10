// One word for a POSIX shell, for command lines that a person or cron runs.

/** Plain where that is safe, else in single quotes, inside which only the quote itself is special. */
export function shellWord(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;
}
