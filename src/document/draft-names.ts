import type { PartyName } from './reading/parties.ts';
import type { RowReading } from './reading/row.ts';

/** Words that have a meaning of their own in deployments and baselines. */
const RESERVED = new Set(['any', 'internet', 'none', 'self', 'unbound']);
const LONGEST_PART = 60;
/** Ids of parameters are made from those of rows, and an id has at most 100 characters. */
const LONGEST_ROW = 80;

/** The ids of a draft: of its roles, tables and rows, each once. */
export class Names {
  private readonly roles = new Map<string, { readonly id: string; readonly names: Set<string> }>();
  private readonly taken = {
    role: new Set<string>(RESERVED),
    table: new Set<string>(),
    row: new Set<string>(),
  };

  /** The last number that a wanted id got, so that thousands of equal rows are numbered in one pass. */
  private readonly last = new Map<string, number>();

  /** A party as a baseline writes it. Names that differ in case or punctuation only are one role. */
  party({ kind, name }: PartyName): string {
    if (kind !== 'role') return kind;
    const key = name
      .normalize('NFKC')
      .toLowerCase()
      .replace(/[^\p{L}\p{N}]+/gu, ' ')
      .trim();
    let role = this.roles.get(key);
    if (role === undefined) {
      role = { id: this.once('role', this.slug(name, 'role')), names: new Set() };
      this.roles.set(key, role);
    }
    role.names.add(name);
    return role.id;
  }

  /** A table's id. */
  table(title: string): string {
    return this.once('table', this.slug(title, 'table'));
  }

  /** A row's id: its parties, ports and protocols. */
  row({ connections, loopback }: RowReading): string {
    const [first] = connections;
    if (first === undefined) return this.once('row', 'row');
    const ports = first.ports === undefined || first.ports === 'any' ? [] : first.ports;
    const numbers = ports.flatMap((term) => {
      if (term.kind === 'unknown') return [];
      return term.kind === 'choice'
        ? term.options.flat()
        : [term.from, ...(term.to > term.from ? [term.to] : [])];
    });
    const ends = loopback
      ? ['loopback', this.party(first.source)]
      : [this.party(first.source), 'to', this.party(first.destination)];
    const parts = [...ends, ...[...new Set(numbers)].slice(0, 4), ...first.protocols.slice(0, 2)];
    return this.once('row', parts.join('-').slice(0, LONGEST_ROW).replace(/-$/, ''));
  }

  /** The roles for the draft's `roles`, in the order in which they were met; at least one. */
  roleValues(): Record<string, unknown> {
    const found = [...this.roles.values()].map(({ id, names }) => {
      const all = [...names];
      return [id, { title: all[0], names: all.length === 1 ? all[0] : all }] as const;
    });
    return Object.fromEntries(
      found.length > 0 ? found : [['host', { title: 'The host that the document is about' }]],
    );
  }

  /** A text in kebab-case; `fallback` where it has no letter or digit of ASCII. */
  slug(text: string, fallback: string): string {
    const plain = text
      .slice(0, 1000)
      .normalize('NFKD')
      .replace(/[\u0300-\u036f]/g, '')
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, '-')
      .replace(/^-|-$/g, '');
    return plain.slice(0, LONGEST_PART).replace(/-$/, '') || fallback;
  }

  private once(kind: keyof typeof this.taken, wanted: string): string {
    const taken = this.taken[kind];
    let n = this.last.get(wanted) ?? 1;
    let id = n === 1 ? wanted : `${wanted}-${n}`;
    while (taken.has(id)) id = `${wanted}-${++n}`;
    this.last.set(wanted, n);
    taken.add(id);
    return id;
  }
}
