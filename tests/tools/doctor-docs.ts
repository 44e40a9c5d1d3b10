// docs/doctor.md as text, made from the checks themselves.

import { checkGroups, type DoctorCheck } from '../../src/diagnose/doctor-check.ts';

const head = `# \`iptv doctor\`

<!-- Written by tests/tools/write-doctor-docs.ts from the checks themselves; a test tells when it is not current. -->

\`iptv doctor\` looks at everything between source and viewer, names the layer that is broken, proves it, and says which command
mends it. It reads only; test files that it writes into the HLS folder (\`iptv-doctor-…\`) are removed again.

\`\`\`sh
iptv doctor                        # all checks but those that run only when they are named
iptv doctor mime cors              # some of them, with what they depend on
iptv doctor --list                 # what each of them looks at
iptv doctor --only problems        # hide what is well
iptv doctor --fix                  # mend what is safe to mend: shows it, asks, does it, looks again
iptv doctor --json                 # for programs: iptv help json
iptv doctor -q || mail -s tv me    # in a cron job: silent while all is well
\`\`\`

**One cause, one red line.** A check that needs something that failed is skipped, and a problem that another one explains is shown as
following from it. Only root causes count and only they are mended.

**Exit code.** 0: no problem (or warnings only; \`--strict\` counts them). 1: something is broken. 2: wrong usage. 69: nothing seems
broken, but something needed for judging is missing, such as a container.

**Where it looks.** Locally at this host, for nginx as the user its worker runs as. With Docker into both containers, from the host
(\`docker exec\`); inside the backend container what needs the other one is skipped and says so.

**What \`--fix\` does.** It makes and opens the HLS folder, has nginx's configuration written anew and nginx restarted (never reloaded:
a reload hides publishers), removes files that nobody needs and sockets that nobody listens on, restarts a job that hangs, starts a
supervisor in the place of one that is gone, ends a second job, and drops a ghost that publishes. A stream that is well is not touched.
`;

export function doctorDocs(checks: readonly DoctorCheck[]): string {
  const groups = checkGroups.flatMap((group) => {
    const members = checks.filter((check) => check.group === group);
    return members.length === 0 ? [] : [`## ${group}\n\n${members.map(section).join('\n')}`];
  });
  return `${[head, ...groups].join('\n').trimEnd()}\n`;
}

function section(check: DoctorCheck): string {
  const notes = [
    ...(check.dependsOn.length > 0 ? [`Needs: ${check.dependsOn.map((id) => `\`${id}\``).join(', ')}.`] : []),
    ...(check.onDemand === true ? [`Runs only when it is named, or with --all: \`iptv doctor ${check.id}\`.`] : []),
  ];
  const rows = Object.entries(check.finds).map(([code, meaning]) => `| \`${code}\` | ${meaning.replaceAll('|', String.raw`\|`)} |`);
  const text = [check.about, ...notes].join(' ');
  return [`### \`${check.id}\``, '', text, '', '| Finding | What it means |', '|---|---|', ...rows, ''].join('\n');
}
