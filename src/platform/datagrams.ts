// Listens for datagrams.

import { AppError } from '../core/errors.ts';
import { ExitCode } from '../core/exit-codes.ts';

export interface DatagramListener {
  close(): void;
}

/** `host` undefined: every address of this machine. Rejects with AppError when the port cannot be had. */
export function listenForDatagrams(
  address: { readonly host?: string; readonly port: number },
  onText: (text: string) => void,
): Promise<DatagramListener> {
  const { createSocket } = process.getBuiltinModule('node:dgram');
  const socket = createSocket({ type: 'udp4', recvBufferSize: 1024 * 1024 });
  return new Promise((resolve, reject) => {
    const fail = (error: Error): void => {
      socket.close();
      const message = `cannot listen for datagrams on port ${address.port}: ${error.message}`;
      reject(new AppError({ exitCode: ExitCode.unavailable, code: 'datagrams', message, cause: error }));
    };
    socket.once('error', fail);
    socket.bind(address.port, address.host, () => {
      socket.off('error', fail);
      socket.on('error', () => undefined);
      socket.on('message', (bytes) => onText(bytes.toString('utf8')));
      socket.unref();
      resolve({ close: () => socket.close() });
    });
  });
}
