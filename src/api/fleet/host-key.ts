import type { DeploymentHost } from '../../baseline/deployment.ts';
import type { ResolvedHost } from '../../baseline/model.ts';
import { kept } from '../../text/kept.ts';
import { SourceFile } from '../../text/source.ts';
import { type InputFile, sha256 } from '../input.ts';

/** Changes when what a record holds, or what a key is made of, changes. */
const KEY_VERSION = 'record-2';

/**
 * Names everything that the result for one host depends on: what baselines and deployment come to for it (its resolved
 * rows, with parties, ports, features, and where they are written), every config with its path, format and provenance,
 * every file that they include, and the point of a cloud. The version of postern is the store's part.
 */
export function hostKey(host: ResolvedHost, from: DeploymentHost, configs: readonly InputFile[]): string {
  const parts = [
    KEY_VERSION,
    digest(host),
    digest(from.selector),
    ...configs.map(({ bytes, included, ...rest }) =>
      JSON.stringify([
        contentDigest(bytes),
        digest(rest),
        (included ?? []).map(({ files, ...one }) => [
          digest(one),
          files.map((file) => [file.path, sha256(file.bytes)]),
        ]),
      ]),
    ),
  ];
  return sha256(parts.join('\n'));
}

/** Hosts of a cloud share the exports of an account, which are large. */
const contents = new WeakMap<Uint8Array, string>();

const contentDigest = (bytes: Uint8Array): string => kept(contents, bytes, () => sha256(bytes));

const digest = (value: unknown): string => sha256(canonical(value));

/** Longer texts of parts stand as their digests, which are kept: many hosts share the rows of a baseline. */
const LONG = 256;
const digests = new WeakMap<object, string>();

/** A part of a value: as a text, or as the digest of a long one. */
function inner(value: unknown): string {
  if (typeof value !== 'object' || value === null) return canonical(value);
  const known = digests.get(value);
  if (known !== undefined) return known;
  const text = canonical(value);
  if (text.length <= LONG) return text;
  const found = `#${sha256(text)}`;
  digests.set(value, found);
  return found;
}

/** A value as a text that differs wherever the values do: kinds are marked, texts quoted, lists and maps bracketed. */
function canonical(value: unknown): string {
  if (value === undefined) return 'u';
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'bigint') return `${value}n`;
  if (typeof value !== 'object' || value === null) return `${typeof value}:${String(value)}`;
  if (value instanceof SourceFile) return `file:${sourceDigest(value)}`;
  if (ArrayBuffer.isView(value)) return `bytes:${Array.from(value as Uint8Array).join(',')}`;
  if (Array.isArray(value)) return `[${value.map(inner).join(',')}]`;
  if (value instanceof Map) return `map[${[...value].map(([k, v]) => `${inner(k)}=${inner(v)}`).join(',')}]`;
  if (value instanceof Set) return `set[${[...value].map(inner).join(',')}]`;
  let text = '{';
  for (const key of Object.keys(value).sort()) {
    const one = (value as Readonly<Record<string, unknown>>)[key];
    if (one !== undefined) text += `${JSON.stringify(key)}:${inner(one)},`;
  }
  return `${text}}`;
}

const sources = new WeakMap<SourceFile, string>();

function sourceDigest(file: SourceFile): string {
  const known = sources.get(file);
  if (known !== undefined) return known;
  const found = sha256(`${file.path}\0${file.text}`);
  sources.set(file, found);
  return found;
}
