import { safeJson } from '../report/visible.ts';
import { type Result, success } from '../text/diagnostic.ts';
import { type TraceAnswer, traceLine } from '../trace/trace.ts';
import { loadHost } from './host.ts';
import type { InputFile } from './input.ts';

/** What `tracer` is asked. */
export interface TraceRequest {
  /** The configs of one host. */
  readonly configs: readonly InputFile[];
}

/** The answer to one line of NDJSON (a packet, schemas/packet.schema.json); undefined where the line is blank. */
export type Tracer = (line: string) => TraceAnswer | undefined;

/** Reads the configs once and answers for any number of packets. */
export async function tracer(request: TraceRequest): Promise<Result<Tracer>> {
  const host = await loadHost(request.configs);
  if (!host.ok) return host;
  const { ruleset } = host.value;
  const answer: Tracer = (line) => {
    const found = traceLine(ruleset, line);
    return found === undefined ? undefined : { ...found, json: safeJson(found.json) };
  };
  return success(answer, host.warnings);
}
