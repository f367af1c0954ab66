import type { ResolvedHost } from '../baseline/model.ts';
import { NONE } from '../packet/diagram.ts';
import { bitsOf } from '../packet/layout.ts';
import type { CoverageEntry, Rule, Ruleset } from '../rule/ruleset.ts';
import { callOrderOf } from '../symbolic/call-order.ts';
import type { FamilyView } from './view.ts';

const MARKS = ['mark', 'ctmark'] as const;
type Mark = (typeof MARKS)[number];

const REASON =
  'on the loopback interface a packet keeps its mark and its connection’s where it comes in, and rules there ask for one: rows about loopback are judged as if it came in without';

/**
 * Rules that mark what leaves by the loopback interface, or its connection, where rules that see it come in ask for such marks and
 * some row is about loopback: the kernel keeps both (drivers/net/loopback.c hands the same socket buffer on, and
 * nf_conntrack_in leaves what has a connection as it is; so seen on 6.18), and the comparison looks at each hook by itself.
 */
export function loopbackMarks(
  { baselines }: ResolvedHost,
  ruleset: Ruleset,
  views: readonly FamilyView[],
): CoverageEntry[] {
  const judged = baselines.some(({ rows }) =>
    rows.some(({ direction, status }) => direction === 'loopback' && status !== 'not-applicable'),
  );
  if (!judged) return [];
  const marking = views.flatMap((view) => {
    const kept = keptMarks(view);
    return kept.length === 0 ? [] : markingRules(ruleset, view.family, kept);
  });
  return marking.slice(0, 1).map(({ origin }) => ({ span: origin, status: 'approximated', reason: REASON }));
}

/** The marks that packets may leave with by the loopback interface, and that rules ask for where they come in. */
function keptMarks(view: FamilyView): readonly Mark[] {
  const { diagram } = view;
  const leaving = view
    .hook('output')
    .passage.accept.filter(({ set }) => diagram.and(set, view.loopback('out')) !== NONE);
  const given = MARKS.filter((mark) =>
    leaving.some(({ transform }) => transform[mark] !== undefined || transform.forgotten.has(mark)),
  );
  if (given.length === 0) return [];
  const { analysis } = view.hook('input');
  // New connections have no mark there, which is just what is not so here.
  const arriving = diagram.and(view.project(analysis.entry(), MARKS), view.loopback('in'));
  const passing = diagram.orAll(analysis.pass(arriving).accept.map(({ set }) => set));
  return given.filter((mark) => (diagram.fields(passing) & bitsOf([mark])) !== 0);
}

/** Rules on the way out that set one of the marks. */
function markingRules(ruleset: Ruleset, family: 4 | 6, marks: readonly string[]): readonly Rule[] {
  const bases = ruleset.chains.filter(({ base }) => base?.hook === 'output' || base?.hook === 'postrouting');
  const reached = new Set(callOrderOf(ruleset).below(bases.map(({ id }) => id)));
  return ruleset.chains
    .filter(({ id, families }) => reached.has(id) && families.includes(family))
    .flatMap(({ rules }) =>
      rules.filter(({ actions }) =>
        actions.some(
          (action) => (action.kind === 'assign' || action.kind === 'forget') && marks.includes(action.field),
        ),
      ),
    );
}
