import type { InputFile, Result } from '../../api.ts';
import { validateBaselines } from '../../api/review.ts';
import { readAll } from '../inputs.ts';
import { isBaselineFile } from '../options.ts';
import { DEFAULT_LIMIT } from '../read.ts';
import { fail, warn } from '../report.ts';
import { readExtended } from '../site.ts';
import type { ExitStatus, Streams } from '../streams.ts';

interface ValidateOptions {
  readonly strict?: boolean;
  readonly quiet?: boolean;
}

/** `postern baseline validate <id|file...>`: whether it can be used, and what a careful reader would ask about. */
export async function runValidate(
  streams: Streams,
  operands: readonly string[],
  options: ValidateOptions,
): Promise<ExitStatus> {
  const files = await readFiles(streams, operands);
  if (!files.ok) return fail(streams, files.errors);
  const { given, extended } = files.value;
  const named = operands.map((name) => given.find(({ path }) => path === name) ?? name);
  const checked = await validateBaselines(named, extended);
  if (!checked.ok) return fail(streams, checked.errors);
  await warn(streams, checked.warnings, options);
  for (const name of operands) await streams.out.write(`${name}: valid\n`);
  return options.strict === true && checked.warnings.length > 0 ? 1 : 0;
}

async function readFiles(
  streams: Streams,
  operands: readonly string[],
): Promise<Result<{ given: readonly InputFile[]; extended: readonly InputFile[] }>> {
  const given = await readAll(streams, operands.filter(isFile), { maxInputSize: DEFAULT_LIMIT });
  if (!given.ok) return given;
  const extended = await readExtended(given.value, DEFAULT_LIMIT);
  if (!extended.ok) return extended;
  return { ok: true, value: { given: given.value, extended: extended.value }, warnings: [] };
}

/** A file may have any name here, as long as it could be no id. */
const isFile = (name: string): boolean => isBaselineFile(name) || !/^[a-z0-9]+(-[a-z0-9]+)*$/.test(name);
