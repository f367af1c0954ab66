import { mkdirSync, readdirSync, readFileSync, writeFileSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Packet } from '../../../src/packet/packet.ts';
import type { RuleFiles } from '../load.ts';
import type { HostKind, RoutePlan } from '../topology.ts';
import { fromJson, type PacketJson, toJson } from './packet-json.ts';

/** Where counterexamples are kept, one folder each. */
export const FIXTURES = fileURLToPath(new URL('../../../fixtures/kernel/', import.meta.url));

/** What the kernel does with a packet, without the mark. */
export interface Expected {
  readonly verdict: 'accept' | 'drop';
  /** Where the packet came out, where a translation changed it. */
  readonly dst?: string;
  readonly dport?: number;
}

/** A rule set, packets, and what the kernel does with them. */
export interface Fixture {
  readonly name: string;
  /** What it is about, one sentence. */
  readonly title: string;
  readonly kind: HostKind;
  readonly plan: RoutePlan;
  readonly files: RuleFiles;
  /** What `ip -j addr` said, where postern was given it. */
  readonly addresses?: string;
  readonly packets: readonly { readonly packet: Packet; readonly expected: Expected }[];
}

interface StoredFixture {
  readonly title: string;
  readonly kind: HostKind;
  readonly plan: RoutePlan;
  readonly backend: RuleFiles['backend'];
  readonly packets: readonly { readonly packet: PacketJson; readonly expected: Expected }[];
}

const FILES = { v4: 'rules.v4', v6: 'rules.v6', ipset: 'sets.ipset', nft: 'rules.nft' } as const;
const ADDRESSES = 'addr.json';

/** Writes a fixture's folder; gives its path. */
export function saveFixture(fixture: Fixture): string {
  const folder = join(FIXTURES, fixture.name);
  mkdirSync(folder, { recursive: true });
  for (const [key, name] of Object.entries(FILES)) {
    const text = fixture.files[key as keyof typeof FILES];
    if (text !== undefined) writeFileSync(join(folder, name), text);
  }
  if (fixture.addresses !== undefined) writeFileSync(join(folder, ADDRESSES), fixture.addresses);
  const { title, kind, plan, files } = fixture;
  const packets = fixture.packets.map(({ packet, expected }) => ({ packet: toJson(packet), expected }));
  const stored: StoredFixture = { title, kind, plan, backend: files.backend, packets };
  writeFileSync(join(folder, 'case.json'), `${JSON.stringify(stored, null, 2)}\n`);
  return folder;
}

/** Every fixture that is kept. */
export function readFixtures(): Fixture[] {
  if (!existsSync(FIXTURES)) return [];
  const folders = readdirSync(FIXTURES, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return folders.map((entry) => readFixture(entry.name)).sort((a, b) => (a.name < b.name ? -1 : 1));
}

function readFixture(name: string): Fixture {
  const folder = join(FIXTURES, name);
  const stored = JSON.parse(readFileSync(join(folder, 'case.json'), 'utf8')) as StoredFixture;
  const addresses = join(folder, ADDRESSES);
  const texts = Object.entries(FILES)
    .filter(([, file]) => existsSync(join(folder, file)))
    .map(([key, file]) => [key, readFileSync(join(folder, file), 'utf8')]);
  return {
    name,
    title: stored.title,
    kind: stored.kind,
    plan: stored.plan,
    files: { backend: stored.backend, ...Object.fromEntries(texts) },
    ...(existsSync(addresses) && { addresses: readFileSync(addresses, 'utf8') }),
    packets: stored.packets.map(({ packet, expected }) => ({ packet: fromJson(packet), expected })),
  };
}
