import type { Chain, Rule } from '../../rule/ruleset.ts';
import type { Command, Place, RuleSpec, Word } from './ast.ts';
import { type ChainState, RuleList } from './chain-state.ts';
import { lowerRule } from './lower-rule.ts';
import { correctNetmaps } from './netmaps.ts';
import { reportLoops } from './loops.ts';
import type { Problems } from './problems.ts';
import { ruleKey, storedRuleKey } from './rule-key.ts';
import { builtinChains } from './tables.ts';
import { isTargetName } from './targets/registry.ts';

/** XT_EXTENSION_MAXNAMELEN without the final NUL. */
const MAX_CHAIN_NAME = 28;

/**
 * One table while its section is read: what iptables-restore would have in memory. Commands change it in order;
 * what is there at COMMIT counts.
 */
export class TableState {
  private readonly chains = new Map<string, ChainState>();
  private readonly ids = new Map<string, number>();
  private readonly references = new Map<string, number>();

  constructor(
    readonly name: string,
    readonly family: 4 | 6,
    private readonly layer: string,
    private readonly problems: Problems,
    /** Its `*table` line. */
    readonly place: Place,
    /** The section it replaces, whose policies stay unless they are set anew. */
    previous: TableState | undefined,
  ) {
    for (const [chain, builtin] of builtinChains(name) ?? []) {
      const old = previous?.chains.get(chain);
      this.add(chain, place, { builtin, policy: old?.policy ?? 'accept', touched: old?.policy === 'drop' });
    }
  }

