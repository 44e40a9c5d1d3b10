// Texts of systemd units: the supervisor's service, and timers for batch restarts. Pure.

export interface ServiceUnit {
  /** Absolute path of node and of bin/iptv.js. */
  readonly node: string;
  readonly nodeFlags: readonly string[];
  readonly bin: string;
  readonly configPath: string;
  readonly stateDirectory: string;
  readonly lockPath: string;
  readonly user: string | undefined;
}

/**
 * KillMode=process: a supervisor that crashed finds its jobs again, so systemd must not end them with it; on `systemctl stop` the
 * supervisor itself ends them. Exit code 78 is an invalid list: starting again would not mend it.
 */
export function serviceUnit(unit: ServiceUnit): string {
  const command = [
    '/usr/bin/flock',
    '-n',
    '-F',
    '-E',
    '75',
    unit.lockPath,
    unit.node,
    ...unit.nodeFlags,
    unit.bin,
    'supervise',
    '--config',
    unit.configPath,
  ];
  return `# Written by: iptv service install. Remove it with: iptv service remove
[Unit]
Description=iptv supervisor: re-streams the channels of ${escapeSpecifiers(unit.configPath)}
After=network-online.target
Wants=network-online.target
StartLimitIntervalSec=0

[Service]
Type=exec
${unit.user === undefined ? '' : `User=${unit.user}\n`}Environment=IPTV_RUNTIME=local IPTV_LOCKED=1
Environment=${quote(`IPTV_STATE_DIR=${unit.stateDirectory}`)}
ExecStartPre=/bin/mkdir -p ${quote(unit.stateDirectory)}
ExecStart=${command.map(quote).join(' ')}
ExecReload=/bin/kill -HUP $MAINPID
Restart=on-failure
RestartSec=1
RestartPreventExitStatus=78
KillMode=process
TimeoutStopSec=60
OOMPolicy=continue
LimitNOFILE=65536

[Install]
WantedBy=multi-user.target
`;
}

export function timerUnits(options: {
  readonly name: string;
  readonly onCalendar: string;
  readonly argv: readonly string[];
  readonly environment: readonly string[];
}): { readonly service: string; readonly timer: string } {
  const { name } = options;
  return {
    service: `# Written by: iptv cron install ${name} --systemd. Remove it with: iptv cron remove ${name}
[Unit]
Description=iptv ${name}

[Service]
Type=oneshot
${options.environment.map((variable) => `Environment=${quote(variable)}\n`).join('')}ExecStart=${options.argv.map(quote).join(' ')}
`,
    timer: `# Written by: iptv cron install ${name} --systemd. Remove it with: iptv cron remove ${name}
[Unit]
Description=When iptv ${name} runs

[Timer]
OnCalendar=${options.onCalendar}
Persistent=false

[Install]
WantedBy=timers.target
`,
  };
}

/** systemd.syntax(7): double quotes, with \\ and " escaped; % and $ are doubled, or they would be specifiers and variables. */
function quote(word: string): string {
  const escaped = escapeSpecifiers(word).replaceAll('$', '$$$$');
  return /^[A-Za-z0-9_@+=:,./%$-]+$/.test(escaped) ? escaped : `"${escaped.replaceAll('\\', '\\\\').replaceAll('"', String.raw`\"`)}"`;
}

function escapeSpecifiers(text: string): string {
  return text.replaceAll('%', '%%');
}
