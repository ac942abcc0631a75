import type { Readable } from 'node:stream';

/** A terminal that somebody types at. */
type Keyboard = Readable & { setRawMode?(on: boolean): unknown };

/** Characters that are taken, inclusive: who pastes more has pasted something else. */
const charactersMax = 64 << 10;

/** Milliseconds in which a signal is heard that a process sent to itself. */
const signalMs = 100;

const keys = { interrupt: '\x03', endOfInput: '\x04', backspace: ['\x7f', '\b'], forgetLine: '\x15' } as const;

/**
 * Reads a line that the terminal does not show, up to Return. Ctrl-C is passed on as the signal that it is, once the
 * terminal shows what is typed again. Null where input ends before anything was typed. `endLine` goes to the next line
 * of the terminal.
 */
export function typeUnseen(keyboard: Keyboard, endLine: () => void): Promise<string | null> {
  return new Promise((resolve) => {
    let typed = '';
    let isInterrupted = false;
    const end = (answer: string | null): void => {
      keyboard.off('data', take).off('end', closed);
      keyboard.pause();
      keyboard.setRawMode?.(false);
      if (!isInterrupted) endLine();
      resolve(answer);
    };
    const closed = (): void => end(typed === '' ? null : typed);
    /** Whether more keys are waited for. */
    const takeKey = (key: string): boolean => {
      if (key === '\r' || key === '\n') end(typed);
      else if (key === keys.endOfInput) closed();
      else if (key === keys.interrupt) {
        isInterrupted = true;
        keyboard.setRawMode?.(false);
        endLine();
        process.kill(process.pid, 'SIGINT');
        setTimeout(() => end(null), signalMs);
      } else {
        if (key === keys.forgetLine) typed = '';
        else if (keys.backspace.some((each) => each === key)) typed = [...typed].slice(0, -1).join('');
        else if (key >= ' ' && typed.length < charactersMax) typed += key;
        return true;
      }
      return false;
    };
    const take = (piece: Buffer | string): void => {
      for (const key of String(piece)) {
        if (!takeKey(key)) return;
      }
    };
    keyboard.setRawMode?.(true);
    keyboard.setEncoding('utf8').on('data', take).on('end', closed).resume();
  });
}
