import { existsSync } from 'node:fs';
import type { CheckRequest, Diagnostic, InputFile, Result } from '../../api.ts';
import type { AuditRequest } from '../../api/audit/audit.ts';
import type { CheckOptions } from '../check-options.ts';
import { readAll, readConfigs } from '../inputs.ts';
import { isBaselineFile } from '../options.ts';
import { readExtended, readSiteFiles } from '../site.ts';
import type { Streams } from '../streams.ts';

/** All that a check of one host or a small site is asked with: every file read, every mistake told. */
export async function gather(
  streams: Streams,
  paths: readonly string[],
  options: CheckOptions,
): Promise<Result<CheckRequest>> {
  const configs = await readConfigs(streams, paths, options);
  const baselines = await readBaselines(streams, options);
  const site = await readDeployment(streams, options, paths.length > 0);
  const audit = await readAudit(streams, options);
  const errors = [configs, baselines, site, audit].flatMap((result) => (result.ok ? [] : result.errors));
  if (!configs.ok || !baselines.ok || !site.ok || !audit.ok) return { ok: false, errors };
  const value: CheckRequest = {
    configs: configs.value,
    ...site.value,
    baselines: baselines.value.baselines,
    files: [...(site.value.files ?? []), ...baselines.value.files],
    ...audit.value,
    ...(options.as === undefined ? {} : { as: options.as }),
    ...(options.host === undefined ? {} : { hosts: options.host }),
  };
  return { ok: true, value, warnings: [] };
}

/** The files of what people have decided and of what was found before. */
async function readAudit(streams: Streams, options: CheckOptions): Promise<Result<AuditRequest>> {
  const named = (['waivers', 'known', 'previous'] as const).flatMap((key) => {
    const path = options[key];
    return path === undefined || isNew(key, path, options) ? [] : [[key, path] as const];
  });
  const found: Record<string, InputFile> = {};
  const errors: Diagnostic[] = [];
  for (const [key, path] of named) {
    const read = await readAll(streams, [path], options);
    if (read.ok) found[key] = { path, bytes: (read.value[0] as InputFile).bytes };
    else errors.push(...read.errors.map((error) => beginning(key, path, error)));
  }
  if (errors.length > 0) return { ok: false, errors };
  const { asOf, inline } = options;
  const value = { ...found, ...(asOf === undefined ? {} : { asOf }), ...(inline === true ? { inline } : {}) };
  return { ok: true, value, warnings: [] };
}

const BEGINNINGS: Readonly<Record<string, string>> = {
  known: '`--update-known` writes it',
  waivers: 'an empty one is `version: 1` and `waivers: []`',
};

/** How a file begins that is not there yet, unless another of nearly its name is. */
function beginning(key: string, path: string, error: Diagnostic): Diagnostic {
  const help = BEGINNINGS[key];
  return help === undefined || path === '' || error.help !== undefined || existsSync(path)
    ? error
    : { ...error, help };
}

/** The file of known findings that `--update-known` is about to make. */
function isNew(key: string, path: string, options: CheckOptions): boolean {
  return key === 'known' && options.updateKnown === true && !existsSync(path);
}

/** The baselines that are named, and the files of those that are no shipped ones. */
export async function readBaselines(
  streams: Streams,
  options: CheckOptions,
): Promise<Result<Required<Pick<CheckRequest, 'baselines' | 'files'>>>> {
  const names = options.baseline ?? [];
  const files = await readAll(streams, names.filter(isBaselineFile), options);
  if (!files.ok) return files;
  const byPath = new Map(files.value.map((file) => [file.path, file]));
  const extended = await readExtended(files.value, options.maxInputSize);
  if (!extended.ok) return extended;
  const value = { baselines: names.map((name) => byPath.get(name) ?? name), files: extended.value };
  return { ok: true, value, warnings: [] };
}

/** The deployment that is named, and its files. */
export async function readDeployment(
  streams: Streams,
  options: CheckOptions,
  configsGiven: boolean,
): Promise<Result<Pick<CheckRequest, 'deployment' | 'files'>>> {
  if (options.deployment === undefined) return { ok: true, value: {}, warnings: [] };
  const read = await readAll(streams, [options.deployment], options);
  if (!read.ok) return read;
  const [deployment] = read.value as [InputFile];
  const files = await readSiteFiles(deployment, {
    limit: options.maxInputSize,
    hosts: options.host,
    configsGiven,
  });
  return files.ok ? { ok: true, value: { deployment, files: files.value }, warnings: [] } : files;
}
