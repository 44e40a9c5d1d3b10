// The metrics as text, through the field's client library; loaded with the first scrape, because most houses have none.

import { Counter, Gauge, Registry } from '@prometheus-io/client';

import { houseMetrics } from './house-metrics.ts';
import type { MetricDefinition } from './metric.ts';
import type { MetricsSnapshot } from './snapshot.ts';
import { streamMetrics } from './stream-metrics.ts';

export const metricDefinitions: readonly MetricDefinition[] = [...streamMetrics, ...houseMetrics];

export interface Exposition {
  readonly contentType: string;
  readonly text: string;
}

export interface MetricsRegistry {
  /** `accept`: the header of the request. OpenMetrics where it is asked for, else Prometheus' own text format. */
  expose(snapshot: MetricsSnapshot, accept: string): Promise<Exposition>;
}

export function createMetricsRegistry(): MetricsRegistry {
  let snapshot: MetricsSnapshot | undefined;
  const registries = new Map<'openmetrics' | 'prometheus', Registry>();

  function registryOf(form: 'openmetrics' | 'prometheus'): Registry {
    const known = registries.get(form);
    if (known !== undefined) return known;
    const registry = new Registry(form === 'openmetrics' ? Registry.OPENMETRICS_CONTENT_TYPE : Registry.PROMETHEUS_CONTENT_TYPE);
    for (const definition of metricDefinitions) register(registry, definition, () => snapshot);
    registries.set(form, registry);
    return registry;
  }

  return {
    async expose(current, accept) {
      snapshot = current;
      const registry = registryOf(/\bapplication\/openmetrics-text\b/.test(accept) ? 'openmetrics' : 'prometheus');
      return { contentType: registry.contentType, text: await registry.metrics() };
    },
  };
}

/** Values are set when they are asked for, all anew: what is gone is gone. */
function register(registry: Registry, definition: MetricDefinition, snapshot: () => MetricsSnapshot | undefined): void {
  const { name, help, labels } = definition;
  const configuration = { name, help, labelNames: [...labels], registers: [registry] };
  const samples = (): Iterable<{ readonly labels: Readonly<Record<string, string>>; readonly value: number }> => {
    const current = snapshot();
    return current === undefined ? [] : definition.read(current);
  };
  if (definition.type === 'gauge') {
    new Gauge({
      ...configuration,
      collect() {
        this.reset();
        // Without labels a reset means 0, and unknown is not 0.
        if (labels.length === 0) this.remove({});
        for (const sample of samples()) this.set({ ...sample.labels }, sample.value);
      },
    });
    return;
  }
  new Counter({
    ...configuration,
    collect() {
      this.reset();
      if (labels.length === 0) this.remove({});
      for (const sample of samples()) this.inc({ ...sample.labels }, sample.value);
    },
  });
}
