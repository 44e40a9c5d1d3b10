// What a check of one value answers: the value, or what is wrong with it in plain words.

export interface Problem {
  readonly message: string;
  /** What was found instead, quoted; left out of the report when it came from a reference such as `${TOKEN}`. */
  readonly found?: string;
  readonly suggestion?: string;
}

export type Checked<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly problem: Problem };

export function accept<T>(value: T): Checked<T> {
  return { ok: true, value };
}

export function refuse(message: string, more: { readonly found?: string; readonly suggestion?: string | undefined } = {}): Checked<never> {
  return {
    ok: false,
    problem: {
      message,
      ...(more.found === undefined ? {} : { found: more.found }),
      ...(more.suggestion === undefined ? {} : { suggestion: more.suggestion }),
    },
  };
}

/** Names a YAML value the way a person would. */
export function describeValue(value: unknown): string {
  if (value === null || value === undefined) return 'nothing';
  if (typeof value === 'string') return quote(value);
  if (typeof value === 'number') return `the number ${value}`;
  if (typeof value === 'boolean') return `${value}`;
  return Array.isArray(value) ? 'a list' : 'a group of keys';
}

export function quote(text: string): string {
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 57)}...` : text);
}
