// The files of a channel, whichever kind of stream it is: a new definition may make a ladder of it, or one picture again.

import { createPlainFiles, type ChannelFiles } from './channel-files.ts';
import { createLadderFiles } from './ladder-files.ts';
import type { ChannelSubject, ChannelSurroundings } from './channel-unit.ts';

export function createShelf(unit: ChannelSubject, surroundings: ChannelSurroundings, note: (message: string) => void): ChannelFiles {
  const plain = createPlainFiles(unit, surroundings);
  const ladder = createLadderFiles(unit, surroundings, note);
  const now = (): ChannelFiles => (unit.stream().renditions === undefined ? plain : ladder);
  return {
    entryId: () => now().entryId(),
    read: (leg, text, at, wallMs) => now().read(leg, text, at, wallMs),
    restore: () => now().restore(),
    has: (uri) => now().has(uri),
    isThere: () => now().isThere(),
    slate: () => now().slate(),
    publish: (text, state, settings, isAside) => now().publish(text, state, settings, isAside),
    viewText: (text) => now().viewText(text),
    rest: () => now().rest(),
    early: () => now().early(),
    namesOf: (name) => now().namesOf(name),
  };
}
