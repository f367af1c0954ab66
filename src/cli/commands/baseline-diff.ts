import type { InputFile, Result } from '../../api.ts';
import { diff, type DiffRequest, needsConfigs } from '../../api/diff.ts';
import { onceStandardInput, readAll } from '../inputs.ts';
import { type FormatChoice, isBaselineFile } from '../options.ts';
import { deliver, fail, warn } from '../report.ts';
import { readExtended, readSiteFiles } from '../site.ts';
import type { ExitStatus, Streams } from '../streams.ts';

interface DiffOptions {
  readonly deployment?: string;
  readonly format?: readonly FormatChoice[];
  readonly maxInputSize: number;
  readonly quiet?: boolean;
}

/** `postern baseline diff <a> <b>`; status 1 where they differ. */
export async function runDiff(
  streams: Streams,
  operands: readonly string[],
  options: DiffOptions,
): Promise<ExitStatus> {
  const twice = onceStandardInput([...operands, options.deployment]);
  if (twice.length > 0) return fail(streams, twice);
  const request = await gather(streams, operands, options);
  if (!request.ok) return fail(streams, request.errors);
  const compared = await diff(request.value);
  if (!compared.ok) return fail(streams, compared.errors);
  await warn(streams, compared.warnings, options);
  const renderers = {
    text: ({ width }: { width: number }) => [compared.value.text(width)],
    json: () => [compared.value.json()],
  };
  const inputs = [
    ...operands.filter(isBaselineFile),
    ...(options.deployment === undefined ? [] : [options.deployment]),
  ];
  return deliver(
    streams,
    options.format ?? [{ name: 'text' }],
    renderers,
    inputs,
    compared.value.differs ? 1 : 0,
  );
}

async function gather(
  streams: Streams,
  operands: readonly string[],
  options: DiffOptions,
): Promise<Result<DiffRequest>> {
  const given = await readAll(streams, operands.filter(isBaselineFile), options);
  if (!given.ok) return given;
  const extended = await readExtended(given.value, options.maxInputSize);
  if (!extended.ok) return extended;
  const named = operands.map((name) => given.value.find(({ path }) => path === name) ?? name);
  const [from = '', to = ''] = named;
  const request = { from, to, files: extended.value };
  if (options.deployment === undefined) return { ok: true, value: request, warnings: [] };
  const read = await readAll(streams, [options.deployment], options);
  if (!read.ok) return read;
  const [deployment] = read.value as [InputFile];
  const reading = { limit: options.maxInputSize, hosts: undefined, configsGiven: !needsConfigs(deployment) };
  const files = await readSiteFiles(deployment, reading);
  if (!files.ok) return files;
  return {
    ok: true,
    value: { ...request, deployment, files: [...extended.value, ...files.value] },
    warnings: [],
  };
}
