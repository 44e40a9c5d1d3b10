// The page /hls/ of nginx, made here: nginx's own listing hangs up when a file goes while it looks.

import type { FileStat, FilesPort } from '../core/ports.ts';

export interface HlsListingOptions {
  readonly files: Pick<FilesPort, 'list' | 'stat'>;
  readonly directory: string;
  /** Milliseconds that never jump. */
  readonly now: () => number;
}

interface Entry {
  readonly name: string;
  readonly stat: FileStat;
}

/** Whoever looks reloads no faster than this; many who look cost one look. */
const freshMs = 1000;
/** Columns of names, as in nginx's listing. */
const nameWidth = 50;
const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'] as const;

/** HTML in the form of ngx_http_autoindex_module with `autoindex_exact_size off`, so that what reads that one reads this one. */
export function createHlsListing({ files, directory, now }: HlsListingOptions): () => Promise<string> {
  let known: { readonly at: number; readonly text: Promise<string> } | undefined;
  async function look(): Promise<string> {
    const entries: Entry[] = [];
    for (const name of await files.list(directory)) {
      if (name.startsWith('.')) continue;
      // Segments and temporary files go at any time: what is gone is not listed, and neither is what may not be looked at.
      const stat = await files.stat(`${directory}/${name}`).catch(() => undefined);
      if (stat !== undefined) entries.push({ name, stat });
    }
    return page(entries);
  }
  return () => {
    if (known === undefined || now() - known.at > freshMs) {
      const text = look();
      const mine = { at: now(), text };
      known = mine;
      text.catch(() => {
        if (known === mine) known = undefined;
      });
    }
    return known.text;
  };
}

function page(entries: readonly Entry[]): string {
  const sorted = entries.toSorted(
    (a, b) => Number(b.stat.isDirectory) - Number(a.stat.isDirectory) || (a.name < b.name ? -1 : a.name > b.name ? 1 : 0),
  );
  const lines = sorted.map(({ name, stat }) => {
    const shown = stat.isDirectory ? `${name}/` : name;
    const cut = shown.length > nameWidth ? `${shown.slice(0, nameWidth - 3)}..>` : shown;
    const size = stat.isDirectory ? '-' : sizeOf(stat.size);
    const href = `${encodeURIComponent(name)}${stat.isDirectory ? '/' : ''}`;
    return `<a href="${href}">${escaped(cut)}</a>${' '.repeat(nameWidth - cut.length)} ${dateOf(stat.mtimeMs)} ${size.padStart(7)}\n`;
  });
  return [
    '<html>\n<head><title>Index of /hls/</title></head>\n<body>\n<h1>Index of /hls/</h1><hr><pre><a href="../">../</a>\n',
    ...lines,
    '</pre><hr></body>\n</html>\n',
  ].join('');
}

/** Names come from whoever may write into the folder, which by default is everybody. */
function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}

function sizeOf(bytes: number): string {
  if (bytes < 10_000) return String(bytes);
  const [unit, letter] = bytes > 1_000_000_000 ? [1_073_741_824, 'G'] : bytes > 1_000_000 ? [1_048_576, 'M'] : [1024, 'K'];
  return `${Math.round(bytes / Number(unit))}${letter}`;
}

/** UTC, as nginx has it without `autoindex_localtime`. */
function dateOf(ms: number): string {
  const date = new Date(ms);
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${two(date.getUTCDate())}-${months[date.getUTCMonth()]}-${date.getUTCFullYear()} ${two(date.getUTCHours())}:${two(date.getUTCMinutes())}`;
}
