import type { ReportInput } from '../../finding/report.ts';
import type { IncludeFiles, InputFormat } from '../../formats/reader.ts';
import type { CoverageEntry } from '../../rule/ruleset.ts';
import { failure, success } from '../../text/diagnostic.ts';
import type { SourceFile } from '../../text/source.ts';
import { decode, type InputFile, sha256 } from '../input.ts';

/** What a config included: everything that was read belongs to the report's inputs. */
export interface IncludedFiles {
  readonly include: IncludeFiles;
  readonly inputs: ReportInput[];
  readonly coverage: CoverageEntry[];
}

/** Answers a reader's includes from the files that came with the config. */
export function includesOf(file: InputFile, format: InputFormat): IncludedFiles {
  const inputs: ReportInput[] = [];
  const coverage: CoverageEntry[] = [];
  const opened = new Map<string, SourceFile>();
  const include: IncludeFiles = (pattern, from) => {
    const found = file.included?.find((one) => one.pattern === pattern && one.from === from.path);
    if (found === undefined) return wrong('include-not-read', `\`${pattern}\` was not given with the config`);
    if (found.problem !== undefined) return failure({ severity: 'error', ...found.problem });
    const sources: SourceFile[] = [];
    for (const { path, bytes } of found.files) {
      let source = opened.get(path);
      if (source === undefined) {
        const decoded = decode({ path, bytes });
        if (!decoded.ok) return decoded;
        source = decoded.value.source;
        opened.set(path, source);
        for (const entry of decoded.value.coverage) coverage.push(entry);
        inputs.push({ path, format, sha256: sha256(bytes) });
      }
      sources.push(source);
    }
    return success(sources);
  };
  return { include, inputs, coverage };
}

function wrong(code: string, message: string): ReturnType<IncludeFiles> {
  return failure({ severity: 'error', code, message });
}
