// The stand-in picture of a channel whose sources are all dead: a short clip cut into segments.

export interface SlateSegment {
  /** A plain name such as `slate-<hash>-<n>.ts`; the file lies beside the channel playlist, in `<hls directory>/<id>/`. */
  readonly uri: string;
  /** As EXTINF says it: seconds, greater than 0. */
  readonly durationSeconds: number;
}

/**
 * Played in a loop, from the first segment. Whoever makes it keeps its files: nginx's cleaner removes segments that were not
 * touched for twice its playlist length, and the channel playlist lists only what exists.
 */
export interface SlateClip {
  readonly segments: readonly SlateSegment[];
}
