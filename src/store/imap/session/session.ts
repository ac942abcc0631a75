import { Failure } from '../../../failure.js';
import { type Command, literalsAheadBy, quoted } from '../protocol/command.js';
import { type Answer, type Connection, type Listener, startConnection, type Untagged } from '../protocol/connection.js';
import { numberOf, textsOfList } from '../protocol/response-values.js';
import type { Access, LoggedIn } from './connect.js';
import type { Namespace } from './namespace.js';

/** What a server told of a mailbox when it was opened. */
export type Selected = {
  readonly raw: string;
  readonly isWritable: boolean;
  readonly uidValidity: number;
  /** Null where the server does not say. */
  readonly uidNext: number | null;
  readonly highestModseq: string | null;
  /** What stays when it is renamed (RFC 8474); null where the server has no such thing. */
  readonly mailboxId: string | null;
  /** Flags that stay; null where the server does not say. `\*`: others can be made. */
  readonly permanentFlags: ReadonlySet<string> | null;
  /** How many messages it has now, as far as the server said so since. */
  exists: number;
};

/** A command that reads from the mailbox that is being opened. */
type Following = { readonly command: string; hear(response: Untagged): void };

/** A session with the server: what it can, and which mailbox is open. */
export type Session = {
  readonly name: string;
  /** In capitals. */
  readonly capabilities: ReadonlySet<string>;
  readonly namespace: Namespace;
  /** As the server named itself (RFC 2971); null where it did not, or not yet. */
  saidToBe(): string | null;
  run(command: Command, listener?: Listener): Promise<Answer>;
  /** The same; throws `io` where the server does not do it. `doing` names what was done. */
  demand(doing: string, command: Command, listener?: Listener): Promise<void>;
  /**
   * Opens a mailbox, for reading without a trace (EXAMINE) or to be changed; anew even where it is open. Null where the
   * server refuses. `then` is sent right behind it; throws `io` where that alone is refused.
   */
  select(raw: string, how: 'read' | 'write', then?: Following): Promise<Selected | null>;
  /** Closes what is open, and expunges nothing. */
  unselect(): Promise<void>;
  lost(): Failure | null;
  close(): void;
};

/** A session on what somebody has logged in to. */
export function startSession({ input, output, ...known }: LoggedIn, { name }: Access): Session {
  const literalsAhead = literalsAheadBy(known.capabilities);
  const connection = startConnection({ input, output, name, literalsAhead });
  let itself: string | null = null;
  const hear = (response: Untagged): void => {
    if (response.kind === 'data' && response.name === 'ID') itself = nameInId(textsOfList(response.values[0]));
  };
  // Some servers let nobody in who gives no name (RFC 2971). The command after it says it where the line is lost.
  if (known.capabilities.has('ID')) void Promise.allSettled([connection.run(['ID ("name" "mrepl")'], { hear })]);
  return sessionOn(connection, { name, saidToBe: () => itself, ...known });
}

/** Characters of a server's name that are shown, inclusive. */
const shownNameMax = 100;

/** Name and version, out of a list of keys and values. */
function nameInId(fields: readonly string[]): string | null {
  const fieldOf = (key: string): string => {
    const at = fields.findIndex((field, index) => index % 2 === 0 && field.toLowerCase() === key);
    return at < 0 ? '' : (fields[at + 1] ?? '');
  };
  const shown = `${fieldOf('name')} ${fieldOf('version')}`.trim().slice(0, shownNameMax);
  return shown === '' ? null : shown;
}

type Known = Pick<Session, 'name' | 'capabilities' | 'namespace' | 'saidToBe'> & { release(): void };

function sessionOn(connection: Connection, { name, capabilities, namespace, saidToBe, release }: Known): Session {
  let selected: Selected | null = null;
  const run: Session['run'] = (command, listener = {}) =>
    connection.run(command, {
      ...listener,
      hear(response) {
        if (response.kind === 'data' && selected !== null && response.number !== null) {
          if (response.name === 'EXISTS') selected.exists = response.number;
          if (response.name === 'EXPUNGE') selected.exists--;
        }
        listener.hear?.(response);
      },
    });
  const session: Session = {
    name,
    capabilities,
    namespace,
    saidToBe,
    run,
    async demand(doing, command, listener) {
      const answer = await run(command, listener);
      if (answer.status !== 'OK') throw refused(doing, answer);
    },
    async select(raw, how, then) {
      selected = null;
      const told = startTelling(raw, how);
      const opening = connection.run([`${how === 'read' ? 'EXAMINE' : 'SELECT'} ${quoted(raw)}`], told);
      const following = then === undefined ? null : connection.run([then.command], heardBeside(told, then));
      const [answer, read] = await Promise.all([opening, following]);
      if (answer.status !== 'OK') return null;
      selected = told.selected(answer);
      // Some servers refuse to fetch from a mailbox without a message.
      if (read !== null && read.status !== 'OK' && selected.exists > 0) throw refused(`reading ${raw}`, read);
      return selected;
    },
    async unselect() {
      if (selected === null) return;
      const { raw } = selected;
      if (capabilities.has('UNSELECT')) await session.demand(`closing ${raw}`, ['UNSELECT']);
      // Of a mailbox that is open for reading only, CLOSE expunges nothing.
      else if ((await session.select(raw, 'read')) !== null) await session.demand(`closing ${raw}`, ['CLOSE']);
      selected = null;
    },
    lost: () => connection.lost(),
    close() {
      connection.close();
      release();
    },
  };
  return session;
}

function refused(doing: string, { text }: Answer): Failure {
  return new Failure('io', `${doing}: the server refuses: ${text}`);
}

/** Mail that comes while the mailbox is read is told in between. */
function heardBeside(told: Telling, { hear }: Following): Listener {
  return {
    hear(response) {
      told.hear?.(response);
      hear(response);
    },
  };
}

type Telling = Listener & { selected(answer: Answer): Selected };

/** Gathers what the server tells while it opens a mailbox. */
function startTelling(raw: string, how: 'read' | 'write'): Telling {
  const codes = new Map<string, string>();
  let exists = 0;
  return {
    hear(response) {
      if (response.kind === 'status' && response.code !== null) codes.set(response.code.name, response.code.rest);
      if (response.kind === 'data' && response.name === 'EXISTS') exists = response.number ?? 0;
      if (response.kind === 'data' && response.name === 'EXPUNGE') exists--;
    },
    selected({ code }) {
      const uidValidity = numberOf(codes.get('UIDVALIDITY'));
      if (uidValidity === null || uidValidity === 0) {
        throw new Failure('io', `opening ${raw}: the server does not say of which time its UIDs are`);
      }
      const flags = codes.get('PERMANENTFLAGS');
      return {
        ...{ raw, uidValidity, exists, isWritable: how === 'write' && code?.name !== 'READ-ONLY' },
        uidNext: numberOf(codes.get('UIDNEXT')),
        highestModseq: codes.get('HIGHESTMODSEQ') ?? null,
        mailboxId: codes.get('MAILBOXID')?.replace(/^\(|\)$/g, '') ?? null,
        permanentFlags: flags === undefined ? null : new Set(flags.replace(/^\(|\)$/g, '').split(' ')),
      };
    },
  };
}

/** Those of a list that the server says of a name: attributes of LIST, in lower case. */
export function attributesOf(value: Parameters<typeof textsOfList>[0]): ReadonlySet<string> {
  return new Set(textsOfList(value).map((text) => text.toLowerCase()));
}
