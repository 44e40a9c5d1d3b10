// Every command on one line: adding one means a file and an entry here.

import { bind, type BoundCommand } from './command.ts';

export interface CommandEntry {
  readonly name: string;
  readonly group: 'Streams' | 'Stack' | 'Diagnose' | 'Other';
  readonly summary: string;
  /** Works, but is no use to people. */
  readonly hidden?: true;
  /** A command's file is loaded only when the command is used or explained. */
  readonly load: () => Promise<BoundCommand>;
}

/** `carried` commands need the supervisor: with Docker on the host they run inside the backend container. */
export const commandEntries: readonly CommandEntry[] = [
  { name: 'start', group: 'Streams', summary: 'order streams to run', load: async () => bind(await import('./start.ts'), 'carried') },
  { name: 'stop', group: 'Streams', summary: 'order streams to stop', load: async () => bind(await import('./stop.ts'), 'carried') },
  {
    name: 'restart',
    group: 'Streams',
    summary: 'end jobs and start them afresh',
    load: async () => bind(await import('./restart.ts'), 'carried'),
  },
  {
    name: 'status',
    group: 'Streams',
    summary: 'show what each stream does',
    load: async () => bind(await import('./status.ts'), 'carried'),
  },
  {
    name: 'top',
    group: 'Streams',
    summary: 'watch all channels live',
    load: async () => bind(await import('./top.ts'), 'carried-terminal'),
  },
  {
    name: 'failover',
    group: 'Streams',
    summary: 'show and switch the sources of a stream',
    load: async () => bind(await import('./failover.ts'), 'here'),
  },
  {
    name: 'list',
    group: 'Streams',
    summary: 'list the streams in streams.yaml',
    load: async () => bind(await import('./list.ts'), 'here'),
  },

  {
    name: 'diff',
    group: 'Streams',
    summary: 'show what an edited list would change',
    load: async () => bind(await import('./diff.ts'), 'carried'),
  },
  {
    name: 'apply',
    group: 'Streams',
    summary: 'take over an edited list, step by step',
    load: async () => bind(await import('./apply.ts'), 'carried'),
  },

  { name: 'up', group: 'Stack', summary: 'bring nginx and the supervisor up', load: async () => bind(await import('./up.ts'), 'here') },
  { name: 'down', group: 'Stack', summary: 'stop everything', load: async () => bind(await import('./down.ts'), 'here') },
  {
    name: 'cron',
    group: 'Stack',
    summary: 'restart streams by the clock: crontab lines, systemd timers',
    load: async () => bind(await import('./cron.ts'), 'here'),
  },
  {
    name: 'service',
    group: 'Stack',
    summary: 'run the supervisor as a systemd service',
    load: async () => bind(await import('./service.ts'), 'here'),
  },
  { name: 'setup', group: 'Stack', summary: 'install ffmpeg and nginx-rtmp', load: async () => bind(await import('./setup.ts'), 'here') },

  {
    name: 'bench',
    group: 'Diagnose',
    summary: 'measure how many channels and ladders this machine holds',
    load: async () => bind(await import('./bench.ts'), 'here'),
  },
  {
    name: 'doctor',
    group: 'Diagnose',
    summary: 'name the broken layer, prove it, mend it',
    load: async () => bind(await import('./doctor.ts'), 'here'),
  },
  {
    name: 'logs',
    group: 'Diagnose',
    summary: 'show the logs of streams, supervisor and nginx',
    load: async () => bind(await import('./logs.ts'), 'here'),
  },
  {
    name: 'hooks',
    group: 'Diagnose',
    summary: 'list or test who is told of trouble',
    load: async () => bind(await import('./hooks.ts'), 'carried'),
  },
  {
    name: 'why',
    group: 'Diagnose',
    summary: 'say why a stream was interrupted, and what to do',
    load: async () => bind(await import('./why.ts'), 'carried'),
  },
  {
    name: 'events',
    group: 'Diagnose',
    summary: 'show what happened, why, and what was done',
    load: async () => bind(await import('./events.ts'), 'carried'),
  },
  {
    name: 'report',
    group: 'Diagnose',
    summary: 'show availability, outages and restarts over days',
    load: async () => bind(await import('./report.ts'), 'here'),
  },
  { name: 'validate', group: 'Diagnose', summary: 'check streams.yaml', load: async () => bind(await import('./validate.ts'), 'here') },
  {
    name: 'plan',
    group: 'Diagnose',
    summary: 'show the ffmpeg command of a stream, explained',
    load: async () => bind(await import('./plan.ts'), 'carried'),
  },
  {
    name: 'is-healthy',
    group: 'Diagnose',
    summary: 'answer by exit code whether streams run',
    load: async () => bind(await import('./is-healthy.ts'), 'carried'),
  },

  { name: 'init', group: 'Other', summary: 'write a sample streams.yaml', load: async () => bind(await import('./init.ts'), 'here') },
  {
    name: 'completion',
    group: 'Other',
    summary: 'print the completion script of a shell',
    load: async () => bind(await import('./completion.ts'), 'here'),
  },
  { name: 'help', group: 'Other', summary: 'explain a command or a topic', load: async () => bind(await import('./help.ts'), 'here') },

  {
    name: 'complete',
    group: 'Other',
    summary: 'answer a completion script',
    hidden: true,
    load: async () => bind(await import('./complete.ts'), 'here'),
  },
  {
    name: 'read-list',
    group: 'Other',
    summary: 'read streams.yaml for the supervisor',
    hidden: true,
    load: async () => bind(await import('./read-list.ts'), 'here'),
  },
  {
    name: 'supervise',
    group: 'Other',
    summary: 'run the supervisor in this process',
    hidden: true,
    load: async () => bind(await import('./supervise.ts'), 'here'),
  },
];
