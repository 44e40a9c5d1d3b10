// Settings of nginx-rtmp that look fine and break channels; each was seen to do so (DESIGN sections 5 and 6).

import { argumentOf, directive, directives, nginxMilliseconds, type Directive } from '../../observe/nginx-directives.ts';
import { fail, warn, type Finding } from '../check.ts';
import type { DoctorContext } from '../context.ts';

/** nginx's own defaults, where the directive is absent. */
const defaults = { cleanup: 'on', playlist: '30s', naming: 'sequential' };

export function trapFindings(context: DoctorContext, tree: readonly Directive[], application: Directive): readonly Finding[] {
  const { block } = application;
  const workers = argumentOf(tree, 'worker_processes') ?? '1';
  const naming = argumentOf(block, 'hls_fragment_naming') ?? defaults.naming;
  const cached = argumentOf(directive(tree, 'http')?.block, 'open_file_cache') ?? 'off';
  return [
    ...(workers === '1'
      ? []
      : [
          fail({
            code: 'several-workers',
            what: `nginx has ${workers} workers`,
            evidence: [`worker_processes ${workers}`],
            why: 'nginx-rtmp keeps its streams in the memory of one worker: /stat and players see them by chance',
          }),
        ]),
    ...(argumentOf(block, 'drop_idle_publisher') === undefined
      ? [
          warn({
            code: 'ghosts-stay',
            what: 'nginx keeps the place of a publisher whose connection broke',
            evidence: ['drop_idle_publisher is not set'],
            why: 'the job that comes back is refused with "Already publishing"',
          }),
        ]
      : []),
    ...(naming === 'sequential'
      ? [
          warn({
            code: 'names-reused',
            what: 'nginx counts segments from 0 at each start',
            evidence: [`hls_fragment_naming ${naming}`],
            why: 'the same name then means another segment, and caches serve the old one',
          }),
        ]
      : []),
    ...(argumentOf(block, 'hls_nested') === 'on'
      ? [
          fail({
            code: 'hls-nested',
            what: 'nginx writes each playlist into a folder of its own',
            evidence: ['hls_nested on'],
            why: 'viewers and the supervisor look for <id>.m3u8 in the folder itself, and the folders have mode 0744',
          }),
        ]
      : []),
    ...(cached === 'off'
      ? []
      : [
          warn({
            code: 'files-cached',
            what: 'nginx keeps files open',
            evidence: [`open_file_cache ${cached}`],
            why: "a playlist is replaced every second, and a cached descriptor serves yesterday's",
          }),
        ]),
    ...cleanerFindings(context, tree),
  ];
}

/** It deletes any playlist older than hls_playlist_length and any segment older than twice that, in the whole folder. */
function cleanerFindings(context: DoctorContext, tree: readonly Directive[]): readonly Finding[] {
  const { config, endpoints } = context;
  const windows = [config.server, ...config.streams.map((stream) => stream.output)].map(
    (one) => one.segmentSeconds * one.windowSegments * 1000,
  );
  const leastMs = 2 * Math.max(...windows);
  const applications = directives(directive(tree, 'rtmp')?.block, 'server').flatMap((server) => directives(server.block, 'application'));
  return applications.flatMap(({ args, block }) => {
    if (argumentOf(block, 'hls') !== 'on' || (argumentOf(block, 'hls_cleanup') ?? defaults.cleanup) !== 'on') return [];
    if (argumentOf(block, 'hls_path')?.replace(/\/$/, '') !== endpoints.hlsDirectory) return [];
    const length = argumentOf(block, 'hls_playlist_length') ?? defaults.playlist;
    if ((nginxMilliseconds(length) ?? 0) >= leastMs) return [];
    return [
      fail({
        code: 'cleaner-fast',
        what: `nginx's cleaner deletes playlists after ${length}, and the longest window is ${leastMs / 2000} s`,
        evidence: [`application ${args[0] ?? ''}: hls_cleanup on, hls_playlist_length ${length}`],
        why: 'it does not know the backup leg, which ffmpeg writes into the same folder, and deletes what is still listed',
      }),
    ];
  });
}
