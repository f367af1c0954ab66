import type { Party, ResolvedHost, ResolvedRow } from '../../baseline/model.ts';
import type { Box } from '../../finding/report.ts';
import { type Node, NONE } from '../../packet/diagram.ts';
import { meets, within } from '../../packet/relations.ts';
import { type InterfacePattern, interfaceText } from '../../rule/condition.ts';
import { groupBy } from '../../text/group-by.ts';
import { kept } from '../../text/kept.ts';
import type { FlowHook } from '../view/hook-view.ts';
import { partyAddresses } from '../rows/parties.ts';
import { endsOf } from '../rows/row-ends.ts';
import type { RowSets } from '../rows/row-sets.ts';
import { DIRECTION } from '../view/untracked.ts';
import type { FamilyView } from '../view/view.ts';

/** A row that documents packets but for one thing. */
interface Near {
  readonly row: ResolvedRow;
  /** What it would document without that. */
  readonly set: Node;
  /** What it is, in words that follow "but". */
  readonly because: (packets: Node) => string;
}

interface Nearby {
  readonly rows: readonly Near[];
  readonly union: Node;
}

/** The most rows or roles that a sentence names. */
const NAMED = 3;

/**
 * Rows that all but document an excess. Who reads of one asks "isn't that row 12?"; the answer is that its feature is off, that the
 * Internet is nobody's whom the deployment names, or that the interface is bound to somebody else.
 */
export class NearRows {
  private readonly known = new Map<FlowHook, Nearby>();

  constructor(
    private readonly view: FamilyView,
    private readonly sets: RowSets,
    private readonly host: ResolvedHost,
  ) {}

  /**
   * Sentences about the rows, each after a space; empty where there is none.
   *
   * @param boxes the packets as reports show them
   */
  text(hook: FlowHook, packets: Node, boxes: readonly Box[]): string {
    const { diagram } = this.view;
    const { rows, union } = this.nearby(hook);
    if (union === NONE || isEverything(boxes) || !meets(diagram, packets, union)) return '';
    const near = rows.filter(({ row, set }) => meets(diagram, packets, set) && !isWide(row, boxes));
    const told = near
      .map((one) => ({ ...one, because: one.because(packets) }))
      .filter(({ because }) => because !== '');
    const groups = groupBy(told, ({ row, because }) => `${row.baseline} ${because}`);
    return [...groups.values()].map((some) => this.sentence(some, packets)).join('');
  }

  private sentence(some: readonly Told[], packets: Node): string {
    const { diagram } = this.view;
    const [{ because, row }] = some as [Told];
    const names = [...new Set(some.map((one) => one.row.id))];
    const all = within(diagram, packets, diagram.orAll(some.map(({ set }) => set)));
    return ` The ${names.length === 1 ? 'row' : 'rows'} ${listed(names)} of ${row.baseline} would document ${all ? 'it' : 'some of it'}, but ${because}.`;
  }

  private nearby(hook: FlowHook): Nearby {
    return kept(this.known, hook, () => {
      const rows = this.host.baselines
        .flatMap((baseline) => baseline.rows)
        .filter((row) => row.level !== 'prohibited' && row.direction === DIRECTION[hook])
        .filter((row) => row.states.includes('new') && row.families.includes(this.view.family))
        .flatMap((row) => this.near(row));
      return { rows, union: this.view.diagram.orAll(rows.map(({ set }) => set)) };
    });
  }

  private near(row: ResolvedRow): Near[] {
    if (row.status === 'not-applicable') {
      const set = this.sets.dormant(row);
      return set === NONE ? [] : [{ row, set, because: () => row.reason ?? 'it does not apply' }];
    }
    const ends = [row.source, row.destination];
    const internet = ends.find(({ binding }) => binding === 'internet');
    return [
      ...(internet === undefined ? [] : [this.nearInternet(row, internet)]),
      ...this.nearInterface(row),
    ];
  }

  private nearInternet(row: ResolvedRow, { exceptRoles = [] }: Party): Near {
    const set = this.sets.changed(row, (party) =>
      party.binding === 'internet' ? { ...party, binding: 'any', exceptSets: [], exceptGroups: [] } : party,
    );
    const because = (packets: Node): string => {
      const roles = exceptRoles.filter((role) => this.isOf(role, row, packets)).map(({ role }) => role);
      const whose = roles.length === 0 ? '' : `, and these are of ${quoted(roles)}`;
      return `the Internet is every address that no role of the deployment has${whose}`;
    };
    return { row, set, because };
  }

