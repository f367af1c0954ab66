import type { Chain, Rule } from '../../rule/ruleset.ts';
import type { Command, Place, RuleSpec, Word } from './ast.ts';
import { backendOf } from './backend.ts';
import type { ChainState } from './chain-state.ts';
import { skippedLine } from './command.ts';
import { ChainTable } from './chain-table.ts';
import { lowerRule } from './lower-rule.ts';
import { correctNetmaps } from './netmaps.ts';
import { reportLoops } from './loops.ts';
import type { Problems } from './problems.ts';
import { ruleKey, storedRuleKey } from './rule-key.ts';
import { reportFlush, rulesOf } from './zeroed.ts';

const hasRules = ({ rules }: ChainState): boolean => rules.length > 0;

/**
 * One table while its section is read: what iptables-restore would have in memory. Commands change it in order;
 * what is there at COMMIT counts.
 */
export class TableState {
  /** Which chains there are. */
  readonly chains: ChainTable;

  /**
   * @param layer what the ids of its chains begin with
   * @param place its `*table` line
   * @param previous the section it replaces, whose policies stay unless they are set anew
   */
  constructor(
    readonly name: string,
    readonly family: 4 | 6,
    private readonly layer: string,
    private readonly problems: Problems,
    readonly place: Place,
    previous: TableState | undefined,
  ) {
    this.chains = new ChainTable(name, `${layer}/ipv${family}/${name}/`, problems, place, previous?.chains);
  }

  /** Whether a chain of this name can be jumped to. */
  isUserChain(name: string): boolean {
    const chain = this.chains.get(name);
    return chain !== undefined && chain.builtin === undefined;
  }

  /** Executes one command. */
  apply(command: Command): void {
    switch (command.kind) {
      case 'new-chain':
        this.chains.create(command.chain);
        return;
      case 'delete-chain':
        this.chains.delete(command.chain, command.place);
        if (command.chain === undefined) this.mayMakeAnew('-X', command, (chain) => !hasRules(chain));
        return;
      case 'rename-chain':
        this.chains.rename(command.chain, command.name);
        return;
      case 'policy':
        this.chains.policy(command.chain, command.policy);
        return;
      case 'flush':
        if (command.chain === undefined && !this.isLegacy() && this.chains.all().some(hasRules))
          reportFlush(command.place, this.problems);
        for (const chain of this.chains.named(command.chain))
          for (const rule of chain.rules.clear()) this.gone(rule);
        return;
      case 'zero':
        this.mayMakeAnew('-Z', command);
        return;
      case 'nothing':
        this.chains.named(command.chain);
        return;
      default:
        this.applyToRules(command);
    }
  }

  /** The chains as they are at COMMIT. */
  finish(): readonly Chain[] {
    const all = this.chains.all();
    for (const chain of all)
      if (chain.builtin !== undefined && chain.origin === this.place && !this.isLegacy())
        chain.anew = { by: '*', place: this.place };
    this.reportPart(all);
    reportLoops(all, this.problems);
    correctNetmaps(all, this.problems);
    return all
      .filter((chain) => chain.builtin === undefined || chain.touched)
      .map((chain) => this.toChain(chain));
  }

  /**
   * Rules in chains of the user's alone, and no word about the chains that packets enter: a part that some program loads beside
   * others (ufw's `user.rules`, a `--noflush` file), which alone filters nothing.
   */
  private reportPart(all: readonly ChainState[]): void {
    const first = all.find(({ builtin, rules }) => builtin === undefined && rules.length > 0);
    if (first === undefined || all.some(({ builtin, touched }) => builtin !== undefined && touched)) return;
    const message = `the table ${this.name} has rules, and no word about the chains that packets enter: none of these rules is reached`;
    this.problems.warn('part-of-a-dump', first.origin, message, {
      help: 'it looks like a part of a host’s rules, such as ufw’s `user.rules`: save them whole with `iptables-save`',
    });
    this.problems.cover('ignored', this.place, message);
  }

  /** iptables-nft makes builtin chains anew by some commands. */
  private mayMakeAnew(
    by: '-X' | '-Z',
    { chain: name, place }: { readonly chain: Word | undefined; readonly place: Place },
    where: (chain: ChainState) => boolean = () => true,
  ): void {
    for (const chain of this.chains.named(name))
      if (chain.builtin !== undefined && !this.isLegacy() && where(chain)) chain.anew = { by, place };
  }

  private isLegacy(): boolean {
    return backendOf(this.problems.file) === 'legacy';
  }

  private toChain(chain: ChainState): Chain {
    const { builtin } = chain;
    return {
      id: chain.id,
      name: chain.name,
      table: this.name,
      families: [this.family],
      layer: this.layer,
      rules: rulesOf(chain, this.problems),
      ...(builtin === undefined
        ? {}
        : {
            base: {
              hook: builtin.hook,
              priority: builtin.priority,
              type: builtin.type,
              policy: chain.policy,
              sequence: 0,
            },
          }),
      origin: this.problems.span(chain.origin),
    };
  }

  private applyToRules(
    command: Extract<Command, { chain: Word } & ({ rule: RuleSpec } | { kind: 'delete-number' })>,
  ): void {
    const chain = this.chains.find(command.chain);
    if (chain === undefined) return;
    chain.touched = true;
    if (command.kind === 'delete-number') {
      if (this.inRange(command.position, chain.rules.length, command.chain))
        this.remove(chain, command.position - 1);
      return;
    }
    if (command.rule.onlyFamily !== undefined && command.rule.onlyFamily !== this.family) {
      this.problems.cover('ignored', command.rule, skippedLine(command.rule.onlyFamily));
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
    this.chains.count(rule, 1);
  }

  private remove(chain: ChainState, at: number): void {
    const rule = chain.rules.remove(at);
    if (rule !== undefined) this.gone(rule);
  }

  /** Takes account of a rule that is no longer there. */
  private gone(rule: Rule): void {
    this.chains.count(rule, -1);
    this.problems.forget(rule.origin);
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
      this.remove(chain, position - 1);
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
      this.problems.forget(rule.origin);
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
      if (command.kind === 'delete') this.remove(chain, at);
    }
  }
}
