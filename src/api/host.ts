import type { CoverageLine, ReportInput } from '../finding/report.ts';
import type { ConfigPart } from '../formats/reader.ts';
import { assemble } from '../rule/assemble.ts';
import type { CoverageEntry, Ruleset } from '../rule/ruleset.ts';
import { type Diagnostic, failure, type Result, success } from '../text/diagnostic.ts';
import { spanText } from '../text/source.ts';
import { append } from './append.ts';
import { includesOf } from './includes.ts';
import { decode, type InputFile, sha256 } from './input.ts';
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

/**
 * Reads the configs of one host and puts them together.
 * @returns the problems of all files where any has one; an error too where no file has rules
 */
export async function loadHost(files: readonly InputFile[]): Promise<Result<LoadedHost>> {
  const loaded: LoadedFile[] = [];
  const errors: Diagnostic[] = [];
  const warnings: Diagnostic[] = [];
  for (const [i, file] of files.entries()) {
    const result = await loadFile(file, i);
    if (!result.ok) append(errors, result.errors);
    else {
      loaded.push(result.value);
      append(warnings, result.warnings);
    }
  }
  if (errors.length > 0) return failure(...errors);
  const assembled = assemble(loaded.map(({ part }) => part));
  if (!assembled.ok) return assembled;
  const { ruleset, coverage } = assembled.value;
  if (ruleset.families.size === 0) return failure(noRules(files));
  return success(
    {
      ruleset,
      coverage: [...loaded.flatMap((file) => file.coverage), ...coverage],
      inputs: loaded.flatMap(({ inputs }) => inputs),
    },
    [...warnings, ...assembled.warnings],
  );
}

async function loadFile(file: InputFile, index: number): Promise<Result<LoadedFile>> {
  const decoded = decode(file);
  if (!decoded.ok) return decoded;
  const { source } = decoded.value;
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
      coverage: [...decoded.value.coverage, ...included.coverage],
      inputs: [
        file.captured === undefined ? input : { ...input, captured: file.captured },
        ...included.inputs,
      ],
    },
    part.warnings,
  );
}

function noRules(files: readonly InputFile[]): Diagnostic {
  const diagnostic = {
    severity: 'error',
    code: 'no-rules',
    message: 'none of the configs has rules; an audit of nothing says nothing',
    expected: 'an iptables-save or ip6tables-save dump beside sets and addresses',
  } as const;
  const path = files[0]?.path;
  return path === undefined ? diagnostic : { ...diagnostic, path };
}

/** Coverage entries as the report has them, by file and line; the same entry once. */
export function coverageLines(entries: readonly CoverageEntry[]): CoverageLine[] {
  const lines = new Map<string, CoverageLine>();
  for (const { span, status, reason } of entries) {
    const { line } = span.file.position(span.start);
    const entry = { file: span.file.path, line, status, text: spanText(span), reason };
    lines.set(JSON.stringify([entry.file, line, status, reason]), entry);
  }
  return [...lines.values()].sort(
    (a, b) => order(a.file, b.file) || a.line - b.line || order(a.reason, b.reason),
  );
}

const order = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
