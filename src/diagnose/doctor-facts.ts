// The facts of `iptv doctor`: the running stack, each part of it looked at once.

import type { StatusDocument } from '../core/status.ts';
import type { DoctorContext, SupervisorAnswer } from './context.ts';
import { createFacts, once, type Facts } from './facts.ts';
import { readContainers, type ContainerFacts } from './facts/containers.ts';
import { readNginxDump, type NginxDump } from './facts/nginx-dump.ts';
import { readHealth, readStat, type OriginHealth, type StatAnswer } from './facts/origin.ts';
import { readServed, type ServedStream } from './facts/served.ts';
import type { FolderListing } from './place.ts';

export interface DoctorFacts extends Facts {
  readonly supervisor: () => Promise<SupervisorAnswer>;
  /** undefined when no supervisor answers. */
  readonly status: () => Promise<StatusDocument | undefined>;
  /** Empty where Docker is not the runtime, and inside a container. */
  readonly containers: () => Promise<ContainerFacts>;
  readonly nginxDump: () => Promise<NginxDump>;
  readonly health: () => Promise<OriginHealth>;
  readonly stat: () => Promise<StatAnswer>;
  /** The HLS folder as each writer sees it; undefined: not there, or nobody to ask. Locally both are the same look. */
  readonly folders: () => Promise<{ readonly backend: FolderListing | undefined; readonly origin: FolderListing | undefined }>;
  /** What viewers get of each stream that is ordered to run; empty without a supervisor. */
  readonly served: () => Promise<readonly ServedStream[]>;
}

export function createDoctorFacts(context: DoctorContext): DoctorFacts {
  const supervisor = once(() => context.askStatus());
  const status = once(async () => {
    const answer = await supervisor();
    return answer.state === 'answers' ? answer.document : undefined;
  });
  return {
    ...createFacts(context),
    supervisor,
    status,
    containers: once(() => readContainers(context)),
    nginxDump: once(() => readNginxDump(context)),
    health: once(() => readHealth(context)),
    stat: once(() => readStat(context)),
    folders: once(async () => {
      const { hlsDirectory } = context.endpoints;
      const backend = context.places.backend.folder(hlsDirectory);
      const origin = context.runtime === 'local' ? backend : context.places.origin.folder(hlsDirectory);
      return { backend: await backend, origin: await origin };
    }),
    served: once(async () => {
      const document = await status();
      return document === undefined ? [] : readServed(context, document);
    }),
  };
}
