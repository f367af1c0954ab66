import type { ResolvedHost, ResolvedRow } from '../../src/baseline/model.ts';
import { type Atom, atomsOf, isCovered, keyOf, rowsOf } from './atoms.ts';
import type { Line } from './configs.ts';
import { BANNED_PORT } from './site.ts';

/** One fault, in a config or in the document. */
export interface Mutant {
  readonly kind: Kind;
  readonly name: string;
  readonly lines: readonly Line[];
  /** What the host is checked against. */
  readonly host: ResolvedHost;
  /** The findings that must be there, and no others: `code rule connection hook`, `*` for any rule or connection. */
  readonly caught: readonly string[];
}

/** `removed`: a row's openings are closed; `prohibited-row` and `dropped-row`: the document forbids, or forgets, an optional row. */
export type Kind = 'removed' | 'prohibited-row' | 'dropped-row' | 'undocumented' | 'prohibited' | 'masked';

/** What can be mutated at one host. */
export interface Plan {
  readonly host: ResolvedHost;
  /** Everything that is required is open, and nothing else. */
  readonly strict: readonly Line[];
  /** Everything that is documented is open. */
  readonly generous: readonly Line[];
  readonly mutants: readonly Mutant[];
  /** Rows whose packets another row documents too, so that nothing is missed without them. */
  readonly equivalent: readonly string[];
}

const HOOK = { in: 'input', out: 'output', forward: 'forward', loopback: 'input' } as const;
const accept = (atoms: readonly Atom[]): Line[] =>
  [...new Map(atoms.map((atom) => [keyOf(atom), atom])).values()].map((atom) => ({
    atom,
    verdict: 'accept',
  }));

/** Every mutant of a host. */
export function planOf(host: ResolvedHost): Plan {
  const required = rowsOf(host, 'required');
  const optional = rowsOf(host, 'optional');
  const strict = accept(required.flatMap(atomsOf));
  const generous = accept([...required, ...optional].flatMap(atomsOf));
  const removals = grouped(required).map((rows) => removal(host, rows, required, strict));
  const dropped = optional.map((row) => droppedRow(host, row, generous));
  return {
    host,
    strict,
    generous,
    mutants: [
      ...removals.filter(({ caught }) => caught.length > 0),
      ...grouped(optional).flatMap((rows) => prohibitedRow(host, rows, generous)),
      ...dropped.filter((one) => one !== undefined),
      ...undocumented(host, strict),
      ...prohibited(host, strict),
      ...masked(host, required, strict),
    ],
    equivalent: removals.filter(({ caught }) => caught.length === 0).map(({ name }) => name),
  };
}

/** Rows with equal packets count as one. */
function grouped(rows: readonly ResolvedRow[]): ResolvedRow[][] {
  const groups = new Map<string, ResolvedRow[]>();
  for (const row of rows) {
    const key = atomsOf(row).map(keyOf).sort().join('\n');
    groups.set(key, [...(groups.get(key) ?? []), row]);
  }
  return [...groups.values()];
}

const nameOf = ([first, ...more]: readonly ResolvedRow[]): string =>
  [`${first?.id} ${first?.direction}`, ...more.map(({ id }) => id)].join(', ');

function removal(
  host: ResolvedHost,
  rows: readonly ResolvedRow[],
  required: readonly ResolvedRow[],
  strict: readonly Line[],
): Mutant {
  const gone = new Set(rows.flatMap(atomsOf).map(keyOf));
  const lines = strict.filter(({ atom }) => !gone.has(keyOf(atom)));
  return { kind: 'removed', name: nameOf(rows), lines, host, caught: missing(required, lines) };
}

/** Seen from behind a firewall, "anybody" is everybody outside: what is open may be among those inside only. */
const outsideOnly = ({ direction, source, destination }: ResolvedRow): boolean =>
  direction === 'forward' && [source, destination].some(({ binding }) => binding === 'any');

