import type { Box, Finding } from '../finding/report.ts';
import { parseAddressRange } from '../packet/address.ts';
import { kept } from '../text/kept.ts';
import { type Span, SpanIndex } from './span-index.ts';
import type { Waiver } from './waiver.ts';

/** A waiver by its place in the file. */
interface Placed {
  readonly waiver: Waiver;
  readonly at: number;
}

/** The waivers that concern a finding, found among thousands without holding each against it. */
export class WaiverIndex {
  private readonly byFingerprint = new Map<string, Placed[]>();
  private readonly byPackets = new Map<string, PacketIndex>();

  constructor(waivers: readonly Waiver[]) {
    const lists = new Map<string, { readonly family: Family; readonly placed: Placed[] }>();
    for (const [at, waiver] of waivers.entries()) {
      const { fingerprint, packets, rule, host } = waiver;
      if (fingerprint !== undefined)
        kept(this.byFingerprint, fingerprint, (): Placed[] => []).push({ waiver, at });
      for (const family of fingerprint === undefined ? familiesOf(packets ?? []) : [])
        kept(lists, keyOf(family, rule, host), () => ({ family, placed: [] })).placed.push({ waiver, at });
    }
    for (const [key, { family, placed }] of lists) this.byPackets.set(key, new PacketIndex(placed, family));
  }

  /**
   * Waivers about such findings of the host, in the file's order: those of its fingerprint, and those that name packets, but for some
   * that name other packets.
   */
  concerning(host: string, finding: Finding): Waiver[] {
    const found = this.byFingerprint.get(finding.fingerprint)?.slice() ?? [];
    for (const rule of [finding.rule, undefined])
      for (const of of [host, undefined])
        for (const family of familiesOf(finding.packets))
          found.push(...(this.byPackets.get(keyOf(family, rule, of))?.about(finding.packets) ?? []));
    const concerning = found.filter(({ waiver }) => concerns(waiver, host, finding));
    return [...new Set(concerning.sort((a, b) => a.at - b.at).map(({ waiver }) => waiver))];
  }
}

const familiesOf = (boxes: readonly Box[]): ReadonlySet<Family> => new Set(boxes.map(({ family }) => family));

const keyOf = (family: Family, rule: string | undefined, host: string | undefined): string =>
  JSON.stringify([family, rule, host]);

function concerns(waiver: Waiver, host: string, finding: Finding): boolean {
  return (
    (waiver.rule ?? finding.rule) === finding.rule &&
    (waiver.host ?? host) === host &&
    (waiver.hooks === undefined || waiver.hooks.includes(finding.hook)) &&
    (waiver.fingerprint ?? finding.fingerprint) === finding.fingerprint &&
    isAbout(waiver.connection, finding)
  );
}

function isAbout(connection: string | undefined, finding: Finding): boolean {
  if (connection === undefined || connection === finding.connection) return true;
  return finding.connection !== undefined && connection === `${finding.baseline}:${finding.connection}`;
}

/** Waivers by their packets of one family. */
class PacketIndex {
  private readonly fields: readonly SpanIndex<Placed>[];

  constructor(
    waivers: readonly Placed[],
    private readonly family: Family,
  ) {
    this.fields = FIELDS.map(
      (field) => new SpanIndex(waivers, ({ waiver }) => this.span(waiver.packets ?? [], field)),
    );
  }

  /** All that may be about some of the packets; of the others those that the field does not tell apart that tells most. */
  about(packets: readonly Box[]): readonly Placed[] {
    let least = Number.POSITIVE_INFINITY;
    let about: readonly [SpanIndex<Placed>, Span] | undefined;
    for (const [i, index] of this.fields.entries()) {
      const span = this.span(packets, FIELDS[i] as Field);
      const count = index.count(span);
      if (count >= least) continue;
      least = count;
      about = [index, span];
    }
    return about === undefined ? [] : about[0].meeting(about[1]);
  }

  /** From the least through the greatest value of the boxes; undefined where one of them says nothing of the field. */
  private span(boxes: readonly Box[], field: Field): Span {
    const read = field === 'destinationPorts' ? portsOf : addressesOf;
    let all: Span;
    for (const box of boxes) {
      if (box.family !== this.family) continue;
      for (const text of box[field] ?? ['']) {
        const one = read(text);
        if (one === undefined) return undefined;
        all ??= one;
        if (one[0] < all[0]) all = [one[0], all[1]];
        if (one[1] > all[1]) all = [all[0], one[1]];
      }
    }
    return all;
  }
}

/** Fields that tell most boxes apart. */
const FIELDS = ['destinationPorts', 'sources', 'destinations'] as const;

type Field = (typeof FIELDS)[number];
type Family = Box['family'];

function portsOf(text: string): Span {
  const [lo = '', hi = lo] = text.split('-');
  return lo === '' ? undefined : [Number(lo), Number(hi)];
}

function addressesOf(text: string): Span {
  const range = parseAddressRange(text);
  if (range === undefined) return undefined;
  const { family, lo, hi } = range;
  return family === 4 ? [Number(lo), Number(hi)] : [lo, hi];
}
