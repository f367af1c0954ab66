import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { init } from '../../api/init.ts';
import { type ReadingOptions, readAll, readConfigs } from '../inputs.ts';
import { isBaselineFile } from '../options.ts';
import { fail, warn } from '../report.ts';
import type { ExitStatus, Streams } from '../streams.ts';
import { writeFiles } from '../write.ts';

interface InitOptions extends ReadingOptions {
  readonly baseline?: readonly string[];
  readonly as?: string;
  readonly output?: string;
}

/** `postern init <config...>`. */
export async function runInit(
  streams: Streams,
  paths: readonly string[],
  options: InitOptions,
): Promise<ExitStatus> {
  const { output, as, baseline } = options;
  if (output !== undefined && existsSync(output))
    return fail(streams, [
      {
        severity: 'error',
        code: 'unwritable-output',
        path: output,
        message: 'it exists, and may have what somebody wrote into it',
        help: 'name another file, or print the deployment without `--output` and compare',
      },
    ]);
  const configs = await readConfigs(streams, paths, options);
  const files = await readAll(streams, (baseline ?? []).filter(isBaselineFile), options);
  if (!configs.ok) return fail(streams, configs.errors);
  if (!files.ok) return fail(streams, files.errors);
  const named = baseline?.map((name) => files.value.find(({ path }) => path === name) ?? name);
  const made = await init({
    configs: configs.value,
    ...(named === undefined ? {} : { baselines: named }),
    ...(as === undefined ? {} : { as }),
    folder: output === undefined ? '.' : dirname(output),
  });
  if (!made.ok) return fail(streams, made.errors);
  await warn(streams, made.warnings, options);
  if (output === undefined) {
    await streams.out.write(made.value);
    return streams.out.failed ? 2 : 0;
  }
  const problems = await writeFiles([{ path: output, chunks: [made.value] }], paths);
  return problems.length > 0 ? fail(streams, problems) : 0;
}
