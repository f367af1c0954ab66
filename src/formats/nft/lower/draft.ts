import { allOf, type Condition } from '../../../rule/condition.ts';
import type { Action } from '../../../rule/action.ts';
import type { Rule } from '../../../rule/ruleset.ts';
import type { Place } from '../ast/ast.ts';
import type { TableContext } from './context.ts';

/** A rule under way: the statements so far as a condition and actions. */
export class Draft {
  readonly match: Condition[];
  readonly actions: Action[];

  constructor(match: readonly Condition[] = [], actions: readonly Action[] = []) {
    this.match = [...match];
    this.actions = [...actions];
  }

  /** A condition; behind an action with an effect it holds only for what follows. */
  require(condition: Condition): this {
    if (this.effectless) this.match.push(condition);
    else if (condition.kind !== 'always') this.actions.push({ kind: 'require', match: condition });
    return this;
  }

  /** Nothing but notes so far, which may happen twice or not at all. */
  get effectless(): boolean {
    return this.actions.every(({ kind }) => kind === 'note');
  }

  /** A copy that goes its own way. */
  copy(): Draft {
    return new Draft(this.match, this.actions);
  }

  /** The same conditions, without what has been done: for a rule behind the one that does it. */
  conditionsOnly(): Draft {
    const required = this.actions.flatMap((action) => (action.kind === 'require' ? [action.match] : []));
    return new Draft([...this.match, ...required]);
  }

  /** The rule of the model. */
  finish(place: Place, context: TableContext): Rule {
    return { match: allOf(this.match), actions: this.actions, origin: context.problems.span(place) };
  }
}
