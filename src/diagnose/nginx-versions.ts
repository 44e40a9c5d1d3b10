// What is known of versions of nginx, as far as it concerns nginx-rtmp.

export type NginxVerdict =
  | { readonly state: 'good' }
  /** Not a version number. */
  | { readonly state: 'unknown' }
  /** Older than anything that was tested. */
  | { readonly state: 'old'; readonly why: string }
  | { readonly state: 'bad'; readonly why: string };

type Version = readonly [major: number, minor: number, patch: number];

/** 1.22 and 1.26 are tested; the template uses no directive that is younger than this. */
const oldest: Version = [1, 18, 0];

interface BadRange {
  readonly from: Version;
  /** The last bad one. */
  readonly to: Version;
  readonly why: string;
}

const bad: readonly BadRange[] = [
  {
    from: [1, 9, 11],
    to: [1, 10, 0],
    // arut/nginx-rtmp-module issue 811, sergey-dryabzhinsky/nginx-rtmp-module issues 71 and 127.
    why: 'its worker crashes as soon as somebody publishes (nginx-rtmp-module, issue 811)',
  },
];

/** `version` may have more after the number: `1.22.1 (Ubuntu)`. */
export function judgeNginxVersion(version: string): NginxVerdict {
  const parts = /^(\d+)\.(\d+)(?:\.(\d+))?/.exec(version.trim());
  if (parts === null) return { state: 'unknown' };
  const number: Version = [Number(parts[1]), Number(parts[2]), Number(parts[3] ?? 0)];
  const range = bad.find(({ from, to }) => compare(from, number) <= 0 && compare(number, to) <= 0);
  if (range !== undefined) return { state: 'bad', why: range.why };
  if (compare(number, oldest) < 0)
    return { state: 'old', why: `nginx ${oldest.slice(0, 2).join('.')} is the oldest that has every directive` };
  return { state: 'good' };
}

function compare(a: Version, b: Version): number {
  return a[0] - b[0] || a[1] - b[1] || a[2] - b[2];
}

/** From `nginx -v`, which prints to stderr; undefined where that says something else. */
export function installedVersion(printed: string): string | undefined {
  return /^nginx version: \S*?\/(\S+)/m.exec(printed)?.[1];
}
