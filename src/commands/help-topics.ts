// Help that belongs to no single command: the list's format, the environment, exit codes, JSON.

import { exitCodeMeanings } from '../core/exit-codes.ts';
import type { HelpPage } from '../ui/help.ts';

export const helpTopics: Readonly<Record<string, HelpPage>> = {
  config: {
    purpose: 'The list of streams is one YAML file. The first of these that exists is used:',
    examples: [
      ['iptv init', 'write a sample into this folder'],
      ['iptv validate', 'check it; every problem is shown with its line'],
    ],
    sections: [
      {
        title: 'Search order',
        rows: [
          ['--config <file>', 'the flag'],
          ['$IPTV_CONFIG', 'the environment'],
          ['./streams.yaml', 'the folder you are in'],
          ['$XDG_CONFIG_HOME/iptv/streams.yaml', 'yours, by default under ~/.config'],
          ['/etc/iptv/streams.yaml', "the machine's"],
        ],
      },
      {
        title: 'Top-level keys',
        rows: [
          ['version', 'always 1'],
          ['server', 'runtime, addresses, HLS folder, ports, permissions; every key has a default'],
          ['defaults', 'settings for all streams that do not set their own'],
          ['streams', 'the list; each has an id and one source or several, tried in order'],
        ],
      },
      {
        title: 'Secrets',
        rows: [
          ['${NAME}', 'is replaced by the environment variable NAME'],
          ['${NAME:-default}', 'the same, with a value for when it is not set'],
          ['${file:/run/secrets/name}', 'is replaced by the content of the file'],
        ],
      },
    ],
    learnMore: ['docs/streams.schema.json completes the file in editors', 'iptv plan <id>  shows what a stream makes ffmpeg do'],
  },
  environment: {
    purpose: 'Environment variables. Flags win over them, and they win over streams.yaml.',
    examples: [['IPTV_CONFIG=/srv/tv.yaml iptv list', 'another list']],
    sections: [
      {
        title: 'iptv',
        rows: [
          ['IPTV_CONFIG', 'the list of streams, like --config'],
          ['IPTV_STATE_DIR', 'orders, logs and socket; by default /var/lib/iptv for root, else ~/.local/state/iptv'],
          ['IPTV_RUNTIME', 'local or docker'],
          ['IPTV_LOG_LEVEL', "the supervisor's log: debug, info, warning or error"],
          ['DEBUG=iptv', 'like --verbose'],
        ],
      },
      {
        title: 'Terminal',
        rows: [
          ['NO_COLOR', 'any value: no colour'],
          ['FORCE_COLOR', 'any value but 0: colour, also into a pipe'],
          ['TERM=dumb', 'no colour, nothing that moves'],
          ['CI', 'nothing that moves'],
          ['IPTV_TERMINAL', 'out:<columns>,err:<columns> treats these streams as a terminal'],
        ],
      },
      {
        title: 'System',
        rows: [
          ['XDG_CONFIG_HOME', 'where iptv/streams.yaml is looked for, by default ~/.config'],
          ['XDG_STATE_HOME', 'where iptv keeps its state, by default ~/.local/state'],
          ['XDG_RUNTIME_DIR', 'for the control socket, when the path of the state folder is too long for one'],
        ],
      },
    ],
    learnMore: [],
  },
  'exit-codes': {
    purpose: 'Every command ends with one of these codes. They do not change without a major version.',
    examples: [['iptv status news || echo off air', 'status answers by code']],
    sections: [{ title: 'Exit codes', rows: Object.entries(exitCodeMeanings).map(([code, meaning]) => [code, meaning] as const) }],
    learnMore: ['Restart=on-failure with RestartPreventExitStatus=78 keeps systemd from retrying a broken list'],
  },
  json: {
    purpose:
      'With --json a command prints one JSON document to stdout, and nothing else. Keys are only ever added; schemaVersion rises when one changes its meaning.\n\nErrors go to stderr as one JSON object, stdout stays empty, and the exit code is the same as without --json.',
    examples: [
      ['iptv status --json | jq -r \'.streams[] | select(.state != "running") | .id\'', 'what is not on air'],
      ['iptv logs news -f --json | jq -r .text', 'one object per line while following'],
    ],
    sections: [
      {
        title: 'Documents',
        rows: [
          [
            'status, up',
            'supervisor {pid, version, runtime, …}, origin {state, answers, …}, streams [{id, order, state, stage, pid, uptimeSeconds, restarts, lastFailure, source, bitrateBps, legs {primary, backup}, url, …}]',
          ],
          ['start, stop, restart', 'action, ids, notes, streams (as in status after waiting, else null)'],
          ['is-healthy', 'healthy, unhealthy and degraded [{id, state, lastFailure, verdict}]'],
          ['list', 'path, streams [{id, name, enabled, tags, group, sources, url}]'],
          [
            'report',
            'since, until, knownSince (later than since when older events are gone), notes, total, streams [{id, outageList [{from, to, seconds, cause, provider}], spans}], providers [{provider, streams}]; total and each of both: orderedSeconds, startingSeconds, downSeconds, availability (0 to 1), outages, mtbfSeconds, mttrSeconds, slateSeconds, restarts, restartsByCause',
          ],
          ['plan', 'id, source, ffmpeg, video, audio, legs, argv, steps [{args, why}], notes'],
          [
            'logs',
            'lines [{time, level, name, stream, text, explanation {id, severity, meaning, advice}}]; with -f one such object per line. stream: whom it is about, null for none; explanation: null without --explain',
          ],
          [
            'doctor',
            'verdict (ok, warning, failed, unknown), runtime, inside, tookMs, rootCauses [{check, status, code, subject, what, next, fixable}], consequences, checks [{id, title, group, layer, status, ms, findings [{status, code, subject, what, evidence, why, next, fixable, rootCause}]}], fixes [{action, done, error}]; with --watch one document per line',
          ],
          ['doctor --list', 'checks [{id, title, group, about, finds, dependsOn, onDemand}]'],
          ['events', 'events [{seq, at, stream, kind, cause, message, evidence, action, outcome, data}]; with -f one such object per line'],
          ['why', 'streams [{stream, now, isWell, verdict, period, figures, insights [{id, what, advice, evidence}], story, orders}]'],
          ['hooks, hooks test', 'hooks [{name, on, target, display, …}]; ok, results [{name, ok, detail}]'],
          ['validate', 'valid, path, streams'],
          ['down', 'runtime, stopped'],
          ['init, setup', 'path; ready'],
        ],
      },
      {
        title: 'Errors',
        rows: [
          ['code', 'a stable word, such as no-such-stream or config-invalid'],
          ['exitCode, message, evidence, next', 'as a person sees them'],
          ['location, diagnostics', 'file, line and column of problems in streams.yaml'],
        ],
      },
      {
        title: 'Units',
        rows: [
          ['…Seconds, …Bps, …Bytes', 'are in the names; times are RFC 3339 in UTC; null is unknown'],
          ['state', 'stopped, starting, running, stopping, backing-off or failed'],
        ],
      },
    ],
    learnMore: [],
  },
};
