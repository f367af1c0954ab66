import type { Diagnostic } from '../api.ts';
import { formatDiagnostic } from '../api/diagnostic-text.ts';
import type { FormatChoice } from './options.ts';
import { readSoFar } from './read.ts';
import { type ExitStatus, type Streams, wantsColour } from './streams.ts';
import { type FileOutput, writeFiles } from './write.ts';

/** How many diagnostics are printed; a broken file of a million lines says enough in fifty. */
const SHOWN = 50;

/** Prints diagnostics to standard error. */
export async function printDiagnostics(streams: Streams, diagnostics: readonly Diagnostic[]): Promise<void> {
  const options = { colour: wantsColour(streams.err, streams.env), width: streams.err.width };
  for (const diagnostic of diagnostics.slice(0, SHOWN)) {
    await streams.err.write(formatDiagnostic(diagnostic, options));
  }
  const rest = diagnostics.length - SHOWN;
  if (rest > 0) await streams.err.write(`and ${rest} more\n`);
}

/** Prints errors; the status is 2. */
export async function fail(streams: Streams, errors: readonly Diagnostic[]): Promise<ExitStatus> {
  await printDiagnostics(streams, errors);
  return 2;
}

/** Prints warnings, unless the user wants quiet. */
export async function warn(
  streams: Streams,
  warnings: readonly Diagnostic[],
  options: { readonly quiet?: boolean },
): Promise<void> {
  if (options.quiet !== true) await printDiagnostics(streams, warnings);
}

/** How one format is rendered: with colour and a width for standard output, plain and 80 wide for files. */
export type Renderer = (options: { colour: boolean; width: number }) => Iterable<string | Uint8Array>;

/**
 * Writes every chosen format: the files first, all or none, then standard output.
 * @param inputs what was read beside the files that this process has read; none of it is overwritten
 * @param also a file that is written with them
 * @returns the status given, or 2 where something could not be written
 */
export async function deliver(
  streams: Streams,
  choices: readonly FormatChoice[],
  renderers: Readonly<Record<string, Renderer>>,
  inputs: readonly string[],
  status: ExitStatus,
  also?: FileOutput,
): Promise<ExitStatus> {
  const plain = { colour: false, width: 80 };
  const files = choices.flatMap(({ name, file }) =>
    file === undefined ? [] : [{ path: file, chunks: (renderers[name] as Renderer)(plain) }],
  );
  const all = also === undefined ? files : [...files, also];
  const problems = await writeFiles(all, [...inputs, ...readSoFar()]);
  if (problems.length > 0) return fail(streams, problems);
  const here = choices.find(({ file }) => file === undefined);
  if (here === undefined) return status;
  const options = { colour: wantsColour(streams.out, streams.env), width: streams.out.width };
  for (const chunk of (renderers[here.name] as Renderer)(options)) await streams.out.write(chunk);
  return streams.out.failed ? 2 : status;
}
