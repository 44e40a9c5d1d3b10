// The folder of one channel within the HLS folder.

import type { ChannelSurroundings } from './channel-unit.ts';

/** Open to the same users as the HLS folder: nginx's cleaner must be able to tidy it when we are gone for good. */
export async function makeChannelFolder(
  { ports, endpoints, ensureHlsDirectory }: Pick<ChannelSurroundings, 'ports' | 'endpoints' | 'ensureHlsDirectory'>,
  id: string,
): Promise<void> {
  // Made here with the channel's own folder, its parent would be closed to nginx's worker.
  await ensureHlsDirectory();
  const parent = await ports.files.stat(endpoints.hlsDirectory);
  await ports.files.makeDirectory(`${endpoints.hlsDirectory}/${id}`, parent === undefined ? 0o755 : parent.mode & 0o7777);
}
