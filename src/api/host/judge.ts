import type { ResolvedHost } from '../../baseline/model.ts';
import type { ReportInput } from '../../finding/report.ts';
import type { CloudPoint } from '../../formats/cloud.ts';
import type { CoverageEntry, Ruleset } from '../../rule/ruleset.ts';
import { warned } from '../../rule/warned.ts';
import { type Result, success } from '../../text/diagnostic.ts';
import { append } from '../append.ts';
import { guardedLists } from '../guard.ts';
import { absentInterfaces } from './absent-interfaces.ts';
import { assembleHost, type HostFiles } from './host.ts';

/** A host and, where it is guarded by a cloud, the point of it. */
export interface HostPlace {
  readonly host: ResolvedHost;
  readonly point?: CloudPoint;
}

/** What a host came to, with what the report says of its configs. */
export interface Judged<T> {
  readonly value: T;
  readonly inputs: readonly ReportInput[];
  /** Of the configs, and of the comparison. */
  readonly coverage: readonly CoverageEntry[];
}

/**
 * Puts the files of one host together and has it judged. Every way to check hosts goes through here, so that all say the same
 * beside the report.
 * @param judge compares the host; called a second time where its address masks stand for more than can be listed
 */
export function judgeHost<T>(
  files: HostFiles,
  { host, point }: HostPlace,
  judge: (ruleset: Ruleset, tell: (entries: readonly CoverageEntry[]) => void) => T,
): Result<Judged<T>> {
  const loaded = assembleHost(files, point, host);
  if (!loaded.ok) return loaded;
  const { ruleset, inputs } = loaded.value;
  const coverage = [...loaded.value.coverage];
  const tell = (entries: readonly CoverageEntry[]): void => append(coverage, entries);
  const judged = guardedLists(files.paths[0], ruleset, tell, (given) => judge(given, tell));
  if (!judged.ok) return judged;
  const absent = absentInterfaces(host, ruleset);
  tell(absent.map(warned));
  return success({ value: judged.value, inputs, coverage }, [...loaded.warnings, ...absent]);
}
