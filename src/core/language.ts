// Languages as sources, people and players write them. Pure.

/**
 * BCP 47 from ISO 639: the shortest code counts (RFC 5646 2.2.1), so `deu`, `ger` and `de` are `de`. undefined for what is no code, and
 * for those that say nothing: undetermined, several, none.
 */
export function languageTag(code: string | undefined): string | undefined {
  if (code === undefined || !/^[a-z]{2,3}$/i.test(code)) return undefined;
  const [tag] = Intl.getCanonicalLocales(code);
  return tag === undefined || silent.has(tag) ? undefined : tag;
}

const silent: ReadonlySet<string> = new Set(['und', 'mul', 'mis', 'zxx']);

/** In the language itself, as people look for it; `qaa` is what DVB calls the original sound (EN 300 468). */
export function languageName(tag: string): string {
  if (tag === 'qaa') return 'Original';
  const name = new Intl.DisplayNames([tag], { type: 'language', fallback: 'none' }).of(tag);
  if (name === undefined) return tag;
  const [first = '', ...rest] = name;
  return first.toLocaleUpperCase(tag) + rest.join('');
}
