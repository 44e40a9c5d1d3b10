// The files of a channel, whichever kind of stream it is: a new definition may make a ladder of it, or one picture again.

import { fileName } from '../playlist/channel/channel-state.ts';
import type { EarlyView } from '../playlist/channel/channel-text.ts';
import { createPlainFiles, type ChannelFiles } from './channel-files.ts';
import { readBootId } from './job-record.ts';
import { createLadderFiles } from './ladder-files.ts';
import type { ChannelSubject, ChannelSurroundings } from './channel-unit.ts';

export interface Shelf extends Omit<ChannelFiles, 'restore' | 'early'> {
  /** It is there, and nobody is about to delete it. */
  readonly isStaying: (uri: string) => Promise<boolean>;
  /** With the boot it is now; empty where the kernel does not say. */
  restore(): Promise<Awaited<ReturnType<ChannelFiles['restore']>> & { readonly bootId: string }>;
  readonly early: () => ReturnType<ChannelFiles['early']> & Pick<EarlyView, 'bootId'>;
}

export function createShelf(unit: ChannelSubject, surroundings: ChannelSurroundings, note: (message: string) => void): Shelf {
  const plain = createPlainFiles(unit, surroundings);
  const ladder = createLadderFiles(unit, surroundings, note);
  let bootId = '';
  const now = (): ChannelFiles => (unit.stream().renditions === undefined ? plain : ladder);
  return {
    entryId: () => now().entryId(),
    read: (leg, text, at, wallMs) => now().read(leg, text, at, wallMs),
    async restore() {
      bootId = await readBootId(surroundings.ports.files);
      return { ...(await now().restore()), bootId };
    },
    has: (uri) => now().has(uri),
    async isStaying(uri) {
      const files = now();
      const isGoing = files.namesOf(fileName(uri)).some((name) => surroundings.going?.has(name) === true);
      return !isGoing && files.has(uri);
    },
    isThere: () => now().isThere(),
    slate: () => now().slate(),
    publish: (text, state, settings, isAside) => now().publish(text, state, settings, isAside),
    viewText: (text) => now().viewText(text),
    rest: () => now().rest(),
    early: () => ({ ...now().early(), ...(bootId === '' ? {} : { bootId }) }),
    lostSounds: () => now().lostSounds(),
    namesOf: (name) => now().namesOf(name),
  };
}
