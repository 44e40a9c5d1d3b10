// The metrics as a page for people: docs/metrics.md.

import { houseMetrics } from './house-metrics.ts';
import type { MetricDefinition } from './metric.ts';
import { streamMetrics } from './stream-metrics.ts';

/** Markdown; written by tests/tools/write-metrics.ts, and a test says when it is out of date. */
export function metricsPage(): string {
  return `# Metrics

\`http://<host>:8088/metrics\`, in both runtimes, in the text format of Prometheus, or OpenMetrics where a client asks for it.
nginx passes the question on to the supervisor, which answers nobody else. Who may ask is said in streams.yaml:

\`\`\`yaml
server:
  metrics: { allow: [10.0.0.0/8, 192.168.7.20] }   # default: private networks
\`\`\`

Streams are told apart by \`stream\` (the id) and \`group\`; no metric holds an address, a URL or a secret, and viewers are counted,
not stored. What is not known is left out rather than 0. Counters begin at 0 when the supervisor comes up.

## Streams

${table(streamMetrics)}

## The house

${table(houseMetrics)}

## Prometheus, Alertmanager and Grafana

\`docker compose -f docker/docker-compose.yml --profile monitoring up -d\` starts all three beside the stack: Prometheus on
port 9090, Alertmanager on 9093, Grafana on 3000 (dashboards Fleet, Channel, Provider), all on loopback. The rules are in
[docker/monitoring/rules.yml](../docker/monitoring/rules.yml); a restart that was ordered raises none of them.
For a Prometheus of your own:

\`\`\`yaml
scrape_configs:
  - job_name: iptv
    static_configs: [{ targets: ['tv.example.com:8088'] }]
\`\`\`
`;
}

function table(definitions: readonly MetricDefinition[]): string {
  const rows = definitions.map(({ name, type, help, labels }) => {
    const more = labels.filter((label) => label !== 'stream' && label !== 'group').map((label) => `\`${label}\``);
    return `| \`${name}\` | ${type} | ${more.join(', ')} | ${help.replaceAll('|', '\\|')} |`;
  });
  return ['| Name | Type | Further labels | Meaning |', '|---|---|---|---|', ...rows].join('\n');
}
