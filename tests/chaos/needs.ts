// What a fault needs from the machine, told in the words of the table when it is missing.

import { existsSync } from 'node:fs';

export const needsRoot = (): string | undefined => (process.getuid?.() === 0 ? undefined : 'needs root');

export const needsProgram = (path: string) => (): string | undefined => (existsSync(path) ? undefined : `needs ${path}`);
