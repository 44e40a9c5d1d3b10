import type { Stack } from './stack.ts';
export async function dockerAnswers(_: unknown): Promise<boolean> { return false; }
export function createComposeStack(_: unknown): Stack { throw new Error('later'); }
