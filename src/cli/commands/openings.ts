import type { HookName } from '../../api.ts';
import { openings } from '../../api/openings.ts';
import { openingsChunks, openingsJsonChunks } from '../../api/render.ts';
import { namedTwice, onceStandardInput, type ReadingOptions, readConfigs } from '../inputs.ts';
import type { FormatChoice } from '../options.ts';
import { deliver, fail, warn } from '../report.ts';
import type { ExitStatus, Streams } from '../streams.ts';

interface OpeningsOptions extends ReadingOptions {
  readonly hook?: HookName;
  readonly format?: readonly FormatChoice[];
}

/** `postern openings <config...>`. */
export async function runOpenings(
  streams: Streams,
  paths: readonly string[],
  options: OpeningsOptions,
): Promise<ExitStatus> {
  const twice = [...namedTwice(paths), ...onceStandardInput(paths)];
  if (twice.length > 0) return fail(streams, twice);
  const configs = await readConfigs(streams, paths, options);
  if (!configs.ok) return fail(streams, configs.errors);
  const answer = await openings({
    configs: configs.value,
    ...(options.hook === undefined ? {} : { hook: options.hook }),
  });
  if (!answer.ok) return fail(streams, answer.errors);
  await warn(streams, answer.warnings, options);
  const renderers = {
    text: (layout: { colour: boolean; width: number }) => openingsChunks(answer.value, layout),
    json: () => openingsJsonChunks(answer.value),
  };
  return deliver(streams, options.format ?? [{ name: 'text' }], renderers, paths, 0);
}
