import type { Finding, GoneFinding, PreviousReport, Report } from '../../finding/report.ts';
import { SEVERITIES } from '../../finding/report.ts';
import { failure, type Result, success } from '../../text/diagnostic.ts';
import { type InputFile, sha256 } from '../input.ts';
import { isRecord, type JsonRecord, misfit, readRecord, textsUnder } from '../json-record.ts';

/** An earlier report, as far as it is compared. */
export interface Earlier {
  readonly path: string;
  readonly sha256: string;
  readonly findings: readonly GoneFinding[];
}

const CODES: readonly string[] = ['missing', 'excessive', 'conflicting'];

/** The findings of a report that `check --format json` wrote before. One of another schema version is an error. */
export function readPrevious(input: InputFile): Result<Earlier> {
  const record = readRecord(input, "a report of postern's", 'hosts', '`postern check --format json`');
  if (!record.ok) return record;
  const { value, file } = record.value;
  if (!Array.isArray(value.hosts))
    return failure(misfit(file, ['hosts'], '`hosts` is no list', 'a list of hosts'));
  const found: GoneFinding[] = [];
  for (const [i, host] of value.hosts.entries()) {
    const name = textsUnder(host, ['name'])?.name;
    const list = isRecord(host) ? host.findings : undefined;
    if (name === undefined || !Array.isArray(list))
      return failure(
        misfit(file, ['hosts', i], 'this is no host of a report', 'an object with `name` and `findings`'),
      );
    for (const [j, item] of list.entries()) {
      const finding = readFinding(name, item);
      if (finding === undefined) return failure(noFinding(record.value, i, j));
      found.push(finding);
    }
  }
  return success({ path: input.path, sha256: sha256(input.bytes), findings: found });
}

function noFinding({ file }: JsonRecord, host: number, index: number): ReturnType<typeof misfit> {
  return misfit(
    file,
    ['hosts', host, 'findings', index],
    'this is no finding of a report',
    'an object with `code`, `rule`, `severity`, `message` and `fingerprint`',
  );
}

function readFinding(host: string, value: unknown): GoneFinding | undefined {
  const texts = textsUnder(value, ['code', 'rule', 'severity', 'message', 'fingerprint']);
  if (texts === undefined || !isRecord(value)) return undefined;
  const { code, rule, severity, message, fingerprint } = texts;
  if (
    !CODES.includes(code) ||
    !SEVERITIES.some((one) => one === severity) ||
    !/^[0-9a-f]{64}$/.test(fingerprint)
  )
    return undefined;
  const optional = (key: 'baseline' | 'connection'): { [key: string]: string } =>
    typeof value[key] === 'string' ? { [key]: value[key] } : {};
  return {
    host,
    code: code as Finding['code'],
    rule,
    severity: severity as Finding['severity'],
    ...optional('baseline'),
    ...optional('connection'),
    message,
    fingerprint,
  };
}

/** How a report's findings differ from an earlier report's, by fingerprint; in the order of the reports. */
export function compareWithPrevious(report: Report, earlier: Earlier): PreviousReport {
  const now = new Set(report.hosts.flatMap((host) => host.findings.map(({ fingerprint }) => fingerprint)));
  const before = new Set(earlier.findings.map(({ fingerprint }) => fingerprint));
  return {
    path: earlier.path,
    sha256: earlier.sha256,
    new: [...now].filter((one) => !before.has(one)),
    gone: earlier.findings.filter(({ fingerprint }) => !now.has(fingerprint)),
    unchanged: [...now].filter((one) => before.has(one)).length,
  };
}
