// Events of the house itself: the supervisor comes and goes, a list is taken over or refused.

import type { Config } from './core/config.ts';
import { AppError } from './core/errors.ts';
import type { EventSink } from './core/events.ts';

export interface HouseEvents {
  started(identity: { readonly version: string; readonly pid: number; readonly runtime: string }, adoptedJobs: number): void;
  leaving(jobs: 'stop' | 'keep'): void;
  listTaken(config: Config): void;
  listRefused(path: string, error: unknown): void;
  /** Told once: the streams that used it say by themselves that their jobs ended. */
  readonly encoderLost: (message: string) => void;
  /** Always true. */
  rolledBack(stream: string): boolean;
}

export function createHouseEvents(events: EventSink): HouseEvents {
  /** A broken file is read again with every order; it is news once. */
  let refused = '';
  return {
    started({ version, pid, runtime }, adoptedJobs) {
      events.record({
        stream: null,
        kind: 'supervisor',
        cause: 'started',
        message: `supervisor ${version} started, pid ${pid}, runtime ${runtime}`,
        action: adoptedJobs === 0 ? null : `adopted ${adoptedJobs} running jobs`,
        data: { version, pid, runtime, adoptedJobs },
      });
    },
    leaving(jobs) {
      events.record({
        stream: null,
        kind: 'supervisor',
        cause: 'leaving',
        message: jobs === 'stop' ? 'the supervisor ends, with every job' : 'the supervisor ends; jobs and nginx go on',
        data: { jobs },
      });
    },
    listTaken(config) {
      refused = '';
      events.record({
        stream: null,
        kind: 'list',
        cause: 'taken',
        message: `took over a changed ${config.path}`,
        data: { streams: config.streams.length },
      });
    },
    listRefused(path, error) {
      const message = error instanceof Error ? error.message : String(error);
      const details = error instanceof AppError ? error.diagnostics : [];
      const evidence = details.map(({ location, path: key, message: text }) => `${location.file}:${location.line}  ${key}: ${text}`);
      const news = [message, ...evidence].join('\n');
      if (news === refused) return;
      refused = news;
      events.record({
        stream: null,
        kind: 'list',
        cause: 'refused',
        message: `refused ${path}: ${message}`,
        evidence,
        action: 'the old list stays in force',
      });
    },
    encoderLost(message) {
      events.record({
        stream: null,
        kind: 'supervisor',
        cause: 'encoder-lost',
        message,
        action: 'jobs that start now use another encoder',
      });
    },
    rolledBack(stream) {
      events.record({
        stream,
        kind: 'list',
        cause: 'rolled-back',
        message: 'its new definition did not play: back to the one that did',
        action: 'restarted with the old definition; the list still has the new one',
      });
      return true;
    },
  };
}
