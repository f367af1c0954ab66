import type { ResolvedHost } from '../../baseline/model.ts';
import { partyAddresses } from '../../compare/rows/parties.ts';
import type { Box, EndReading, Finding, FindingEnds } from '../../finding/report.ts';
import { parseAddressRange } from '../../packet/address.ts';
import { normalise, pairsOf, type Ranges } from '../../packet/ranges.ts';
import type { Ruleset } from '../../rule/ruleset.ts';
import { kept } from '../../text/kept.ts';

type Addresses = Readonly<Record<'ipv4' | 'ipv6', Ranges<bigint>>>;

/** Says of findings which roles their packets come from and go to, as far as addresses tell. */
export class Ends {
  private readonly roles: ReadonlyMap<string, Addresses>;
  /** What lists of addresses have among them: many findings share a long one. */
  private readonly known = new WeakMap<readonly string[], EndReading>();

  constructor(
    private readonly host: ResolvedHost,
    ruleset: Ruleset,
  ) {
    this.roles = rolesOf(host, ruleset);
  }

  /** A finding about a row has the row's ends, unless it is about packets beyond them. */
  of(finding: Finding): FindingEnds {
    const row = finding.code === 'excessive' ? undefined : this.row(finding);
    const from =
      row === undefined ? this.behind(finding, 'sources') : { roles: [row.source.role], others: false };
    const to =
      row === undefined
        ? this.behind(finding, 'destinations')
        : { roles: [row.destination.role], others: false };
    return { from, to };
  }

  private row({ baseline, connection, hook }: Finding) {
    const rows = this.host.baselines
      .flatMap((one) => one.rows)
      .filter((row) => row.baseline === baseline && row.id === connection);
    return rows.find((row) => row.direction === DIRECTIONS[hook]) ?? rows[0];
  }

  private behind({ packets, hook }: Finding, side: 'sources' | 'destinations'): EndReading {
    const own = (hook === 'input' || hook === 'ingress') === (side === 'destinations') && hook !== 'forward';
    if (own) return { roles: [this.host.own.role], others: false };
    const roles = new Set<string>();
    let others = false;
    for (const box of packets) {
      const found = this.among(box, side);
      for (const role of found.roles) roles.add(role);
      others ||= found.others;
    }
    return { roles: [...roles].sort(), others };
  }

  /** The roles that the box's addresses belong to, and whether some belong to none. */
  private among(box: Box, side: 'sources' | 'destinations'): EndReading {
    const written = box[side];
    if (written === undefined) return { roles: [], others: true };
    return kept(this.known, written, () => this.subtract(rangesOf(written), box.family));
  }

  private subtract(set: Ranges<bigint>, family: Box['family']): EndReading {
    const roles: string[] = [];
    let covered = normalise<bigint>([]);
    for (const [role, addresses] of this.roles) {
      const own = addresses[family];
      if (!meets(set, own)) continue;
      roles.push(role);
      covered = normalise([...pairsOf(covered), ...pairsOf(own)]);
    }
    return { roles, others: !within(set, covered) };
  }
}

const DIRECTIONS: Readonly<Record<string, string>> = {
  input: 'in',
  ingress: 'in',
  output: 'out',
  egress: 'out',
  forward: 'forward',
};

function rolesOf(host: ResolvedHost, ruleset: Ruleset): ReadonlyMap<string, Addresses> {
  const found = new Map<string, Addresses>();
  for (const { source, destination } of host.baselines.flatMap((baseline) => baseline.rows))
    for (const party of [source, destination]) {
      if (party.binding !== 'bound' || found.has(party.role)) continue;
      const values = (family: 4 | 6): Ranges<bigint> =>
        big(partyAddresses(ruleset, party, family) ?? ([] as Ranges<bigint>));
      found.set(party.role, { ipv4: values(4), ipv6: values(6) });
    }
  return found;
}

const big = (ranges: Ranges<number> | Ranges<bigint>): Ranges<bigint> =>
  (ranges as readonly (number | bigint)[]).map((value) => BigInt(value));

function rangesOf(texts: readonly string[]): Ranges<bigint> {
  return normalise(
    texts.flatMap((text): [bigint, bigint][] => {
      const range = parseAddressRange(text.includes('-') ? text : `${text}-${text}`);
      return range === undefined ? [] : [[range.lo, range.hi]];
    }),
  );
}

/** Both are sorted and merged: one pass over them. */
function meets(a: Ranges<bigint>, b: Ranges<bigint>): boolean {
  for (let i = 0, j = 0; i < a.length && j < b.length; ) {
    if ((a[i + 1] as bigint) < (b[j] as bigint)) i += 2;
    else if ((b[j + 1] as bigint) < (a[i] as bigint)) j += 2;
    else return true;
  }
  return false;
}

/** A range of a merged set is inside another merged set where one range of that holds it. */
function within(a: Ranges<bigint>, b: Ranges<bigint>): boolean {
  let j = 0;
  for (const [lo, hi] of pairsOf(a)) {
    while (j < b.length && (b[j + 1] as bigint) < lo) j += 2;
    if (j >= b.length || (b[j] as bigint) > lo || (b[j + 1] as bigint) < hi) return false;
  }
  return true;
}
