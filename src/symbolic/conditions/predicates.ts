import type { Diagram, Node } from '../../packet/diagram.ts';
import { FIRST_VARIABLE, VARIABLE_BIT, VARIABLE_LIMIT } from '../../packet/layout.ts';
import { variableNode } from '../../packet/literals.ts';
import { exists, variableLevel } from '../../packet/operations.ts';
import type { Condition, SetCondition } from '../../rule/condition.ts';
import type { NamedSet } from '../../rule/named-set.ts';
import type { Rule, Ruleset } from '../../rule/ruleset.ts';
import { asksUnknown } from '../../rule/set-condition.ts';
import { kept } from '../../text/kept.ts';
import { callOrderOf } from '../chains/call-order.ts';
import { MOST_CHANGES } from '../translation/transform.ts';

/**
 * Of how many predicates in all the answers are kept that they give after the packet's bytes have changed. Each set of later answers
 * depends on all earlier ones, so that dozens of texts and changes would make sets without end.
 */
const MOST_LATER = 32;

/**
 * The opaque predicates that can be asked twice of one packet (the same stateless text at several places, or in a
 * chain that several rules jump to): they must answer the same both times, so each is a variable of the diagram. The others
 * decide anew at each visit and need none.
 */
export class OpaquePredicates {
  /** Whether one is asked twice of a packet's bytes: else it does not matter how often these change. */
  readonly asksBytesAgain: boolean;
  private readonly repeated: ReadonlySet<string>;
  private readonly variables = new Map<string, Node>();
  /** Those that are asked of the packet's bytes: of which text, and how often the bytes had changed. */
  private readonly asked: { readonly text: string; readonly edition: number; readonly level: number }[] = [];
  private readonly moved = new Map<number, Map<Node, Node>>();
  /** Texts that found no variable left; they are taken as independent, which widens may and narrows must. */
  readonly overflow = new Set<string>();

  constructor(
    private readonly diagram: Diagram,
    ruleset: Ruleset,
  ) {
    const repeated = kept(remembered, ruleset, () => repeatedTexts(ruleset));
    this.repeated = repeated.texts;
    this.asksBytesAgain = repeated.ofBytes;
  }

  /** How many texts are asked twice. */
  get repeatedTexts(): number {
    return this.repeated.size;
  }

  /** Whether the others are those of the same texts. */
  asksLike({ repeated, asksBytesAgain }: OpaquePredicates): boolean {
    return (
      asksBytesAgain === this.asksBytesAgain &&
      repeated.size === this.repeated.size &&
      [...repeated].every((text) => this.repeated.has(text))
    );
  }

  /** The variable of a predicate about the packet's bytes, asked anew once they have changed so often. */
  ofBytes(text: string, edition: number): Node | undefined {
    if (edition > MOST_CHANGES) {
      this.overflow.add(text);
      return undefined;
    }
    const { size } = this.variables;
    const node = this.variable(text, `${edition} `, edition === 0 ? VARIABLE_LIMIT : MOST_LATER);
    if (this.variables.size > size) this.asked.push({ text, edition, level: FIRST_VARIABLE + size });
    return node;
  }

  /**
   * The packets that are in the set once their bytes have changed: what is asked of them then has no answer from before. Where no
   * variable is left, they may answer anything.
   */
  afterChanges(node: Node, changes: number): Node {
    if ((this.diagram.fields(node) & VARIABLE_BIT) === 0) return node;
    // A set asks for what was a variable when it was made, so that what is known of it stays true.
    const known = this.moved.get(changes) ?? new Map<Node, Node>();
    this.moved.set(changes, known);
    let result = known.get(node);
    if (result === undefined) {
      result = this.renamed(node, changes);
      known.set(node, result);
    }
    return result;
  }

  private renamed(node: Node, changes: number): Node {
    const { diagram } = this;
    let result = node;
    // Later ones first, so that none takes the place of one that is still to be moved.
    for (const { text, edition, level } of [...this.asked].sort((a, b) => b.edition - a.edition)) {
      const set = variableLevel(diagram.layout, level);
      const variable = variableNode(diagram, level);
      const holds = exists(diagram, diagram.and(result, variable), set);
      const fails = exists(diagram, diagram.difference(result, variable), set);
      if (holds === fails) continue;
      const later = this.ofBytes(text, edition + changes);
      result =
        later === undefined
          ? diagram.or(holds, fails)
          : diagram.or(diagram.and(later, holds), diagram.difference(fails, later));
    }
    return result;
  }

  /**
   * The variable of a stateless predicate, or undefined where its answers are independent.
   * @param version tells packets before a translation from those after it
   * @param limit how many variables there may be for it to become another
   */
  variable(text: string, version: string, limit = VARIABLE_LIMIT): Node | undefined {
    if (!this.repeated.has(text)) return undefined;
    const key = `${version} ${text}`;
    let node = this.variables.get(key);
    if (node === undefined) {
      if (this.variables.size >= limit) {
        this.overflow.add(text);
        return undefined;
      }
      node = variableNode(this.diagram, FIRST_VARIABLE + this.variables.size);
      this.variables.set(key, node);
    }
    return node;
  }
}

