// SELinux labels: may confined containers write into a folder?

/** Types that container-selinux lets container_t write to; the second is the older name of the first. */
const writable: ReadonlySet<string> = new Set(['container_file_t', 'svirt_sandbox_file_t']);

export interface ConfinedProcess {
  /** The container. */
  readonly name: string;
  /** `ProcessLabel` of `docker inspect`; empty where the engine does not confine it. */
  readonly label: string;
}

interface Label {
  readonly type: string;
  readonly categories: ReadonlySet<string>;
}

/**
 * `listed` is a line of `ls -dZ`: the label, a blank, the path. undefined: nothing is in the way, or nobody can tell. The rule
 * of categories is that of MCS: who wants in must have every category of the file.
 */
export function judgeLabel(listed: string, processes: readonly ConfinedProcess[]): { readonly why: string } | undefined {
  const confined = processes.filter(({ label }) => label !== '');
  const folder = parseLabel(listed.trim().split(/\s+/, 1)[0] ?? '');
  if (folder === undefined || confined.length === 0) return undefined;
  if (!writable.has(folder.type)) return { why: `the HLS folder has the label ${folder.type}, which is none for containers` };
  const outside = confined.filter(({ label }) => {
    const own = parseLabel(label)?.categories;
    return own !== undefined && [...folder.categories].some((category) => !own.has(category));
  });
  if (outside.length === 0) return undefined;
  return { why: `the label of the HLS folder is private to another container than ${outside.map(({ name }) => name).join(' and ')}` };
}

/** `user:role:type:level`, the level being `s0`, `s0:c1,c2` or `s0-s0:c0.c1023`; undefined for `?`, which is a file without one. */
function parseLabel(text: string): Label | undefined {
  const [, , type, ...level] = text.split(':');
  if (type === undefined || level.length === 0) return undefined;
  const high = level.join(':').split('-').at(-1) ?? '';
  const categories = (high.split(':')[1] ?? '').split(',').flatMap((word) => {
    const [first, last = first] = word.split('.').map((one) => Number.parseInt(one.slice(1), 10));
    if (first === undefined || last === undefined || Number.isNaN(first)) return [];
    return Array.from({ length: last - first + 1 }, (_, index) => `c${first + index}`);
  });
  return { type, categories: new Set(categories) };
}
