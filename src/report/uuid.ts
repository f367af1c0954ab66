import type { Report } from '../finding/report.ts';
import { sha1 } from './sha1.ts';

/** The namespace of postern's UUIDs: a constant made once. */
const NAMESPACE = 'b2f6c0de-7a51-5c3e-9d44-5f1d8a0e6c11';

const NAMESPACE_BYTES = Uint8Array.from({ length: 16 }, (_, i) =>
  Number.parseInt(NAMESPACE.replaceAll('-', '').slice(i * 2, i * 2 + 2), 16),
);

const encoder = new TextEncoder();

/**
 * A name-based UUID, version 5 (RFC 9562, 5.5): equal parts give the same UUID on every machine, so that a report's second
 * edition speaks of the same things. Parts are told apart: `['a', 'b']` and `['ab']` differ.
 */
export function uuid(...parts: readonly (string | number)[]): string {
  const name = encoder.encode(JSON.stringify(parts));
  const bytes = new Uint8Array(16 + name.length);
  bytes.set(NAMESPACE_BYTES);
  bytes.set(name, 16);
  const hash = sha1(bytes);
  hash[6] = ((hash[6] as number) & 0x0f) | 0x50;
  hash[8] = ((hash[8] as number) & 0x3f) | 0x80;
  const hex = [...hash.slice(0, 16)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

/** What tells this report from every other: the tool, and the digests and names of everything that it was made from. */
export function reportIdentity(report: Report): string {
  const facts = JSON.stringify([
    report.tool.version,
    report.asOf ?? null,
    report.inputs.map(({ path, format, sha256 }) => [path, format, sha256]),
    report.baselines.map(({ id, sha256 }) => [id, sha256]),
    [report.deployment?.sha256, report.waiverFile?.sha256, report.previous?.sha256],
    report.hosts.map(({ name, role }) => [name, role]),
    report.summary,
  ]);
  return uuid('report', facts);
}
