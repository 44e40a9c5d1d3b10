// TEMPORARY until the real table lands.
export function classifyFailure(lines: readonly string[], exit: { code: number | undefined; signal: string | undefined }): { cause: string; message: string; retry: 'fast' | 'normal' | 'slow' | 'never'; evidence: string[] } {
  const auth = lines.some((line) => line.includes('403 Forbidden'));
  return { cause: auth ? 'auth' : 'ended', message: `ffmpeg ended (${exit.signal ?? exit.code})`, retry: auth ? 'slow' : 'normal', evidence: lines.slice(-3) };
}
