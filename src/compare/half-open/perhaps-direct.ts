import type { ResolvedRow } from '../../baseline/model.ts';
import { addressBits } from '../../packet/address.ts';
import { NONE } from '../../packet/diagram.ts';
import { intersection, normalise, pairsOf, type Ranges } from '../../packet/ranges.ts';
import { visible } from '../../symbolic/bounds.ts';
import type { Flow } from '../../symbolic/chains/summary.ts';
import { byItsLink } from '../addresses/links.ts';
import { sameInterface } from '../addresses/same-interface.ts';
import { partyAddresses } from '../rows/parties.ts';
import type { FamilyView } from '../view/view.ts';
import { DIRECT_ANSWER, directAnswers } from './direct.ts';
import { readdressed } from './sources.ts';
import { add, changeOf, note, type Way } from './way.ts';

/**
 * What {@link answeredDirectly} looks at, where nobody gives the host's links: whether the machine is on the clients' own link then only the
 * deployment hints at. It may be, where it has an address of a network that the row is about, or one close to the clients', and where its packets
 * may leave by the interface by which they came.
 */
export function perhapsAnsweredDirectly(view: FamilyView, way: Way, moved: Flow, row: ResolvedRow): void {
  const near = neighbours(view, moved, row);
  if (near.length === 0) return;
  const { diagram, family } = view;
  const values = family === 4 ? (near.map(Number) as Ranges<number>) : near;
  const sent = view.all(visible(diagram, moved.set), view.field('src', values), byItsLink(view, moved));
  const back = diagram.and(sameInterface(view, sent), way.first);
  if (back === NONE) return;
  const { must } = readdressed(view, 'forward', sameInterface(view, diagram.and(sent, back)));
  const perhaps = diagram.difference(view.project(back, ['out']), view.project(must, ['out']));
  const packets = diagram.and(perhaps, way.first);
  if (packets === NONE) return;
  add(view, way, NONE, packets);
  const where = { ...DIRECT_ANSWER, changed: changeOf(moved), neighbour: true } as const;
  note(way, where, NONE, directAnswers(view, packets, moved));
}

/** Addresses of the row's clients on whose link the machines may be to which a rule sends them. "Any" and the Internet are everybody, wherever they come from. */
function neighbours(view: FamilyView, { transform }: Flow, { source }: ResolvedRow): Ranges<bigint> {
  const { ruleset, family } = view;
  const machines = rangeOf(transform.destination?.address, family);
  if (ruleset.host !== undefined || machines === undefined || source.binding !== 'bound') return [];
  const clients = (partyAddresses(ruleset, source, family) ?? []) as readonly (number | bigint)[];
  const [lo, hi] = machines;
  const rest = (1n << LIKELY[family]) - 1n;
  const close: Ranges<bigint> = [lo & ~rest, hi | rest];
  return normalise(
    pairsOf(clients.map(BigInt) as Ranges<bigint>).flatMap(([first, last]) => {
      if (last - first >= 1n << WIDEST[family]) return [];
      return first <= hi && lo <= last ? [[first, last]] : pairsOf(intersection([first, last], close));
    }),
  );
}

/** Host bits of the smallest network that machines with addresses close together are usually in: /24 and /64. */
const LIKELY = { 4: 8n, 6: 64n } as const;
/** Host bits of the widest network that is one link: /8 and /48. A wider one is many. */
const WIDEST = { 4: 24n, 6: 80n } as const;

function rangeOf(
  address: NonNullable<Flow['transform']['destination']>['address'],
  family: 4 | 6,
): readonly [bigint, bigint] | undefined {
  if (address === undefined || address.kind === 'local') return undefined;
  if (address.kind === 'range') return [address.lo, address.hi];
  return [address.value, address.value | (~address.mask & ((1n << BigInt(addressBits(family))) - 1n))];
}
