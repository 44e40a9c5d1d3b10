// A control client over pretend streams: an order changes them, and asking for the status lets their time pass.

import type { BatchOptions } from '../../src/commands/batch/options.ts';
import type { ControlClient, OrderRequest } from '../../src/control/protocol.ts';
import { AppError } from '../../src/core/errors.ts';
import { ExitCode } from '../../src/core/exit-codes.ts';
import type { StreamStatus } from '../../src/core/status.ts';
import { documentOf, fakeClient, statusOf } from './command-context.ts';

export interface PretendStream {
  readonly id: string;
  /** Status questions that a restart takes until it plays. */
  readonly looks?: number;
  /** What its restart comes to. */
  readonly fate?: 'plays' | 'fails' | 'hangs' | 'refused';
  readonly more?: Partial<StreamStatus>;
}

export interface PretendSupervisor extends ControlClient {
  readonly given: readonly OrderRequest[];
  /** The most streams that were down at the same time. */
  readonly mostDown: () => number;
  readonly notRunning: () => readonly string[];
}

export function pretendSupervisor(streams: readonly PretendStream[]): PretendSupervisor {
  const states = new Map(streams.map((stream) => [stream.id, { stream, status: statusOf(stream.id, stream.more), looks: 0 }]));
  const given: OrderRequest[] = [];
  let nextPid = 5000;
  let mostDown = 0;
  const down = (): readonly string[] =>
    [...states.values()].filter(({ status }) => status.stage !== 'playable').map(({ status }) => status.id);

  return {
    ...fakeClient([]),
    given,
    mostDown: () => mostDown,
    notRunning: () => [...states.values()].filter(({ status }) => status.order !== 'run').map(({ status }) => status.id),
    async status(ids) {
      for (const state of states.values()) {
        if (state.looks === 0) continue;
        state.looks -= 1;
        if (state.looks > 0) continue;
        const fate = state.stream.fate ?? 'plays';
        if (fate === 'plays') state.status = { ...state.status, state: 'running', stage: 'playable', pid: (nextPid += 1) };
        if (fate === 'fails') {
          const lastFailure = { cause: 'auth', message: '403 Forbidden', at: '', evidence: ['HTTP error 403'] };
          state.status = { ...state.status, state: 'failed', stage: 'none', pid: null, lastFailure };
        }
      }
      const all = [...states.values()].map(({ status }) => status);
      return documentOf(ids === undefined ? all : all.filter((status) => ids.includes(status.id)));
    },
    async order(request) {
      given.push(request);
      for (const id of request.ids ?? []) {
        const state = states.get(id);
        if (state === undefined || state.stream.fate === 'refused') {
          throw new AppError({ exitCode: ExitCode.noSuchStream, code: 'no-such-stream', message: `no stream "${id}"` });
        }
        state.status = { ...state.status, state: 'starting', stage: 'opening-source', pid: null };
        state.looks = state.stream.looks ?? 3;
      }
      mostDown = Math.max(mostDown, down().length);
      return { ids: request.ids ?? [], notes: [] };
    },
  };
}

/** Every stream, two at a time, with no further wishes: what a batch is told when nobody says more. */
export const usualBatch: BatchOptions = {
  selection: { all: true },
  rolling: 2,
  jitterMs: 0,
  olderThanMs: undefined,
  which: 'all',
  maxFail: 2,
  deadlineMs: undefined,
  lockWaitMs: 0,
  timeoutMs: 60_000,
  resume: false,
  seamless: true,
};