/** A row that names no source ports needs these. */
const EPHEMERAL = [1024, 65535] as const;

/** What is missing where only these lines are open. */
function missing(required: readonly ResolvedRow[], lines: readonly Line[]): string[] {
  const open = lines.map(({ atom }) => atom);
  const found = required.flatMap((row) => {
    const atoms = atomsOf(row);
    const closed = atoms.filter((atom) => !isCovered(atom, open));
    if (closed.length === 0) return [];
    const some = atoms.some((atom) => meets({ ...atom, sourcePort: atom.sourcePort ?? EPHEMERAL }, open));
    const doubtful = some && outsideOnly(row);
    const rule = doubtful ? '*' : some ? 'partly-closed' : 'closed';
    return [`missing ${rule} ${row.id} ${HOOK[row.direction]}`];
  });
  return [...new Set(found)].sort();
}

function withRows(host: ResolvedHost, change: (row: ResolvedRow) => readonly ResolvedRow[]): ResolvedHost {
  return { ...host, baselines: host.baselines.map((one) => ({ ...one, rows: one.rows.flatMap(change) })) };
}

/** A document that forbids what it allowed: what is open is forbidden. */
function prohibitedRow(
  host: ResolvedHost,
  rows: readonly ResolvedRow[],
  generous: readonly Line[],
): Mutant[] {
  const required = rowsOf(host, 'required').flatMap(atomsOf);
  const [row] = rows;
  // What another row needs cannot be forbidden without the documents disagreeing.
  if (row === undefined || atomsOf(row).length === 0 || atomsOf(row).some((atom) => meets(atom, required)))
    return [];
  const changed = withRows(host, (one) =>
    rows.includes(one) ? (one === row ? [{ ...one, level: 'prohibited' }] : []) : [one],
  );
  const caught = [`conflicting prohibited-open ${row.id} ${HOOK[row.direction]}`];
  return [{ kind: 'prohibited-row', name: nameOf(rows), lines: generous, host: changed, caught }];
}

/** Whether some packet of the atom is of one of the others. */
function meets(atom: Atom, others: readonly Atom[]): boolean {
  const touch = (a: Atom['port'], b: Atom['port']): boolean =>
    a === undefined || b === undefined || (a[0] <= b[1] && b[0] <= a[1]);
  return others.some(
    (other) =>
      other.direction === atom.direction &&
      other.protocol === atom.protocol &&
      touch(atom.source, other.source) &&
      touch(atom.destination, other.destination) &&
      touch(atom.sourcePort, other.sourcePort) &&
      touch(atom.port, other.port),
  );
}

/** A document without the row: what is open for it is in excess, where the direction is closed and no other row has it. */
function droppedRow(host: ResolvedHost, row: ResolvedRow, generous: readonly Line[]): Mutant | undefined {
  const others = [...rowsOf(host, 'required'), ...rowsOf(host, 'optional')].filter((one) => one !== row);
  const documented = others.flatMap((one) => [
    ...atomsOf(one),
    ...one.choices.flatMap((choice) => atomsOf({ ...one, all: choice, choices: [] })),
  ]);
  const beyond = atomsOf(row).filter((atom) => !isCovered(atom, documented));
  if (beyond.length === 0 || !isJudged(host, row)) return undefined;
  const without = withRows(host, (one) => (one === row ? [] : [one]));
  return {
    kind: 'dropped-row',
    name: nameOf([row]),
    lines: generous,
    host: without,
    caught: [`excessive * * ${HOOK[row.direction]}`],
  };
}

/** Whether excess is found where the row's packets are open. */
function isJudged(host: ResolvedHost, row: ResolvedRow): boolean {
  if (row.direction !== 'forward') return isClosed(host, row.direction);
  const behind = host.baselines.flatMap((one) => one.behind ?? []);
  const [from, to] = [row.source, row.destination].map(({ role }) =>
    behind.find(({ party }) => party.role === role),
  );
  return from?.out === true || (to?.in === true && row.source.role !== row.destination.role);
}

