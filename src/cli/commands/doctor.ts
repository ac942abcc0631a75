import type { Command } from 'commander';
import type { DoctorReport } from '../../check/reports/check-report-types.js';
import type { Finding } from '../../check/reports/doctor-finding.js';
import { Failure } from '../../failure.js';
import type { Context, Runner } from '../context/command-context.js';
import { exitStatus } from '../context/exit-status.js';
import { lookWaitMs } from '../options/default-lock-wait-times.js';

/**
 * `mrepl doctor`. Ends with 3 where a fault was found. An account that cannot be opened is a finding, too, where its
 * cause is in the settings, the catalog or the store; any other failure is thrown.
 */
export function addDoctor(program: Command, run: Runner): void {
  program
    .command('doctor')
    .summary('is everything sound?')
    .description(
      'Looks at settings, keys, catalog, store and peers, and says what is wrong and what to do about it. Changes nothing.',
    )
    .option('--deep', 'read every message, and compare it with what it was')
    .addHelpText(
      'after',
      `
The exit status is 0 where all is sound, and 3 where something is wrong.

Examples:
  $ mrepl doctor
  $ mrepl doctor --deep --quiet || mail -s "mail store" root`,
    )
    .action(async (_options: unknown, command: Command) => {
      await run(command, doctor);
    });
}

async function doctor(context: Context): Promise<number> {
  const deep = context.raw.deep === true;
  const { namesOfNobody } = await import('../context/names-for-reports.js');
  const report = await examine(context, deep);
  await context.output.report(report, namesOfNobody);
  return report.findings.some(({ weight }) => weight === 'fault') ? exitStatus.partly : exitStatus.done;
}

async function examine({ environment, settings, openAccount }: Context, deep: boolean): Promise<DoctorReport> {
  const { checkSettings } = await import('../../check/doctor/check-settings.js');
  const { findingOf } = await import('../../check/reports/doctor-finding.js');
  const { examineAccount } = await import('../../flow/diagnose-account.js');
  const found: Finding[] = [];
  try {
    for (const finding of checkSettings(await settings(), environment.env)) found.push(finding);
    return await examineAccount(await openAccount(lookWaitMs), { deep, found });
  } catch (cause) {
    const code = cause instanceof Failure ? subjects.get(cause.code) : undefined;
    if (!(cause instanceof Failure) || code === undefined) throw cause;
    const nothing = { mailboxes: 0, messages: 0, texts: 0, textBytes: 0 };
    const findings = [findingOf(code, code, cause), ...found];
    return { kind: 'doctor', account: null, host: null, store: null, about: [], deep, ...nothing, findings };
  }
}

/** What keeps an account from being opened is what is wrong with it. */
const subjects: ReadonlyMap<Failure['code'], Finding['code']> = new Map([
  ['config', 'settings'],
  ['store-damaged', 'catalog'],
  ['store-absent', 'store'],
]);
