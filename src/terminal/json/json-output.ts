import type { Output, OutputRequest } from '../output/output-interface.js';
import { reportObjects } from './dispatch-report-to-json.js';
import { failureObject, type JsonObject, jsonLine, troubleObjects } from './json-line.js';

/** What --quiet leaves of a report: what went wrong in it, such as a bundle that was refused. */
function isWrong({ kind, failure }: JsonObject): boolean {
  return kind === 'trouble' || kind === 'finding' || (failure !== undefined && failure !== null);
}

/** Output for programs: one JSON object per line, all of it to `out`, failures too. */
export function jsonOutput({ out, progress, nowS, quiet, verbose, command, askSecret }: OutputRequest): Output {
  const emit = (objects: readonly JsonObject[]): void => {
    for (const object of objects) out(`${jsonLine(object)}\n`);
  };
  return {
    listener: progress.listener,
    async report(report, names) {
      const objects = reportObjects(report, { isLast: true, ...names, nowS: nowS(), verbose, columns: 0, command });
      emit(quiet ? objects.filter(isWrong) : objects);
    },
    async warn(troubles) {
      emit(troubleObjects(troubles));
    },
    async failure(failure, status) {
      emit([{ kind: 'error', ...failureObject(failure), status }]);
    },
    confirm: async () => null,
    askSecret,
    close: progress.stop,
  };
}
