// Plans for tests: everything filled in but what a case is about.

import type { OutputConfig, SourceConfig } from '../../src/core/config.ts';
import type { Endpoints, JobPlan } from '../../src/core/job-plan.ts';
import { planJob, type JobPlanInput } from '../../src/plan/job-plan.ts';
import { recordedFacts } from './ffmpeg-fixtures.ts';
import { streamOf } from './streams.ts';

export const endpoints: Endpoints = {
  rtmpUrl: 'rtmp://127.0.0.1:1935/live',
  hlsUrl: 'http://127.0.0.1:8088/hls',
  publicHlsUrl: 'http://localhost:8088/hls',
  liveUrl: 'http://127.0.0.1:8088/live',
  publicLiveUrl: 'http://localhost:8088/live',
  statUrl: 'http://127.0.0.1:8088/stat',
  healthUrl: 'http://127.0.0.1:8088/healthz',
  hlsDirectory: '/tmp/hls',
};
export const ffmpeg5 = recordedFacts('5.1');

export function planOf(source: SourceConfig, more: Partial<JobPlanInput> & { output?: Partial<OutputConfig> } = {}): JobPlan {
  const { output, ...input } = more;
  return planJob({
    stream: streamOf(source, output),
    sourceIndex: 0,
    endpoints,
    ffmpeg: ffmpeg5,
    source: undefined,
    startNumber: undefined,
    secrets: [],
    ...input,
  });
}
