import type { NewMediumPolicy } from '../../flow/medium/ask-before-new-medium.js';
import type { Context } from './command-context.js';

/**
 * Whoever sits at a terminal is asked, unless --new-medium answers it; --yes does not. A dry run, which makes none,
 * asks nothing.
 */
export function newMediumPolicy({ raw, environment, output }: Context): NewMediumPolicy {
  const { home, userName } = environment;
  return {
    user: { home, userName },
    async accept(question) {
      if (raw.newMedium === true) return true;
      if (raw.dryRun === true) return null;
      const { newMediumQuestion } = await import('../../terminal/text/sections/new-medium-text.js');
      return output.confirm(newMediumQuestion(question));
    },
  };
}
