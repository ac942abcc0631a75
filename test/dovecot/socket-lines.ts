import type { Socket } from 'node:net';

/** What a server says, line by line. */
export type SocketLines = {
  /** All lines up to and with the first that `last` holds of; fails where the connection does, or ends before. */
  until(last: RegExp): Promise<string[]>;
};

/** Reads this socket from now on; lines end in CRLF, and have one character per byte. */
export function linesFrom(socket: Socket): SocketLines {
  let rest = '';
  const waiting: string[] = [];
  let wake = (): void => {};
  let failure: Error | null = null;
  socket.on('data', (piece) => {
    const parts = (rest + piece.toString('latin1')).split('\r\n');
    rest = parts.pop() ?? '';
    for (const line of parts) waiting.push(line);
    wake();
  });
  const fail = (error: Error): void => {
    failure ??= error;
    wake();
  };
  socket.on('error', fail);
  socket.on('close', () => fail(new Error('the server closed the connection')));
  return {
    async until(last) {
      const found: string[] = [];
      for (;;) {
        const line = waiting.shift();
        if (line !== undefined) {
          found.push(line);
          if (last.test(line)) return found;
          continue;
        }
        if (failure !== null) throw failure;
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    },
  };
}
