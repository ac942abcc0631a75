import { nearestWord } from '../../config/nearest-word.js';

/** Words that other programs have for what is done here, with the command that does it. */
const otherWords: ReadonlyMap<string, string> = new Map([
  ...['setup', 'new', 'create', 'add'].map((word) => [word, 'init'] as const),
  ...['push', 'send', 'write'].map((word) => [word, 'export'] as const),
  ...['pull', 'fetch', 'receive', 'apply'].map((word) => [word, 'import'] as const),
  ...['run', 'exchange', 'merge'].map((word) => [word, 'sync'] as const),
  ...['undelete', 'undo', 'recover', 'trash'].map((word) => [word, 'restore'] as const),
  ...['check', 'fsck', 'diagnose', 'repair'].map((word) => [word, 'doctor'] as const),
  ...['show', 'ls', 'cat', 'dump'].map((word) => [word, 'inspect'] as const),
  ...['info', 'state', 'stat', 'diff'].map((word) => [word, 'status'] as const),
  ...['list', 'hosts', 'ps'].map((word) => [word, 'peers'] as const),
  ...['history', 'journal'].map((word) => [word, 'log'] as const),
  ...['move', 'mv'].map((word) => [word, 'relocate'] as const),
  ...['remove', 'destroy', 'deinit', 'uninstall', 'delete', 'rm'].map((word) => [word, 'uninit'] as const),
  ...['unpair', 'revoke', 'block', 'untrust'].map((word) => [word, 'peers revoke'] as const),
  ...['limit', 'permit', 'rights'].map((word) => [word, 'peers limit'] as const),
  ...['export-key', 'key', 'keys'].map((word) => [word, 'peers export-key'] as const),
  ...['crontab', 'systemd', 'timer', 'schedule'].map((word) => [word, 'cron'] as const),
  ...['settings', 'options', 'set', 'get'].map((word) => [word, 'config'] as const),
  ...['report', 'bug', 'debug'].map((word) => [word, 'support'] as const),
]);

/** What may have been meant by a word that is no command: one that does what it says elsewhere, or is written alike. */
export function suggestedCommand(word: string, commands: readonly string[]): string | null {
  return otherWords.get(word.toLowerCase()) ?? nearestWord(word, commands);
}
