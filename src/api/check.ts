import type { ResolvedHost } from '../baseline/model.ts';
import { checkHost } from '../compare/check-host.ts';
import type { FamilyCheck } from '../compare/view/family-check.ts';
import type { Report } from '../finding/report.ts';
import type { CloudSelector } from '../rule/cloud-selector.ts';
import type { CoverageEntry, Ruleset } from '../rule/ruleset.ts';
import { type Diagnostic, failure, placed, type Result, success } from '../text/diagnostic.ts';
import type { Audit } from './audit/audit.ts';
import { choosePoint } from './host/cloud.ts';
import { HostFileCache } from './host/cache.ts';
import type { HostFiles } from './host/host.ts';
import { type HostPlace, judgeHost } from './host/judge.ts';
import { type CheckRequest, planOf, type Task } from './plan.ts';
import { ReportBuilder } from './report-builder.ts';
import { unreviewed } from './audit/unreviewed.ts';

export type { CheckRequest } from './plan.ts';

/** Compares configs with baselines. Fails with every problem of the inputs that it can tell at once. */
export async function check(request: CheckRequest): Promise<Result<Report>> {
  const audit = await auditOf(request);
  if (!audit.ok) return audit;
  const planned = planOf(request);
  if (!planned.ok) return planned;
  const builder = new ReportBuilder(planned.value.baselines, request.deployment);
  builder.warn(planned.warnings);
  builder.warn(unreviewed(planned.value.baselines));
  const files = new HostFileCache();
  for (const task of planned.value.tasks) {
    const problems = await checkTask(task, builder, files, { ...request, audit: audit.value });
    builder.fail(task.host.name, problems);
  }
  const report = builder.finish();
  if (!report.ok || audit.value === undefined) return report;
  const audited = audit.value.finish(report.value);
  return audited.ok ? success(audited.value, [...report.warnings, ...audited.warnings]) : audited;
}

/** What is decided about findings is loaded only where there is something: most checks compare and no more. */
async function auditOf(request: CheckRequest): Promise<Result<Audit | undefined>> {
  const { waivers, asOf, inline, known, previous } = request;
  if ([waivers, asOf, known, previous].every((one) => one === undefined) && inline !== true)
    return success(undefined);
  return (await import('./audit/audit.ts')).Audit.read(request);
}

async function checkTask(
  task: Task,
  builder: ReportBuilder,
  files: HostFileCache,
  { detail, onHost, audit }: Pick<CheckRequest, 'detail' | 'onHost'> & { audit: Audit | undefined },
): Promise<readonly Diagnostic[]> {
  const read = await files.read(task.configs);
  if (!read.ok) return read.errors;
  builder.warn(read.warnings);
  const judge = detail ? (await import('./detail/host.ts')).detailedHost : plainHost;
  const places = placesOf(task, read.value);
  if (!places.ok) return places.errors;
  for (const place of places.value) {
    const { host } = place;
    onHost?.(host.name);
    const judged = judgeHost(read.value, place, (ruleset, tell) => judge(host, ruleset, tell, audit));
    if (!judged.ok) return judged.errors;
    const { value, inputs, coverage } = judged.value;
    builder.add(value.report, inputs, coverage);
    builder.quote(value.excerpts ?? []);
    builder.warn(judged.warnings);
  }
  return [];
}

/** The hosts that a task is about: one, or one for each point of a cloud where nobody says which is meant. */
export function placesOf({ host, selector, every }: Task, { account }: HostFiles): Result<HostPlace[]> {
  if (account === undefined) {
    if (selector === undefined) return success([{ host }]);
    return failure(notOfCloud(host, selector));
  }
  if (every === true)
    return success(account.points.map((point) => ({ host: { ...host, name: point.name }, point })));
  const point = choosePoint(account, selector);
  return point.ok ? success([{ host, point: point.value }], point.warnings) : point;
}

function notOfCloud({ name }: ResolvedHost, { span }: CloudSelector): Diagnostic {
  const diagnostic = {
    severity: 'error',
    code: 'no-cloud-export',
    message: `the host \`${name}\` names groups of a cloud, and none of its configs is an export of one`,
    expected: 'the exports that have its groups, under `configs:`',
  } as const;
  return placed(diagnostic, span);
}

const plainHost = (
  host: ResolvedHost,
  ruleset: Ruleset,
  tell: (entries: readonly CoverageEntry[]) => void,
  audit: Audit | undefined,
) => {
  let checks: readonly FamilyCheck[] = [];
  const report = checkHost(host, ruleset, tell, (made) => {
    checks = made;
  });
  return { report: audit?.adjust(report, checks) ?? report, excerpts: undefined };
};
