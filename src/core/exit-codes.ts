// The exit codes of every command: one list, documented by `iptv help exit-codes`.

/** Meanings follow the habits of grep (1), bash (2), LSB (3, 4) and BSD sysexits (69 and up). */
export const ExitCode = {
  ok: 0,
  answerIsBad: 1,
  usage: 2,
  notRunning: 3,
  noSuchStream: 4,
  unavailable: 69,
  bug: 70,
  tryAgain: 75,
  permission: 77,
  configInvalid: 78,
  interrupted: 130,
  terminated: 143,
} as const;

export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode];

export const exitCodeMeanings: Readonly<Record<ExitCode, string>> = {
  0: 'done, healthy',
  1: 'the command worked but the answer is bad (a stream failed, a check found an error)',
  2: 'wrong usage: unknown command, flag or argument',
  3: 'the stream or the supervisor is not running',
  4: 'no such stream',
  69: 'something needed is missing: ffmpeg, nginx with the rtmp module, Docker',
  70: 'a bug in iptv',
  75: 'try again: timed out waiting, or a lock is held by another run',
  77: 'permission denied',
  78: 'the configuration is invalid',
  130: 'interrupted by Ctrl-C before finishing',
  143: 'ended by SIGTERM before finishing',
};
