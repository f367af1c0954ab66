/** One option: how it is called, how many arguments it takes, whether `!` may stand before it. */
export interface OptionSpec {
  /** Its full name without dashes, by which the rest of the reader knows it. */
  readonly name: string;
  /** Every name, the full one first. */
  readonly names: readonly string[];
  readonly values: number;
  /** Its argument may be missing: then an option, a `!` or nothing follows. */
  readonly optional?: boolean;
  readonly negatable: boolean;
}

/** Who brings options: a match, a target, or (with an empty name) iptables itself. */
export interface OptionOwner {
  readonly kind: 'base' | 'match' | 'target';
  readonly name: string;
  readonly options: readonly OptionSpec[];
}

/** Whether one of the owner's options has exactly this name. */
export const hasOption = ({ options: specs }: OptionOwner, name: string): boolean =>
  specs.some(({ names }) => names.includes(name));

/** An option that was found, and whose it is. */
export interface FoundOption {
  readonly owner: OptionOwner;
  readonly spec: OptionSpec;
}

/**
 * Reads option specs written as `!name|alias=2`: `!` where it can be negated, names separated by `|`, and after `=`
 * the number of arguments (none without it; `?`: one or none).
 */
export function options(...specs: readonly string[]): readonly OptionSpec[] {
  return specs.map((text) => {
    const negatable = text.startsWith('!');
    const [names, values] = text.slice(negatable ? 1 : 0).split('=') as [string, string?];
    const list = names.split('|');
    const optional = values === '?';
    // One shape for all: each rule asks hundreds of them for their parts.
    return {
      name: list[0] as string,
      names: list,
      negatable,
      values: optional ? 1 : Number(values ?? 0),
      optional,
    };
  });
}

/**
 * The options in force at some place of a line. As getopt_long(3) with the tables that libxtables merges: the module
 * loaded last comes first, an exact name wins, and an abbreviation counts where only one option has it.
 */
export class OptionTable {
  private readonly exact = new Map<string, FoundOption>();
  private readonly abbreviations = new Map<string, FoundOption>();
  private readonly extended = new Map<OptionOwner, OptionTable>();

  private constructor(owners: readonly OptionOwner[]) {
    this.owners = owners;
    for (const owner of owners)
      for (const spec of owner.options)
        for (const name of spec.names) if (!this.exact.has(name)) this.exact.set(name, { owner, spec });
  }

  private readonly owners: readonly OptionOwner[];

  /** The table of iptables' own options. */
  static of(base: OptionOwner): OptionTable {
    return new OptionTable([base]);
  }

  /** This table with a module's options added. A module that is there already changes nothing. */
  with(owner: OptionOwner): OptionTable {
    if (this.owners.includes(owner)) return this;
    let table = this.extended.get(owner);
    if (table === undefined) {
      const base = this.owners.slice(-1);
      table = new OptionTable([owner, ...this.owners.slice(0, -1), ...base]);
      this.extended.set(owner, table);
    }
    return table;
  }

  /** Whether a module's options are in force. */
  has(owner: OptionOwner): boolean {
    return this.owners.includes(owner);
  }

  /** The option of exactly this name. */
  findExact(name: string): FoundOption | undefined {
    return this.exact.get(name);
  }

  /** The option of this name or unambiguous abbreviation; `ambiguous` where several have it. */
  find(name: string): FoundOption | 'ambiguous' | undefined {
    const known = this.exact.get(name) ?? this.abbreviations.get(name);
    if (known !== undefined || name === '') return known;
    let found: FoundOption | undefined;
    for (const [full, option] of this.exact) {
      if (!full.startsWith(name) || option.spec === found?.spec) continue;
      if (found !== undefined) return 'ambiguous';
      found = option;
    }
    if (found !== undefined) this.abbreviations.set(name, found);
    return found;
  }

  /** Every name there is, for suggestions. */
  names(): Iterable<string> {
    return this.exact.keys();
  }
}
