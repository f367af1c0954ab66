import type { InputFile } from '../../api.ts';
import { verify } from '../../api/audit/verify.ts';
import { onceStandardInput, readAll } from '../inputs.ts';
import { type FormatChoice, isBaselineFile } from '../options.ts';
import { deliver, fail, warn } from '../report.ts';
import type { ExitStatus, Streams } from '../streams.ts';

interface VerifyOptions {
  readonly document: string;
  readonly format?: readonly FormatChoice[];
  readonly maxInputSize: number;
  readonly quiet?: boolean;
}

/** `postern baseline verify <id|file> --document <file>`; status 1 where the page has changed. */
export async function runVerify(
  streams: Streams,
  [name = '']: readonly string[],
  options: VerifyOptions,
): Promise<ExitStatus> {
  const twice = onceStandardInput([name, options.document]);
  if (twice.length > 0) return fail(streams, twice);
  const paths = [...(isBaselineFile(name) ? [name] : []), options.document];
  const read = await readAll(streams, paths, options);
  if (!read.ok) return fail(streams, read.errors);
  const page = read.value.at(-1) as InputFile;
  const compared = await verify(isBaselineFile(name) ? (read.value[0] as InputFile) : name, page);
  if (!compared.ok) return fail(streams, compared.errors);
  await warn(streams, compared.warnings, options);
  const renderers = {
    text: ({ width }: { width: number }) => [compared.value.text(width)],
    json: () => [compared.value.json()],
  };
  return deliver(
    streams,
    options.format ?? [{ name: 'text' }],
    renderers,
    paths,
    compared.value.differs ? 1 : 0,
  );
}
