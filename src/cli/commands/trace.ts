import { open } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import type { Result } from '../../api.ts';
import { type Tracer, tracer } from '../../api/trace.ts';
import { namedTwice, onceStandardInput, type ReadingOptions, readConfigs } from '../inputs.ts';
import { LONGEST_LINE, linesOf } from '../lines.ts';
import { readFailure } from '../read.ts';
import { fail, warn } from '../report.ts';
import type { ExitStatus, Streams } from '../streams.ts';

interface TraceOptions extends ReadingOptions {
  readonly packets: string;
}

/** Answers are written in pieces of about this many characters. */
const PIECE = 1 << 16;

/** `postern trace <config...> --packets <file|->`. */
export async function runTrace(
  streams: Streams,
  paths: readonly string[],
  options: TraceOptions,
): Promise<ExitStatus> {
  const twice = [...namedTwice(paths), ...onceStandardInput([...paths, options.packets])];
  if (twice.length > 0) return fail(streams, twice);
  const packets = await openPackets(streams, options.packets);
  if (!packets.ok) return fail(streams, packets.errors);
  try {
    const configs = await readConfigs(streams, paths, options);
    if (!configs.ok) return await fail(streams, configs.errors);
    const answer = await tracer({ configs: configs.value });
    if (!answer.ok) return await fail(streams, answer.errors);
    await warn(streams, answer.warnings, options);
    return await answerAll(streams, packets.value, answer.value, options.packets);
  } finally {
    packets.value.destroy();
  }
}

/** The stream of the packets. It is opened before the configs are read, so that a wrong name is told at once. */
async function openPackets(streams: Streams, path: string): Promise<Result<Readable>> {
  if (path === '-') return { ok: true, value: streams.stdin, warnings: [] };
  try {
    const handle = await open(path, 'r');
    if ((await handle.stat()).isDirectory()) {
      await handle.close();
      return readFailure(path, { code: 'EISDIR' });
    }
    return { ok: true, value: handle.createReadStream(), warnings: [] };
  } catch (error) {
    return readFailure(path, error);
  }
}

async function answerAll(
  streams: Streams,
  packets: Readable,
  answer: Tracer,
  path: string,
): Promise<ExitStatus> {
  let status: ExitStatus = 0;
  let piece = '';
  try {
    for await (const line of linesOf(packets)) {
      const found = line.length > LONGEST_LINE ? TOO_LONG : answer(line);
      if (found === undefined) continue;
      if (found.failed) status = 2;
      piece += `${found.json}\n`;
      if (piece.length < PIECE) continue;
      await streams.out.write(piece);
      piece = '';
      if (streams.out.closed) break;
    }
  } catch (error) {
    await streams.out.write(piece);
    const failed = readFailure<never>(path, error);
    return failed.ok ? 2 : fail(streams, failed.errors);
  }
  await streams.out.write(piece);
  return streams.out.failed ? 2 : status;
}

const TOO_LONG = {
  json: JSON.stringify({ id: null, error: `The line has more than ${LONGEST_LINE} characters.` }),
  failed: true,
};
