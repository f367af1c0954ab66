import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Packet } from '../../../src/packet/packet.ts';
import { packetOf, type Sketch } from '../catalogue/types.ts';

/** One folder for each construct: `rules.nft`, `case.json`, and what it opens. */
export const SUPPORT_FIXTURES = fileURLToPath(new URL('../../../fixtures/nft-meaning/', import.meta.url));

/** How postern takes a construct; see docs/support-nftables.md. */
export type Status = 'exact' | 'approximated' | 'opaque' | 'ignored';

/** What becomes of one packet. */
export interface Expectation {
  /** What is special about it; the rest is the usual packet's. */
  readonly packet: Sketch & { readonly family?: 4 | 6 };
  /** `possible`: postern says that it depends. */
  readonly verdict: 'accept' | 'drop' | 'possible';
  /** Where the kernel delivers it, where a rule translates it. */
  readonly delivered?: { readonly dst?: string; readonly dport?: number };
}

/** One construct with its ruleset. */
export interface SupportCase {
  readonly name: string;
  readonly construct: string;
  /** The page's heading. */
  readonly section: string;
  readonly status: Status;
  readonly note?: string;
  readonly family: 4 | 6;
  readonly hook: 'input' | 'forward' | 'output';
  /** postern is given the host's addresses. */
  readonly facts?: true;
  /** This kernel or this nft may not load it; or no packet of the harness shows it. */
  readonly unjudged?: string;
  readonly packets: readonly Expectation[];
  readonly rules: string;
}

/** Every case, in the order of the page. */
export function supportCases(): readonly SupportCase[] {
  if (!existsSync(SUPPORT_FIXTURES)) return [];
  return readdirSync(SUPPORT_FIXTURES)
    .sort()
    .map((name) => {
      const folder = join(SUPPORT_FIXTURES, name);
      const stored = JSON.parse(readFileSync(join(folder, 'case.json'), 'utf8')) as Omit<
        SupportCase,
        'name' | 'rules'
      >;
      return { ...stored, name, rules: readFileSync(join(folder, 'rules.nft'), 'utf8') };
    });
}

/** The whole packet of an expectation. */
export function packetFor(one: SupportCase, { packet }: Expectation): Packet {
  const { family = one.family, ...sketch } = packet;
  return packetOf(sketch, family, one.hook);
}
