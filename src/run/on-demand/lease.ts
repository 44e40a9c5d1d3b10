// How long a stream that starts on demand stays up after somebody was last seen watching. Pure.

export interface LeaseInput {
  /** Monotonic milliseconds, as all times here. */
  readonly now: number;
  /** When a viewer was last seen, or when it was woken. */
  readonly seenAt: number;
  /** Since when its playlist is kept from nginx, so that whoever still watches is seen. */
  readonly askingSince: number | undefined;
  readonly idleAfterMs: number;
  readonly targetDurationSeconds: number;
  /** Its viewers reload playlists that nginx has all the time: only the access log tells of them. */
  readonly byLogAlone: boolean;
  /** When a line of the access log arrived last, about whomever. */
  readonly heardAt: number;
  /** Others wait for the connection that it holds. */
  readonly isContended: boolean;
}

/**
 * `watched`: somebody does. `ask`: nothing is heard, and the access log may be lost: see whether anybody comes for the playlist.
 * `idle`: nobody came. `blind`: who comes would not be seen, for no log arrives.
 */
export type LeaseVerdict = 'watched' | 'ask' | 'idle' | 'blind';

const shortestAskMs = 6000;

/**
 * RFC 8216 6.3.4: a player reloads after one target duration at the latest, after half of it when nothing had changed. Three of them
 * without a request is nobody; where others wait, one and a half and a second for the network.
 */
export function askMs(targetDurationSeconds: number, isContended: boolean): number {
  return isContended ? 1500 * targetDurationSeconds + 1000 : Math.max(shortestAskMs, 3000 * targetDurationSeconds);
}

export function judgeLease(input: LeaseInput): LeaseVerdict {
  const { now, seenAt, askingSince, idleAfterMs, isContended } = input;
  const lastsMs = askMs(input.targetDurationSeconds, isContended);
  // The question is over when the time is: nobody stays up longer for being asked.
  const askAt = isContended ? seenAt + lastsMs : seenAt + Math.max(idleAfterMs - lastsMs, idleAfterMs / 2);
  if (now < askAt) return 'watched';
  if (askingSince === undefined || askingSince < seenAt) return 'ask';
  const endAt = Math.max(askingSince + lastsMs, isContended ? 0 : seenAt + idleAfterMs);
  if (now < endAt) return 'ask';
  return input.byLogAlone && input.heardAt < askingSince ? 'blind' : 'idle';
}
