import type { Decision } from '../merge-decision.js';

/** How much of what a peer's news would do here is not done, because of the peer's right. */
export type Withheld = {
  /** New messages. */
  readonly messages: number;
  /** Messages whose flags would change. */
  readonly flags: number;
  /** Messages that would be expunged. */
  readonly expunges: number;
  /** Changes of the mailbox itself: its UIDVALIDITY, whether it is there, its subscription. */
  readonly others: number;
};

const nothingWithheld: Withheld = { messages: 0, flags: 0, expunges: 0, others: 0 };

/** Is anything withheld at all? */
export function isAny({ messages, flags, expunges, others }: Withheld): boolean {
  return messages + flags + expunges + others > 0;
}

const aspects: { readonly [kind in Decision['kind']]: keyof Withheld | null } = {
  new: 'messages',
  unified: 'messages',
  rewritten: 'expunges',
  expunged: 'expunges',
  flags: 'flags',
  'moved-flags': 'flags',
  uidvalidity: 'others',
  created: 'others',
  deleted: 'others',
  kept: 'others',
  subscribed: 'others',
  // These explain others, or come of them.
  'flag-conflict': null,
  'expunge-won': null,
  renumbered: null,
  awaited: null,
};

/** The difference between what a peer with every right would have brought about and what was done. */
export function withheldOf(whole: readonly Decision[], done: readonly Decision[]): Withheld {
  const counts = { ...nothingWithheld };
  const count = (decisions: readonly Decision[], step: 1 | -1): void => {
    for (const { kind } of decisions) {
      const aspect = aspects[kind];
      if (aspect !== null) counts[aspect] += step;
    }
  };
  count(whole, 1);
  count(done, -1);
  const { messages, flags, expunges, others } = counts;
  const atLeast0 = (n: number): number => Math.max(0, n);
  return {
    messages: atLeast0(messages),
    flags: atLeast0(flags),
    expunges: atLeast0(expunges),
    others: atLeast0(others),
  };
}
