import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import {
  check,
  type InputFile,
  openings,
  type OpeningsReport,
  type Report,
  type Result,
  siteFiles,
  tracer,
} from '../../src/api.ts';

/**
 * A case of fixtures/clouds: `case.yaml` says what it is about, which packets pass, and whether `check` is asked; the
 * exports are the folder's JSON files. `expected.txt` has the openings and the findings.
 */
export interface CloudCase {
  readonly about: string;
  readonly folder: string;
  readonly configs: readonly InputFile[];
  readonly trace: readonly ExpectedPacket[];
  readonly check: CloudCheck | undefined;
  /** What the message of the error must contain, where the exports are wrong. */
  readonly error: readonly string[] | undefined;
}

export interface ExpectedPacket {
  readonly packet: Readonly<Record<string, unknown>>;
  readonly verdict: string;
  readonly certainty?: string;
}

export interface CloudCheck {
  readonly baseline?: string;
  readonly as?: string;
  /** A file of the folder. */
  readonly deployment?: string;
}

/** The case in a folder. */
export function readCloudCase(folder: string): CloudCase {
  const yaml = parse(readFileSync(join(folder, 'case.yaml'), 'utf8')) as {
    about: string;
    trace?: ExpectedPacket[];
    check?: CloudCheck;
    error?: string | string[];
  };
  const names = readdirSync(folder).filter((name) => !/\.yaml$/.test(name) && name !== 'expected.txt');
  return {
    about: yaml.about,
    folder,
    configs: names
      .sort()
      .filter((name) => statSync(join(folder, name)).isFile())
      .map((name) => ({ path: name, bytes: readFileSync(join(folder, name)) })),
    trace: yaml.trace ?? [],
    check: yaml.check,
    error: yaml.error === undefined ? undefined : [yaml.error].flat(),
  };
}

/** What is open, or why that cannot be told. */
export function openingsOfCase({ configs }: CloudCase): Promise<Result<OpeningsReport>> {
  return openings({ configs });
}

/** What `check` says of the case. */
export async function checkCase(given: CloudCase, asked: CloudCheck): Promise<Result<Report>> {
  const baselines = asked.baseline === undefined ? [] : [asked.baseline];
  const role = asked.as === undefined ? {} : { as: asked.as };
  if (asked.deployment === undefined) return check({ configs: given.configs, baselines, ...role });
  const deployment = { path: asked.deployment, bytes: readFileSync(join(given.folder, asked.deployment)) };
  const named = siteFiles(deployment, undefined);
  if (!named.ok) return named;
  const files = named.value.map(({ path }) => ({ path, bytes: readFileSync(join(given.folder, path)) }));
  return check({ deployment, files, baselines, ...role });
}

/** The answers to the case's packets. */
export async function traceCase(
  given: CloudCase,
): Promise<{ verdict?: string; certainty?: string; error?: string }[]> {
  const trace = await tracer({ configs: given.configs });
  if (!trace.ok) throw new Error(trace.errors.map(({ message }) => message).join('; '));
  return given.trace.map(({ packet }) => JSON.parse(trace.value(JSON.stringify(packet))?.json ?? '{}'));
}