/** The texts that can be asked twice of one packet, and whether some of them are about its bytes. */
interface Repeated {
  readonly texts: ReadonlySet<string>;
  readonly ofBytes: boolean;
}

/** Every hook and state has an analysis of its own, over the same rule set. */
const remembered = new WeakMap<Ruleset, Repeated>();

/** Whether it is not known of every packet that the lookup finds it, or does not: then the lookup is one question. */
export function leavesOpen({ set, directions }: SetCondition, sets: Ruleset['sets']): boolean {
  const found = sets.get(set);
  if (found === undefined) return false;
  return kept(
    kept(openLookups, found, () => new Map()),
    directions.join(),
    () => asksUnknown(found, sets, directions),
  );
}

/** By their directions; thousands of rules may ask one set. */
const openLookups = new WeakMap<NamedSet, Map<string, boolean>>();

/** What is asked of an address's type; all questions about one address are one predicate with several answers. */
export function addressTypeText({ field, limit }: Extract<Condition, { kind: 'address-type' }>): string {
  return `the type of ${field}${limit === undefined ? '' : ` on ${limit}`}`;
}

/** What is asked of a connection's translation where nobody knows it, and where a rule's choice decides it. */
export function translationTexts(what: 'dnat' | 'snat'): readonly [connection: string, changed: string] {
  return [`connection ${what}`, `changed ${what}`];
}

/** The rules that ask one of the predicates. */
export function rulesAsking(ruleset: Ruleset, texts: ReadonlySet<string>): Rule[] {
  return ruleset.chains.flatMap((chain) =>
    chain.rules.filter((rule) => {
      let found = false;
      eachTextOfRule(rule, ruleset, (text) => {
        found ||= texts.has(text);
      });
      return found;
    }),
  );
}

function eachTextOfRule(rule: Rule, { sets }: Ruleset, add: Add): void {
  eachText(rule.match, sets, add);
  for (const action of rule.actions) if (action.kind === 'require') eachText(action.match, sets, add);
}

function repeatedTexts(ruleset: Ruleset): Repeated {
  // Most rule sets ask nothing of the kind, and nobody need know how their chains are called.
  let visits: ReadonlyMap<string, number> | undefined;
  const counts = new Map<string, number>();
  const ofBytes = new Set<string>();
  for (const { id, rules } of ruleset.chains) {
    const add = (text: string, isOfBytes: boolean): void => {
      visits ??= chainVisits(ruleset);
      const times = visits.get(id) ?? 0;
      if (times === 0) return;
      counts.set(text, (counts.get(text) ?? 0) + times);
      if (isOfBytes) ofBytes.add(text);
    };
    for (const rule of rules) eachTextOfRule(rule, ruleset, add);
  }
  const texts = new Set([...counts].filter(([, count]) => count > 1).map(([text]) => text));
  return { texts, ofBytes: [...ofBytes].some((text) => texts.has(text)) };
}

/** In how many ways a packet can come to each chain, counted up to two. */
function chainVisits(ruleset: Ruleset): Map<string, number> {
  const { chains } = ruleset;
  const byId = new Map(chains.map((chain) => [chain.id, chain]));
  const visits = new Map<string, number>();
  const visit = (id: string, times: number): void =>
    void visits.set(id, Math.min(2, (visits.get(id) ?? 0) + times));
  for (const chain of chains) if (chain.base !== undefined) visit(chain.id, 1);
  // Callers first: how often each is visited is known before it passes that on.
  const order = callOrderOf(ruleset).below(chains.map((chain) => chain.id));
  for (const id of order.reverse()) {
    const times = visits.get(id) ?? 0;
    if (times === 0) continue;
    for (const rule of byId.get(id)?.rules ?? [])
      for (const action of rule.actions)
        if (action.kind === 'jump' || action.kind === 'goto') visit(action.chain, times);
  }
  return visits;
}

/** Gets a text, and whether it is asked of the packet's bytes. */
type Add = (text: string, ofBytes: boolean) => void;

function eachText(condition: Condition, sets: Ruleset['sets'], add: Add): void {
  if (condition.kind === 'and' || condition.kind === 'or')
    for (const part of condition.of) eachText(part, sets, add);
  else if (condition.kind === 'not') eachText(condition.of, sets, add);
  else if (condition.kind === 'set' && leavesOpen(condition, sets)) add(condition.text, true);
  else if (condition.kind === 'opaque' && !condition.stateful)
    add(condition.text, condition.lasting !== true);
  else if (condition.kind === 'address-type') {
    add(addressTypeText(condition), false);
    // At hooks without such an interface nothing limits the question.
    if (condition.limit !== undefined) add(addressTypeText({ ...condition, limit: undefined }), false);
  } else if (condition.kind === 'translated')
    for (const text of translationTexts(condition.what)) add(text, false);
}
