import {
  type HostReport,
  type KnownFinding,
  type KnownReport,
  type Report,
  SEVERITIES,
} from '../../finding/report.ts';
import { jsonText } from '../../report/json-text.ts';
import { compareText } from '../../report/order.ts';
import { type Diagnostic, failure, type Result, success } from '../../text/diagnostic.ts';
import { type InputFile, sha256 } from '../input.ts';
import { isRecord, misfit, readRecord, textsUnder } from '../json-record.ts';

/** A file of known findings, read. */
export interface KnownFile {
  readonly path: string;
  readonly sha256: string;
  readonly findings: readonly KnownFinding[];
}

/** The known findings of a file (shape: schemas/known.schema.json). */
export function readKnown(input: InputFile): Result<KnownFile> {
  const record = readRecord(input, 'a file of known findings', 'findings', '`--update-known`');
  if (!record.ok) return record;
  const { value, file } = record.value;
  const extra = Object.keys(value).find((key) => !['schemaVersion', 'findings'].includes(key));
  if (extra !== undefined)
    return failure(
      misfit(
        file,
        [extra],
        `\`${extra.slice(0, 60)}\` is no key of this file`,
        '`schemaVersion` and `findings`',
      ),
    );
  if (!Array.isArray(value.findings))
    return failure(misfit(file, ['findings'], '`findings` is no list', 'a list of known findings'));
  const found: KnownFinding[] = [];
  for (const [i, item] of value.findings.entries()) {
    const known = readEntry(item);
    if (known === undefined)
      return failure(
        misfit(
          file,
          ['findings', i],
          'this is no known finding',
          'an object with `fingerprint` (64 hexadecimal digits), `host`, `rule`, `severity` and `message`',
        ),
      );
    found.push(known);
  }
  return success({ path: input.path, sha256: sha256(input.bytes), findings: found });
}

function readEntry(value: unknown): KnownFinding | undefined {
  const texts = textsUnder(value, ['fingerprint', 'host', 'rule', 'severity', 'message']);
  if (texts === undefined || !isRecord(value) || !/^[0-9a-f]{64}$/.test(texts.fingerprint)) return undefined;
  if (!/^[a-z]+(-[a-z]+)*$/.test(texts.rule)) return undefined;
  if (!SEVERITIES.some((one) => one === texts.severity)) return undefined;
  return {
    ...(texts as KnownFinding),
    ...(typeof value.baseline === 'string' ? { baseline: value.baseline } : {}),
    ...(typeof value.connection === 'string' ? { connection: value.connection } : {}),
  };
}

/**
 * The hosts with their known findings marked, and what the file has beyond them. What is waived is not known besides.
 * @param checked the hosts that were checked, where not all were: entries of others are not stale
 */
export function markKnown(
  hosts: readonly HostReport[],
  file: KnownFile,
  checked: ReadonlySet<string> | undefined,
): { readonly hosts: readonly HostReport[]; readonly known: KnownReport } {
  const known = new Set(file.findings.map(({ fingerprint }) => fingerprint));
  const here = new Set<string>();
  const marked = hosts.map((host) => ({
    ...host,
    findings: host.findings.map((finding) => {
      if (!known.has(finding.fingerprint)) return finding;
      here.add(finding.fingerprint);
      return finding.waived === undefined ? { ...finding, known: true as const } : finding;
    }),
  }));
  const matched = marked.flatMap((host) => host.findings).filter((finding) => 'known' in finding).length;
  const stale = file.findings.filter(
    ({ fingerprint, host }) => !here.has(fingerprint) && (checked === undefined || checked.has(host)),
  );
  return { hosts: marked, known: { path: file.path, sha256: file.sha256, matched, stale } };
}

/** What is told of entries that no finding has any more. */
export function staleWarnings({ path, stale }: KnownReport): Diagnostic[] {
  return stale.slice(0, 20).map(({ host, rule, fingerprint, message }, i) => ({
    severity: 'warning',
    code: 'known-stale',
    path,
    message:
      i === 19 && stale.length > 20
        ? `${stale.length - 19} more known findings are there no more`
        : `the known finding ${fingerprint.slice(0, 12)} (${rule} on ${host}) is there no more: ${message}`,
    help: '`--update-known` takes it out',
  }));
}

/**
 * The file of known findings that makes a report pass: every finding that is not waived, by host and fingerprint, and the
 * report as it would be with that file. Entries of the old file for hosts that were not checked stay.
 */
export function knownUpdate(
  { known, hosts }: { readonly known?: InputFile; readonly hosts?: readonly string[] },
  report: Report,
): { readonly text: string; readonly report: Report } {
  const checked = new Set(report.hosts.map(({ name }) => name));
  const old = known === undefined || (hosts ?? []).length === 0 ? undefined : readKnown(known);
  const kept = old?.ok ? old.value.findings.filter(({ host }) => !checked.has(host)) : [];
  const findings = [...kept, ...report.hosts.flatMap(knownOf)].sort(
    (a, b) => compareText(a.host, b.host) || compareText(a.fingerprint, b.fingerprint),
  );
  const file = { path: known?.path ?? '', sha256: '', findings };
  const marked = markKnown(report.hosts, file, undefined);
  return { text: jsonText({ schemaVersion: '1', findings }), report: { ...report, hosts: marked.hosts } };
}

function knownOf(host: HostReport): KnownFinding[] {
  return host.findings
    .filter(({ waived }) => waived === undefined)
    .map(({ fingerprint, rule, severity, baseline, connection, message }) => ({
      fingerprint,
      host: host.name,
      rule,
      severity,
      ...(baseline === undefined ? {} : { baseline }),
      ...(connection === undefined ? {} : { connection }),
      message,
    }));
}