const isClosed = (host: ResolvedHost, direction: ResolvedRow['direction']): boolean =>
  direction !== 'loopback' &&
  host.baselines.some(
    ({ closed, behind }) => (direction === 'forward' && behind?.some((one) => one.in)) || closed[direction],
  );

const STRANGER = [0xc6120009, 0xc6120009] as const;
const strange = (direction: 'in' | 'out', port: number): Atom => ({
  direction,
  protocol: 6,
  source: direction === 'in' ? STRANGER : undefined,
  destination: direction === 'in' ? undefined : STRANGER,
  sourcePort: undefined,
  port: [port, port],
});

/** One address behind a firewall. */
function inner(host: ResolvedHost): readonly [number, number] | undefined {
  const [first] = host.baselines.flatMap(({ behind = [] }) => behind);
  const at = first?.party.ipv4?.[0];
  return at === undefined ? undefined : [at, at];
}

/** An opening that no row has, in every direction that is closed. */
function undocumented(host: ResolvedHost, strict: readonly Line[]): Mutant[] {
  const target = inner(host);
  const atoms: Atom[] = [
    ...(isClosed(host, 'in') ? [strange('in', 1998)] : []),
    ...(isClosed(host, 'out') ? [strange('out', 1998)] : []),
    ...(isClosed(host, 'forward') && target !== undefined
      ? [{ ...strange('in', 1998), direction: 'forward' as const, destination: target }]
      : []),
  ];
  return atoms.map((atom) => ({
    kind: 'undocumented',
    name: `tcp 1998 ${atom.direction}`,
    lines: [...strict, { atom, verdict: 'accept' }],
    host,
    caught: [`excessive undocumented-opening - ${HOOK[atom.direction]}`],
  }));
}

/** Every prohibition of the document and the site, opened to one machine of the Internet. */
function prohibited(host: ResolvedHost, strict: readonly Line[]): Mutant[] {
  return rowsOf(host, 'prohibited').flatMap((row) =>
    atomsOf(row)
      .map((atom) => atom.port)
      .filter((port, i, ports) => ports.findIndex((other) => String(other) === String(port)) === i)
      .map((port): Mutant => {
        const destination = row.direction === 'forward' ? single(row.destination.ipv4?.[0]) : undefined;
        const atom: Atom = {
          direction: row.direction,
          protocol: row.all[0]?.protocol ?? 6,
          source: single(0xcb007107),
          destination,
          sourcePort: undefined,
          port,
        };
        const caught = [`conflicting prohibited-open ${row.id} ${HOOK[row.direction]}`];
        return {
          kind: 'prohibited',
          name: `${row.id} ${row.direction} ${port?.[0] ?? BANNED_PORT}`,
          lines: [...strict, { atom, verdict: 'accept' }],
          host,
          caught,
        };
      }),
  );
}

const single = (value: number | undefined): readonly [number, number] | undefined =>
  value === undefined ? undefined : [value, value];

/** A rule before all others takes what one row needs. */
function masked(host: ResolvedHost, required: readonly ResolvedRow[], strict: readonly Line[]): Mutant[] {
  return (['in', 'out', 'forward'] as const).flatMap((direction): Mutant[] => {
    const row = required.find((one) => one.direction === direction && atomsOf(one).length > 0);
    const atom = row && atomsOf(row)[0];
    if (atom === undefined) return [];
    const taken = required.filter((one) =>
      atomsOf(one).some((other) => (outsideOnly(one) ? keyOf(other) === keyOf(atom) : meets(other, [atom]))),
    );
    const caught = taken.map((one) => `conflicting masked ${one.id} ${HOOK[direction]}`);
    return [
      {
        kind: 'masked',
        name: nameOf(row === undefined ? [] : [row]),
        lines: [{ atom, verdict: 'drop' }, ...strict],
        host,
        caught: [...new Set(caught)].sort(),
      },
    ];
  });
}