  /** Whether a chain of this name can be jumped to. */
  isUserChain(name: string): boolean {
    return this.chains.get(name)?.builtin === undefined && this.chains.has(name);
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

  /** Executes one command. */
  apply(command: Command): void {
    switch (command.kind) {
      case 'new-chain':
        this.create(command.chain);
        return;
      case 'delete-chain':
        this.deleteChains(command.chain);
        return;
      case 'rename-chain':
        this.rename(command.chain, command.name);
        return;
      case 'policy':
        this.policy(command.chain, command.policy);
        return;
      case 'flush':
        for (const chain of this.named(command.chain))
          for (const rule of chain.rules.clear()) this.count(rule, -1);
        return;
      case 'nothing':
        this.named(command.chain);
        return;
      default:
        this.applyToRules(command);
    }
  }

  /** The chains as they are at COMMIT. */
  finish(): readonly Chain[] {
    const all = [...this.chains.values()];
    for (const chain of all)
      if (chain.builtin !== undefined && chain.policy === 'drop' && chain.origin === this.place)
        this.problems.cover(
          'approximated',
          this.place,
          `the policy DROP of ${chain.name} is an earlier section's; iptables-legacy keeps it as is assumed here, iptables-nft sets ACCEPT`,
        );
    reportLoops(all, this.problems);
    correctNetmaps(all, this.problems);
    return all
      .filter((chain) => chain.builtin === undefined || chain.touched)
      .map((chain) => this.toChain(chain));
  }

  private toChain(chain: ChainState): Chain {
    const { builtin } = chain;
    return {
      id: chain.id,
      name: chain.name,
      table: this.name,
      families: [this.family],
      layer: this.layer,
      rules: chain.rules.all(),
      ...(builtin === undefined ? {} : { base: { ...builtin, policy: chain.policy, sequence: 0 } }),
      origin: this.problems.span(chain.origin),
    };
  }

  private add(name: string, origin: Place, builtin: Partial<ChainState> = {}): void {
    const id = `${this.layer}/ipv${this.family}/${this.name}/${name}`;
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
        : text.length > MAX_CHAIN_NAME
          ? `is longer than ${MAX_CHAIN_NAME} characters`
          : text === 'ACCEPT' || text === 'DROP' || text === 'RETURN' || text === 'QUEUE' || text === ''
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

  private create(name: Word): void {
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

  private policy(name: Word, policy: Word): void {
    const chain = this.find(name);
    if (chain === undefined) return;
    if (chain.builtin === undefined) this.userPolicy(name, policy);
    else if (this.name === 'nat' && policy.text === 'DROP')
      this.problems.error(
        'drop-in-nat',
        policy,
        'the nat table is not for filtering; the tools refuse DROP in it',
      );
    else this.setPolicy(chain, policy);
  }

  private setPolicy(chain: ChainState, policy: Word): void {
    chain.touched = true;
    chain.origin = policy;
    if (policy.text === 'ACCEPT') chain.policy = 'accept';
    else if (policy.text === 'DROP') chain.policy = 'drop';
    else
      this.problems.error('bad-policy', policy, `\`${policy.text}\` is not a policy`, {
        expected: '`ACCEPT` or `DROP`',
      });
  }

  private deleteChains(name: Word | undefined): void {
    if (name === undefined) {
      for (const chain of [...this.chains.values()])
        if (chain.builtin === undefined && chain.rules.length === 0 && !this.references.get(chain.id))
          this.chains.delete(chain.name);
      return;
    }
    const chain = this.find(name);
    if (chain === undefined) return;
    if (chain.builtin !== undefined || chain.rules.length > 0 || this.references.get(chain.id))
      this.problems.error('chain-in-use', name, `the chain \`${name.text}\` cannot be deleted`, {
        expected: 'a user-defined chain without rules to which no rule jumps',
      });
    else this.chains.delete(name.text);
  }

  private rename(from: Word, to: Word): void {
    const chain = this.find(from);
    if (chain === undefined) return;
    if (chain.builtin !== undefined || !this.mayCreate(to)) {
      if (chain.builtin !== undefined)
        this.problems.error('chain-in-use', from, `the built-in chain \`${from.text}\` cannot be renamed`);
      return;
    }
    this.chains.delete(from.text);
    chain.name = to.text;
    this.chains.set(to.text, chain);
  }

  private find(name: Word): ChainState | undefined {
    const chain = this.chains.get(name.text);
    if (chain === undefined)
      this.problems.error(
        'no-such-chain',
        name,
        `there is no chain \`${name.text}\` in the table ${this.name}`,
        {
          expected: `one of the table’s chains, such as ${[...this.chains.keys()].slice(0, 5).join(', ')}`,
          help: `declare it before its first use: \`:${name.text} - [0:0]\``,
        },
      );
    return chain;
  }

  private named(name: Word | undefined): readonly ChainState[] {
    if (name === undefined) return [...this.chains.values()];
    const chain = this.find(name);
    return chain === undefined ? [] : [chain];
  }

  private applyToRules(
    command: Extract<Command, { chain: Word } & ({ rule: RuleSpec } | { kind: 'delete-number' })>,
  ): void {
    const chain = this.find(command.chain);
    if (chain === undefined) return;
    chain.touched = true;
    if (command.kind === 'delete-number') {
      if (this.inRange(command.position, chain.rules.length, command.chain))
        this.count(chain.rules.remove(command.position - 1), -1);
      return;
    }
    if (command.rule.onlyFamily !== undefined && command.rule.onlyFamily !== this.family) {
      const tool = this.family === 4 ? 'iptables-restore' : 'ip6tables-restore';
      this.problems.cover('ignored', command.rule, `\`-${command.rule.onlyFamily}\`: ${tool} skips the line`);
      return;
    }
    const rules = this.lower(command.rule, chain.name);
    if (command.kind === 'append') for (const rule of rules) this.insert(chain, chain.rules.length, rule);
    else if (command.kind === 'delete' || command.kind === 'check') this.removeEqual(command, chain, rules);
    else this.placeAt(command.kind, command.position, command.chain, chain, rules);
  }

  private lower(spec: RuleSpec, chain: string): readonly Rule[] {
    const { family, name } = this;
    return lowerRule(
      spec,
      {
        family,
        table: name,
        chain,
        chainId: (target) => {
          const found = this.chains.get(target);
          return found === undefined ? undefined : found.builtin === undefined ? found.id : 'builtin';
        },
      },
      this.problems,
    );
  }

  private insert(chain: ChainState, at: number, rule: Rule): void {
    chain.rules.insert(at, rule);
    this.count(rule, 1);
  }

  /** `-I` and `-R`. Several addresses are inserted at one number, one after the other, so the last stands first. */
  private placeAt(
    kind: 'insert' | 'replace',
    position: number,
    name: Word,
    chain: ChainState,
    rules: readonly Rule[],
  ): void {
    const last = chain.rules.length + (kind === 'insert' ? 1 : 0);
    if (!this.inRange(position, last, name)) return;
    if (kind === 'replace') {
      if (rules.length !== 1) {
        this.problems.error('bad-replacement', name, 'one rule cannot be replaced by several', {
          expected: 'one address',
        });
        return;
      }
      this.count(chain.rules.remove(position - 1), -1);
    }
    for (const rule of rules) this.insert(chain, position - 1, rule);
  }

  private inRange(position: number, last: number, place: Place): boolean {
    if (position <= last) return true;
    this.problems.error('bad-rule-number', place, `there is no rule ${position} in the chain`, {
      expected: last === 0 ? 'a chain with rules' : `a number from 1 to ${last}`,
    });
    return false;
  }

  private removeEqual(
    command: { readonly kind: 'delete' | 'check'; readonly rule: RuleSpec },
    chain: ChainState,
    rules: readonly Rule[],
  ): void {
    for (const rule of rules) {
      const wanted = ruleKey(rule, command.rule);
      const at = chain.rules.findIndex(
        (other) => storedRuleKey(other, this.family, (n) => this.isUserChain(n)) === wanted,
      );
      if (at < 0) {
        this.problems.error('no-such-rule', command.rule, `the chain \`${chain.name}\` has no such rule`, {
          expected: 'a rule that an earlier line made',
        });
        return;
      }
      if (command.kind === 'delete') this.count(chain.rules.remove(at), -1);
    }
  }

  /** Keeps account of the jumps to each chain, for `-X`. */
  private count(rule: Rule | undefined, by: number): void {
    for (const action of rule?.actions ?? [])
      if (action.kind === 'jump' || action.kind === 'goto')
        this.references.set(action.chain, (this.references.get(action.chain) ?? 0) + by);
  }
}
