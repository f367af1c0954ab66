import type { InputFile } from '../../api.ts';
import { importBaseline } from '../../api/import.ts';
import { readAll } from '../inputs.ts';
import { DEFAULT_LIMIT } from '../read.ts';
import { fail, warn } from '../report.ts';
import type { ExitStatus, Streams } from '../streams.ts';
import { writeFiles } from '../write.ts';

interface ImportOptions {
  readonly id?: string;
  readonly title?: string;
  readonly output?: string;
  readonly quiet?: boolean;
}

/** `postern baseline import <document>`: the draft to standard output, or to a file that is written whole or not at all. */
export async function runImport(
  streams: Streams,
  operands: readonly string[],
  options: ImportOptions,
): Promise<ExitStatus> {
  const read = await readAll(streams, operands, { maxInputSize: DEFAULT_LIMIT });
  if (!read.ok) return fail(streams, read.errors);
  const { id, title, output } = options;
  const imported = importBaseline(read.value[0] as InputFile, {
    ...(id === undefined ? {} : { id }),
    ...(title === undefined ? {} : { title }),
  });
  if (!imported.ok) return fail(streams, imported.errors);
  const { yaml, rows, tables, marked } = imported.value;
  if (output === undefined || output === '-') await streams.out.write(yaml);
  else {
    const problems = await writeFiles([{ path: output, chunks: [yaml] }], operands);
    if (problems.length > 0) return fail(streams, problems);
  }
  if (streams.out.failed) return 2;
  await warn(streams, imported.warnings, options);
  if (options.quiet !== true)
    await streams.err.write(
      `${rows} ${rows === 1 ? 'row' : 'rows'} of ${tables} ${tables === 1 ? 'table' : 'tables'}; ${marked} to be reviewed\n`,
    );
  return 0;
}
