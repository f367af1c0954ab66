import type { Condition, InterfaceCondition } from './condition.ts';

/** Visits every condition on an interface. Each condition of each rule of a host is looked at, and few are: no lists are made. */
export function eachInterface(condition: Condition, visit: (one: InterfaceCondition) => void): void {
  if (condition.kind === 'interface') visit(condition);
  else if (condition.kind === 'not') eachInterface(condition.of, visit);
  else if (condition.kind === 'and' || condition.kind === 'or')
    for (const part of condition.of) eachInterface(part, visit);
}
