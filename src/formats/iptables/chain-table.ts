import { nearest } from '../../text/nearest.ts';
import type { Rule } from '../../rule/ruleset.ts';
import type { Place, Word } from './ast.ts';
import { backendOf } from './backend.ts';
import { type ChainState, RuleList } from './chain-state.ts';
import type { Problems } from './problems.ts';
import { builtinChains } from './tables.ts';
import { isTargetName } from './targets/registry.ts';

/** XT_EXTENSION_MAXNAMELEN without the final NUL. */
const MAX_CHAIN_NAME = 28;

const VERDICTS: ReadonlySet<string> = new Set(['ACCEPT', 'DROP', 'RETURN', 'QUEUE', '']);

/** The chains of a table while its section is read: which there are, their policies, and who jumps where. */
export class ChainTable {
  private readonly chains = new Map<string, ChainState>();
  private readonly ids = new Map<string, number>();
  private readonly references = new Map<string, number>();

  /**
   * @param table the table's name
   * @param idPrefix what every id of a chain begins with
   * @param place the `*table` line
   * @param previous the section it replaces, whose policies stay unless they are set anew
   */
  constructor(
    private readonly table: string,
    private readonly idPrefix: string,
    private readonly problems: Problems,
    place: Place,
    previous: ChainTable | undefined,
  ) {
    for (const [chain, builtin] of builtinChains(table, backendOf(problems.file)) ?? []) {
      const policy = previous?.get(chain)?.policy ?? 'accept';
      this.add(chain, place, { builtin, policy, touched: policy === 'drop' });
    }
  }

  /** The chain of this name, if there is one. */
  get(name: string): ChainState | undefined {
    return this.chains.get(name);
  }

  /** Every chain, in order of definition. */
  all(): readonly ChainState[] {
    return [...this.chains.values()];
  }

  /** `:name policy [packets:bytes]` */
  declare(words: readonly Word[]): void {
    const [name, policy, counters] = words as [Word, Word?, Word?];
    if (policy === undefined) {
      this.problems.error('missing-policy', name, `the chain \`${name.text}\` has no policy`, {
        expected: '`:INPUT ACCEPT [0:0]` for a built-in chain, `:name - [0:0]` for another',
      });
      return;
    }
    const chain = this.chains.get(name.text);
    if (chain?.builtin === undefined) {
      if (this.mayCreate(name)) this.add(name.text, name);
      if (policy.text !== '-') this.userPolicy(name, policy);
      return;
    }
    chain.touched = true;
    if (policy.text === '-') return;
    if (counters !== undefined && !/^\[\d+:\d+\]$/.test(counters.text))
      this.problems.error('bad-counters', counters, `\`${counters.text}\` are not counters`, {
        expected: '`[packets:bytes]`',
      });
    this.setPolicy(chain, policy);
    chain.origin = { start: name.start - 1, end: (counters ?? policy).end };
  }

  add(name: string, origin: Place, builtin: Partial<ChainState> = {}): void {
    const id = `${this.idPrefix}${name}`;
    // After `-E` another chain may get a name that an id already holds.
    const times = (this.ids.get(id) ?? 0) + 1;
    this.ids.set(id, times);
    this.chains.set(name, {
      id: times === 1 ? id : `${id}#${times}`,
      name,
      policy: 'accept',
      touched: false,
      origin,
      rules: new RuleList(),
      ...builtin,
    });
  }

  private mayCreate(name: Word): boolean {
    const { text } = name;
    const before = this.chains.get(text);
    const problem =
      before !== undefined
        ? 'is defined twice'
        : Buffer.byteLength(text) > MAX_CHAIN_NAME
          ? `is longer than ${MAX_CHAIN_NAME} bytes`
          : VERDICTS.has(text)
            ? 'is the name of a verdict'
            : undefined;
    if (problem === undefined) return true;
    this.problems.error(
      before === undefined ? 'bad-chain-name' : 'chain-defined-twice',
      name,
      `the chain \`${text}\` ${problem}`,
      {
        expected: before === undefined ? 'another name' : 'one definition of each chain in a table',
      },
    );
    return false;
  }

