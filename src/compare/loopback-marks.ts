import type { ResolvedHost } from '../baseline/model.ts';
import { NONE } from '../packet/diagram.ts';
import { bitsOf } from '../packet/layout.ts';
import type { Action, CoverageEntry, Rule, Ruleset } from '../rule/ruleset.ts';
import type { Flow } from '../symbolic/summary.ts';
import type { FamilyView } from './view.ts';

const REASON =
  'on the loopback interface a packet keeps its mark where it comes in, and rules there ask for marks: rows about loopback are judged as if it came in without one';

/**
 * Rules that mark what leaves by the loopback interface, where rules that see it come in ask for marks and some row is about
 * loopback: the kernel keeps the mark (drivers/net/loopback.c hands the same socket buffer on; so seen on 6.18), and the
 * comparison looks at each hook by itself.
 */
export function loopbackMarks(
  { baselines }: ResolvedHost,
  ruleset: Ruleset,
  views: readonly FamilyView[],
): CoverageEntry[] {
  const judged = baselines.some(({ rows }) =>
    rows.some(({ direction, status }) => direction === 'loopback' && status !== 'not-applicable'),
  );
  if (!judged || !views.some(keepsMarks)) return [];
  const marking = ruleset.chains
    .filter(({ base }) => base === undefined || base.hook === 'output' || base.hook === 'postrouting')
    .flatMap(({ rules }) => rules.filter(marks));
  return marking.slice(0, 1).map(({ origin }) => ({ span: origin, status: 'approximated', reason: REASON }));
}

function keepsMarks(view: FamilyView): boolean {
  const { diagram } = view;
  const onIt = ({ set }: Flow): boolean => diagram.and(set, view.loopback('out')) !== NONE;
  const marked = view
    .hook('output')
    .passage.accept.some(
      (flow) => (flow.transform.mark !== undefined || flow.transform.forgotten.has('mark')) && onIt(flow),
    );
  if (!marked) return false;
  const { accept } = view.hook('input').passage;
  const passing = diagram.and(diagram.orAll(accept.map(({ set }) => set)), view.loopback('in'));
  return (diagram.fields(passing) & bitsOf(['mark'])) !== 0;
}

const marks = ({ actions }: Rule): boolean => actions.some(setsMark);

const setsMark = (action: Action): boolean =>
  (action.kind === 'assign' || action.kind === 'forget') && action.field === 'mark';