  /** Whether an end of the packets that is the Internet's in the row is the role's. */
  private isOf(role: Party, { source, destination }: ResolvedRow, packets: Node): boolean {
    const { view } = this;
    const values = partyAddresses(view.ruleset, role, view.family);
    if (values === undefined || values.length === 0) return false;
    const ends = [
      ...(source.binding === 'internet' ? (['src'] as const) : []),
      ...(destination.binding === 'internet' ? (['dst'] as const) : []),
    ];
    return ends.some((field) => meets(view.diagram, packets, view.field(field, values)));
  }

  /** Parties that nobody bound to an interface, where others are bound to some. */
  private nearInterface(row: ResolvedRow): Near[] {
    return endsOf(row).interfaces.flatMap(({ field, party }): Near[] => {
      if (party.interfaces.length > 0 || party.everywhere === true) return [];
      const elsewhere = this.sets.boundElsewhere(field, row.direction);
      if (elsewhere.length === 0) return [];
      const set = this.sets.changed(row, (one) => (one === party ? { ...one, everywhere: true } : one));
      const because = (packets: Node): string => this.notBound(party, field, elsewhere, packets);
      return [{ row, set, because }];
    });
  }

  private notBound(
    { role, binding }: Party,
    field: 'in' | 'out',
    elsewhere: readonly InterfacePattern[],
    packets: Node,
  ): string {
    const { view } = this;
    const theirs = elsewhere.filter((one) => meets(view.diagram, packets, view.named(field, [one])));
    const names = [...new Set(theirs.map(interfaceText))];
    // Something else keeps the row from documenting them.
    if (names.length === 0) return '';
    const many = names.length > 1;
    const bound = `${quoted(names)} ${many ? 'are' : 'is'} bound to other roles`;
    // What is bound as the Internet has no interfaces of its own (docs/deployments.md).
    if (binding === 'internet') return `${bound}; if the Internet is there too, write those roles without it`;
    return `${bound} and \`${role}\` to no interface; bind it to ${many ? 'one of them' : 'that one'} too, if it is there`;
  }
}

/** A row with what keeps it from documenting certain packets. */
interface Told extends Omit<Near, 'because'> {
  readonly because: string;
}

/** Who opens more ports than this opens them for no row that names a few. */
const MANY_PORTS = 4096;

/** Who opens more protocols than this opens them for no row. */
const MANY_PROTOCOLS = 16;

const isEverything = (boxes: readonly Box[]): boolean =>
  boxes.some(({ protocols = ['0-255'] }) => countOf(protocols) > MANY_PROTOCOLS);

/** Whether the packets have so much of a protocol of which the row names some ports or types that they are about more than rows. */
function isWide({ all, choices, dormant = [] }: ResolvedRow, boxes: readonly Box[]): boolean {
  return [...all, ...choices.flat(), ...dormant].some(({ protocol, ports, icmp }) => {
    const own = boxes.filter(({ protocols }) => protocols === undefined || protocols.some(holds(protocol)));
    if (icmp !== undefined) return own.some((box) => box.icmp === undefined);
    return ports !== undefined && own.some((box) => countOf(box.destinationPorts) > MANY_PORTS);
  });
}

const holds =
  (value: number) =>
  (text: string): boolean => {
    const [lo, hi] = spanOf(text);
    return lo <= value && value <= hi;
  };

/** How many numbers are listed; all ports, where a box names none. */
function countOf(numbers: readonly string[] = ['0-65535']): number {
  return numbers.map(spanOf).reduce((sum, [lo, hi]) => sum + hi - lo + 1, 0);
}

function spanOf(text: string): readonly [number, number] {
  const [lo = 0, hi = lo] = text.split('-').map(Number);
  return [lo, hi];
}

const quoted = (names: readonly string[]): string => listed(names.map((name) => `\`${name}\``));

function listed(names: readonly string[]): string {
  const more = names.length - NAMED;
  return `${names.slice(0, NAMED).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}
