// The ffmpeg check where the jobs run: on this host, or in the backend container.

import { cannotTell } from '../check.ts';
import { onDockerHost } from '../context.ts';
import type { DoctorCheck } from '../doctor-check.ts';
import { ffmpegCheck } from './ffmpeg.ts';

export const runningFfmpegCheck: DoctorCheck = {
  id: 'ffmpeg',
  title: ffmpegCheck.title,
  layer: ffmpegCheck.layer,
  severity: ffmpegCheck.severity,
  dependsOn: [],
  group: 'Machine',
  about: 'ffmpeg runs and has the protocols, muxers and encoders that the list needs; versions known to hang are told.',
  finds: {
    'ffmpeg-missing': 'there is no ffmpeg',
    'ffmpeg-broken': 'it does not run',
    'ffmpeg-incomplete': 'it was built without something that every job needs',
    'ffmpeg-lacks-input': 'it was built without something that some streams need',
    'ffmpeg-version': 'this version is known to hang or crash when it is stopped',
  },
  async run(context, facts) {
    const { backend } = context.places;
    if (backend.unreachable !== undefined) return [cannotTell(backend.unreachable)];
    const container = onDockerHost(context) ? (await facts.containers()).backend : undefined;
    if (container !== undefined && container.state !== 'running') return [cannotTell('the container backend is not running')];
    const findings = await ffmpegCheck.run(context, facts);
    // `iptv setup` mends a host, not an image.
    if (context.runtime === 'local') return findings;
    return findings.map((finding) => (finding.next === 'iptv setup' ? { ...finding, next: 'iptv up' } : finding));
  },
};
