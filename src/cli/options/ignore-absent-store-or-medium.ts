import type { FailureCode } from '../../failure.js';
import { Failure } from '../../failure.js';

const absences: ReadonlySet<FailureCode> = new Set(['store-absent', 'medium-absent']);

/** Is this what --if-present passes over: a store or a stick that is not there? */
export function isAbsence(error: unknown): boolean {
  return error instanceof Failure && absences.has(error.code);
}

/** Runs `work`; with --if-present its failing for an absence is success. */
export async function passingOverAbsence(ifPresent: boolean, work: () => Promise<number>): Promise<number> {
  try {
    return await work();
  } catch (error) {
    if (ifPresent && isAbsence(error)) return 0;
    throw error;
  }
}