  /** `-N name` */
  create(name: Word): void {
    if (isTargetName(name.text) || /^[-!]/.test(name.text) || /\s/.test(name.text))
      this.problems.error('bad-chain-name', name, `\`${name.text}\` cannot be the name of a chain`, {
        expected: 'a name that is no target and does not begin with `-` or `!`',
      });
    else if (this.mayCreate(name)) this.add(name.text, name);
  }

  private userPolicy(name: Word, policy: Word): void {
    this.problems.error(
      'policy-of-user-chain',
      policy,
      `the user-defined chain \`${name.text}\` cannot have a policy`,
      {
        expected: `\`:${name.text} - [0:0]\``,
      },
    );
  }

  /** `-P name policy` */
  policy(name: Word, policy: Word): void {
    const chain = this.find(name);
    if (chain === undefined) return;
    if (chain.builtin === undefined) this.userPolicy(name, policy);
    else if (this.table === 'nat' && policy.text === 'DROP')
      this.problems.error(
        'drop-in-nat',
        policy,
        'the nat table is not for filtering; the tools refuse DROP in it',
        { expected: '`ACCEPT`' },
      );
    else this.setPolicy(chain, policy);
  }

  private setPolicy(chain: ChainState, policy: Word): void {
    chain.touched = true;
    chain.origin = policy;
    chain.anew = undefined;
    if (policy.text === 'ACCEPT') chain.policy = 'accept';
    else if (policy.text === 'DROP') chain.policy = 'drop';
    else
      this.problems.error('bad-policy', policy, `\`${policy.text}\` is not a policy`, {
        expected: '`ACCEPT` or `DROP`',
      });
  }

  /** `-X [name]`; without a name every user-defined chain, which the tools do whole or not at all. */
  delete(name: Word | undefined, place: Place): void {
    const chain = name && this.find(name);
    if (name !== undefined && chain === undefined) return;
    const wanted = chain === undefined ? this.all().filter((one) => one.builtin === undefined) : [chain];
    const kept = wanted.find(
      ({ builtin, rules, id }) => builtin !== undefined || rules.length > 0 || this.references.get(id),
    );
    if (kept !== undefined)
      this.problems.error('chain-in-use', name ?? place, `the chain \`${kept.name}\` cannot be deleted`, {
        expected: 'a user-defined chain without rules to which no rule jumps',
      });
    else for (const one of wanted) this.chains.delete(one.name);
  }

  /** `-E from to` */
  rename(from: Word, to: Word): void {
    const chain = this.find(from);
    if (chain === undefined) return;
    if (chain.builtin !== undefined || !this.mayCreate(to)) {
      if (chain.builtin !== undefined)
        this.problems.error('chain-in-use', from, `the built-in chain \`${from.text}\` cannot be renamed`, {
          expected: 'a user-defined chain',
        });
      return;
    }
    this.chains.delete(from.text);
    chain.name = to.text;
    this.chains.set(to.text, chain);
  }

  /** The chain of this name; undefined (and an error reported) where there is none. */
  find(name: Word): ChainState | undefined {
    const chain = this.chains.get(name.text);
    if (chain === undefined) {
      const near = nearest(name.text, this.chains.keys());
      this.problems.error(
        'no-such-chain',
        name,
        `there is no chain \`${name.text}\` in the table ${this.table}`,
        {
          expected:
            near !== undefined
              ? `\`${near}\``
              : `one of the table’s chains, such as ${[...this.chains.keys()].slice(0, 5).join(', ')}`,
          help: `declare it before its first use: \`:${name.text} - [0:0]\``,
        },
      );
    }
    return chain;
  }

  /** The chain of this name, or every chain. */
  named(name: Word | undefined): readonly ChainState[] {
    if (name === undefined) return [...this.chains.values()];
    const chain = this.find(name);
    return chain === undefined ? [] : [chain];
  }

  /** Keeps account of the jumps to each chain, for `-X`. */
  count(rule: Rule | undefined, by: number): void {
    for (const action of rule?.actions ?? [])
      if (action.kind === 'jump' || action.kind === 'goto')
        this.references.set(action.chain, (this.references.get(action.chain) ?? 0) + by);
  }
}
