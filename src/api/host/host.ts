import type { ResolvedHost } from '../../baseline/model.ts';
import { withBoundGroups } from '../../compare/rows/bound-groups.ts';
import type { CoverageLine, ReportInput } from '../../finding/report.ts';
import type { CloudAccount, CloudPoint } from '../../formats/cloud.ts';
import type { CloudSelector } from '../../rule/cloud-selector.ts';
import type { ConfigPart } from '../../formats/reader.ts';
import { assemble } from '../../rule/assemble.ts';
import type { CoverageEntry, Ruleset } from '../../rule/ruleset.ts';
import { toldOfSymmetricRoutes, withSymmetricRoutes } from '../../rule/symmetric-routes.ts';
import { type Diagnostic, failure, type Result, success } from '../../text/diagnostic.ts';
import { spanText } from '../../text/source.ts';
import { append } from '../append.ts';
import { accountOf, choosePoint, layerOf } from './cloud.ts';
import { emptyListNote, withEmptyLists } from '../wrong-files/empty-list.ts';
import { includesOf } from './includes.ts';
import { decode, loneReturns, type InputFile, sha256 } from '../input.ts';
import { chooseReader } from './readers.ts';

/** What the configs of one host say together. */
export interface LoadedHost {
  readonly ruleset: Ruleset;
  readonly coverage: readonly CoverageEntry[];
  readonly inputs: readonly ReportInput[];
}

interface LoadedFile {
  readonly part: ConfigPart;
  readonly coverage: readonly CoverageEntry[];
  /** The file itself, and those that it includes. */
  readonly inputs: readonly ReportInput[];
}

/** The files of one host, read, before they are put together. */
export interface HostFiles {
  readonly parts: readonly ConfigPart[];
  readonly coverage: readonly CoverageEntry[];
  readonly inputs: readonly ReportInput[];
  /** What the cloud exports among them describe; the host is one point of it. */
  readonly account: CloudAccount | undefined;
  readonly paths: readonly string[];
}

/** Reads the configs of one host. Fails with the problems of all files where any has one. */
export async function readHostFiles(files: readonly InputFile[]): Promise<Result<HostFiles>> {
  const loaded: LoadedFile[] = [];
  const errors: Diagnostic[] = [];
  const warnings: Diagnostic[] = [];
  for (const [i, file] of withEmptyLists(files).entries()) {
    const result = await loadFile(file, i);
    if (!result.ok) append(errors, result.errors);
    else {
      loaded.push(result.value);
      append(warnings, result.warnings);
    }
  }
  if (errors.length > 0) return failure(...errors);
  const parts = loaded.map(({ part }) => part);
  const account = await accountOf(parts);
  if (!account.ok) return account;
  const read: HostFiles = {
    parts: parts.map(withoutContent),
    // A host's own configs tell theirs when they are put together; of an account only a point is.
    coverage: loaded.flatMap(({ coverage, part }) =>
      part.cloud === undefined ? coverage : [...coverage, ...part.coverage],
    ),
    inputs: loaded.flatMap(({ inputs }) => inputs),
    account: account.value,
    paths: files.map(({ path }) => path),
  };
  return success(read, [...warnings, ...account.warnings]);
}

/** An export's part when its account is made: the account has taken what it needs, and the rest is large. */
function withoutContent(part: ConfigPart): ConfigPart {
  return part.cloud === undefined ? part : { ...part, cloud: { ...part.cloud, content: undefined } };
}

/**
 * Puts the files of one host together.
 * @param point where the files are of a cloud: which of its points guards the host
 * @param host whose roles groups of the cloud may bind
 * @returns an error where no file has rules
 */
