import { Failure } from '../../../failure.js';
import { type Command, literalsAheadBy, quoted } from '../protocol/command.js';
import { type Answer, type Connection, type Listener, startConnection, type Untagged } from '../protocol/connection.js';
import { numberOf, textOfValue, textsOfList } from '../protocol/response-values.js';
import type { Access, LoggedIn } from './connect.js';
import { type Namespace, namespaceOf } from './namespace.js';

/** What a server told of a mailbox when it was opened. */
export type Selected = {
  readonly raw: string;
  readonly isWritable: boolean;
  readonly uidValidity: number;
  /** Null where the server does not say. */
  readonly uidNext: number | null;
  readonly highestModseq: string | null;
  /** Flags that stay; null where the server does not say. `\*`: others can be made. */
  readonly permanentFlags: ReadonlySet<string> | null;
  /** How many messages it has now, as far as the server said so since. */
  exists: number;
};

/** A session with the server: what it can, and which mailbox is open. */
export type Session = {
  readonly name: string;
  /** In capitals. */
  readonly capabilities: ReadonlySet<string>;
  readonly namespace: Namespace;
  run(command: Command, listener?: Listener): Promise<Answer>;
  /** The same; throws `io` where the server does not do it. `doing` names what was done. */
  demand(doing: string, command: Command, listener?: Listener): Promise<void>;
  /**
   * Opens a mailbox, for reading without a trace (EXAMINE) or to be changed; anew even where it is open. Null where the
   * server refuses.
   */
  select(raw: string, how: 'read' | 'write'): Promise<Selected | null>;
  /** Closes what is open, and expunges nothing. */
  unselect(): Promise<void>;
  lost(): Failure | null;
  close(): void;
};

/** Asks a server on which somebody has logged in what it can, and how it spells names: one turn, or two. */
export async function startSession({ input, output, release }: LoggedIn, { name }: Access): Promise<Session> {
  const asking = startConnection({ input, output, name, literalsAhead: { bytesMax: -1 } });
  const capabilities = new Set<string>();
  let namespace: Namespace = { prefix: '', delimiter: '/', foreign: [] };
  const hear = (response: Untagged): void => {
    if (response.kind !== 'data') return;
    if (response.name === 'NAMESPACE') namespace = namespaceOf(response.values);
    if (response.name === 'CAPABILITY') {
      for (const value of response.values) capabilities.add((textOfValue(value) ?? '').toUpperCase());
    }
  };
  await Promise.all([asking.run(['CAPABILITY'], { hear }), asking.run(['NAMESPACE'], { hear })]);
  asking.setLiteralsAhead(literalsAheadBy(capabilities));
  return sessionOn(asking, { name, capabilities, namespace, release });
}

type Known = Pick<Session, 'name' | 'capabilities' | 'namespace'> & { release(): void };

function sessionOn(connection: Connection, { name, capabilities, namespace, release }: Known): Session {
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
    run,
    async demand(doing, command, listener) {
      const { status, text } = await run(command, listener);
      if (status !== 'OK') throw new Failure('io', `${doing}: the server refuses: ${text}`);
    },
    async select(raw, how) {
      selected = null;
      const told = startTelling(raw, how);
      const answer = await connection.run([`${how === 'read' ? 'EXAMINE' : 'SELECT'} ${quoted(raw)}`], told);
      if (answer.status !== 'OK') return null;
      selected = told.selected(answer);
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

/** Gathers what the server tells while it opens a mailbox. */
function startTelling(raw: string, how: 'read' | 'write'): Listener & { selected(answer: Answer): Selected } {
  const codes = new Map<string, string>();
  let exists = 0;
  return {
    hear(response) {
      if (response.kind === 'status' && response.code !== null) codes.set(response.code.name, response.code.rest);
      if (response.kind === 'data' && response.name === 'EXISTS') exists = response.number ?? 0;
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
        permanentFlags: flags === undefined ? null : new Set(flags.replace(/^\(|\)$/g, '').split(' ')),
      };
    },
  };
}

/** Those of a list that the server says of a name: attributes of LIST, in lower case. */
export function attributesOf(value: Parameters<typeof textsOfList>[0]): ReadonlySet<string> {
  return new Set(textsOfList(value).map((text) => text.toLowerCase()));
}
