import { type Condition, NEVER, negate, type SetCondition } from './condition.ts';
import type { Action } from './action.ts';
import type { NamedSet } from './named-set.ts';
import type { CoverageEntry, Rule } from './ruleset.ts';

/** Decides for every condition on a set whether the set that was given can answer it. */
export class SetResolver {
  private readonly known = new Map<string, string | undefined>();

  /**
   * @param sets the sets that were given
   * @param changed the sets that rules change
   * @param coverage where conditions that cannot be answered are told
   */
  constructor(
    private readonly sets: ReadonlyMap<string, NamedSet>,
    private readonly changed: ReadonlySet<string>,
    private readonly coverage: CoverageEntry[],
  ) {}

  /** The rules with their conditions resolved; the same array where nothing is to be done. */
  rules(rules: readonly Rule[]): readonly Rule[] {
    let out: Rule[] | undefined;
    rules.forEach((rule, at) => {
      if (!mentionsSet(rule.match) && !rule.actions.some(requiresSet)) return;
      out ??= [...rules];
      out[at] = {
        ...rule,
        match: this.condition(rule.match, rule),
        actions: rule.actions.map((action) =>
          action.kind === 'require' ? { ...action, match: this.condition(action.match, rule) } : action,
        ),
      };
    });
    return out ?? rules;
  }

  private condition(condition: Condition, rule: Rule): Condition {
    switch (condition.kind) {
      case 'and':
      case 'or':
        return { kind: condition.kind, of: condition.of.map((inner) => this.condition(inner, rule)) };
      case 'not':
        return negate(this.condition(condition.of, rule));
      case 'set':
        return this.resolve(condition, rule);
      default:
        return condition;
    }
  }

  private resolve(condition: SetCondition, rule: Rule): Condition {
    const problem = this.problem(condition.set);
    const set = this.sets.get(condition.set);
    if (problem !== undefined || set === undefined) {
      this.tell(rule, `\`${condition.text}\`: ${problem}; what depends on it is reported as possible`);
      const { text, span } = condition;
      return { kind: 'opaque', text, stateful: this.changes(condition.set), span };
    }
    const missing = set.dimensions.length - condition.directions.length;
    if (missing <= 0) return condition;
    this.tell(
      rule,
      `\`${condition.text}\` never matches: the set’s type ${set.type} needs ${set.dimensions.length} directions`,
    );
    return NEVER;
  }

  private tell(rule: Rule, reason: string): void {
    this.coverage.push({ span: rule.origin, status: 'approximated', reason });
  }

  /** Why a set cannot answer; undefined where it can. */
  private problem(name: string): string | undefined {
    if (!this.known.has(name)) this.known.set(name, this.findProblem(name));
    return this.known.get(name);
  }

  private findProblem(name: string): string | undefined {
    for (const member of this.withMembers(name)) {
      if (this.changed.has(member)) return `rules change the set \`${member}\``;
      if (!this.sets.has(member)) return `the set \`${member}\` was not given`;
    }
    return undefined;
  }

  private changes(name: string): boolean {
    return this.withMembers(name).some((member) => this.changed.has(member));
  }

  /** A set and, for a list:set, its members, which are no lists themselves (`ipset(8)`). */
  private withMembers(name: string): readonly string[] {
    const set = this.sets.get(name);
    if (set?.dimensions[0] !== 'set') return [name];
    const members = set.elements.flatMap((element) => element.parts);
    return [name, ...members.flatMap((part) => (part.kind === 'set' ? [part.name] : []))];
  }
}

function requiresSet(action: Action): boolean {
  return action.kind === 'require' && mentionsSet(action.match);
}

function mentionsSet(condition: Condition): boolean {
  switch (condition.kind) {
    case 'and':
    case 'or':
      return condition.of.some(mentionsSet);
    case 'not':
      return mentionsSet(condition.of);
    default:
      return condition.kind === 'set';
  }
}
