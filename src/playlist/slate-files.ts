// How slates are named in a channel's folder, and which of them may go.

/** Never reused for other content: the hash stands for everything that shapes it. */
export function slateName(hash: string, index: number): string {
  return `slate-${hash}-${index}.ts`;
}

/** The hash in a slate's file name; undefined for any other file. */
export function slateHashOf(name: string): string | undefined {
  return /^slate-([0-9a-f]{16})-\d+\.ts$/.exec(name)?.[1];
}

export interface SlateFolder {
  /** Slates in the folder, with their last change. */
  readonly files: readonly { readonly name: string; readonly mtimeMs: number }[];
  /** Text of the channel playlist beside them; '' when there is none. */
  readonly playlist: string;
  /** What is laid out now; undefined: none is wanted any more. */
  readonly current: string | undefined;
  readonly nowMs: number;
  readonly keepMs: number;
}

/** Touched files stay: a slate that is still listed is touched at each look, so its time counts from when it left the list. */
export function planSlateTidying(folder: SlateFolder): { readonly touch: readonly string[]; readonly remove: readonly string[] } {
  const outdated = folder.files.filter(({ name }) => slateHashOf(name) !== undefined && slateHashOf(name) !== folder.current);
  const isListed = (name: string): boolean => folder.playlist.includes(name);
  return {
    touch: outdated.flatMap(({ name }) => (isListed(name) ? [name] : [])),
    remove: outdated.flatMap(({ name, mtimeMs }) => (!isListed(name) && folder.nowMs - mtimeMs > folder.keepMs ? [name] : [])),
  };
}
