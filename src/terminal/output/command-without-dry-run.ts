/** Options that say only how a plan is shown, each with whether a value follows it. */
const shown: ReadonlyMap<string, boolean> = new Map([
  ['--dry-run', false],
  ['--exit-code', false],
  ['--details', false],
  ['--report', true],
  ['--json', false],
]);

/** The words of the command line that does what this one, with --dry-run, has only shown. */
export function commandWithoutDryRun(argv: readonly string[]): readonly string[] {
  const words: string[] = [];
  for (let index = 0; index < argv.length; index++) {
    const word = argv[index] ?? '';
    if (word === '--') return [...words, ...argv.slice(index)];
    const [option = ''] = word.split('=', 1);
    const hasValue = shown.get(option);
    if (hasValue !== undefined) {
      if (hasValue && option === word) index += 1;
    } else if (/^-[a-z]*n[a-z]*$/.test(word)) {
      if (word !== '-n') words.push(word.replace('n', ''));
    } else words.push(word);
  }
  return words;
}