export function assembleHost(files: HostFiles, point?: CloudPoint, host?: ResolvedHost): Result<LoadedHost> {
  const own = files.parts.filter((part) => part.cloud === undefined);
  const exports = files.parts.filter((part) => part.cloud !== undefined);
  const filtered = own.some((part) => part.families.length > 0);
  const layer =
    files.account === undefined || point === undefined
      ? undefined
      : layerOf(files.account, point, exports, filtered, host?.own);
  const assembled = assemble(layer === undefined ? own : [...own, layer.part]);
  if (!assembled.ok) return assembled;
  const { coverage } = assembled.value;
  const together =
    layer === undefined ? assembled.value.ruleset : { ...assembled.value.ruleset, cloud: layer.facts };
  const bound = host === undefined ? together : withBoundGroups(host, together);
  const symmetric = host?.symmetricRoutes === true;
  const ruleset = symmetric ? withSymmetricRoutes(bound) : bound;
  if (ruleset.families.size === 0) return failure(noRules(files.paths));
  return success(
    {
      ruleset,
      coverage: [...files.coverage, ...(symmetric ? toldOfSymmetricRoutes(coverage) : coverage)],
      inputs: files.inputs,
    },
    assembled.warnings,
  );
}

/**
 * Reads the configs of one host and puts them together.
 * @param selector the point of a cloud that guards the host; not needed where the exports have one only
 */
export async function loadHost(
  files: readonly InputFile[],
  selector?: CloudSelector,
): Promise<Result<LoadedHost>> {
  const read = await readHostFiles(files);
  if (!read.ok) return read;
  if (read.value.account === undefined) return withWarnings(assembleHost(read.value), read.warnings);
  const point = choosePoint(read.value.account, selector);
  if (!point.ok) return point;
  return withWarnings(assembleHost(read.value, point.value), [...read.warnings, ...point.warnings]);
}

function withWarnings<T>(result: Result<T>, before: readonly Diagnostic[]): Result<T> {
  return result.ok ? success(result.value, [...before, ...result.warnings]) : result;
}

async function loadFile(file: InputFile, index: number): Promise<Result<LoadedFile>> {
  const decoded = decode(file);
  if (!decoded.ok) return decoded;
  const { source } = decoded.value;
  const broken = loneReturns(source);
  if (broken !== undefined) return failure(broken);
  const choice = await chooseReader(source, file.format);
  if (!choice.ok) return choice;
  const { reader, format } = choice.value;
  const included = includesOf(file, format);
  const part = reader.read(source, format, `${index}:${file.path}`, included.include);
  if (!part.ok) return part;
  const input: ReportInput = { path: file.path, format, sha256: sha256(file.bytes) };
  return success(
    {
      part: part.value,
      coverage: [...decoded.value.coverage, ...included.coverage, ...emptyListNote(source)],
      inputs: [
        file.captured === undefined ? input : { ...input, captured: file.captured },
        ...included.inputs,
      ],
    },
    part.warnings,
  );
}

function noRules([path]: readonly string[]): Diagnostic {
  const diagnostic = {
    severity: 'error',
    code: 'no-rules',
    message: 'none of the configs has rules; an audit of nothing says nothing',
    expected: 'an iptables-save or ip6tables-save dump beside sets and addresses',
  } as const;
  return path === undefined ? diagnostic : { ...diagnostic, path };
}

/** Coverage entries as the report has them, by file and line; the same entry once. */
export function coverageLines(entries: readonly CoverageEntry[]): CoverageLine[] {
  const lines = new Map<string, CoverageLine>();
  // A long line may have thousands of entries that say the same: its text is made and compared once.
  const seen = new Set<string>();
  for (const entry of entries) {
    const { span, status, reason } = entry;
    const place = JSON.stringify([span.file.path, span.start, span.end, status, reason]);
    if (seen.has(place)) continue;
    seen.add(place);
    const line = coverageLine(entry);
    lines.set(coverageKey(line), line);
  }
  return orderCoverage([...lines.values()]);
}

/** An entry as the report has it. */
export function coverageLine({ span, status, reason }: CoverageEntry): CoverageLine {
  const { line } = span.file.position(span.start);
  return { file: span.file.path, line, status, text: spanText(span), reason };
}

/**
 * Names what a line of coverage says. The text is part of it: a JSON export may be one line, and there its rules differ by what
 * they are called.
 */
export function coverageKey({ file, line, status, text, reason }: CoverageLine): string {
  return JSON.stringify([file, line, status, reason, text]);
}

/** Coverage by file, line and reason. */
export function orderCoverage(lines: readonly CoverageLine[]): CoverageLine[] {
  return [...lines].sort((a, b) => order(a.file, b.file) || a.line - b.line || order(a.reason, b.reason));
}

const order = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
