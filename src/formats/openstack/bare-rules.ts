import type { CoverageEntry } from '../../rule/ruleset.ts';
import type { Diagnostic } from '../../text/diagnostic.ts';
import type { Span } from '../../text/source.ts';
import type { Json } from '../exports/located.ts';
import type { BareRule, OpenstackContent } from './content.ts';

type List = readonly Json[] | undefined;

/** What is gathered of rules that do not say of which group they are. */
export interface BareRules {
  readonly errors: Diagnostic[];
  readonly coverage: Map<string, CoverageEntry>;
  bare?: BareRule;
}

/** The command lists the rules of one group at a time: those of a second list are of another, and one file has one name. */
export function takeBare(span: Span, named: string, gathered: BareRules, list: List): void {
  const reason = `no column says of which group these rules are: they are taken to be those of \`${named}\`, as the file is called`;
  const before = gathered.bare;
  gathered.bare ??= { named, list, span };
  if (before === undefined) gathered.coverage.set(reason, { span, status: 'approximated', reason });
  else if (before.list !== list)
    gathered.errors.push(whoseRule(span, 'those of another list here need not be of the same'));
}

/** Files of one name in several folders: a rule is of one group, so that one that stands in both says that both are of the same. */
export function bareInFiles(contents: readonly OpenstackContent[]): Diagnostic[] {
  const found: Diagnostic[] = [];
  const known = new Map<string, Set<string | undefined>>();
  for (const { bare, rules } of contents) {
    if (bare === undefined) continue;
    const ids = rules.filter(({ group }) => group === bare.named).map(({ id }) => id);
    const before = known.get(bare.named);
    if (before !== undefined && !ids.some((id) => id !== undefined && before.has(id)))
      found.push(
        whoseRule(bare.span, `those of another file called \`${bare.named}\` need not be of the same`),
      );
    known.set(bare.named, new Set([...(before ?? []), ...ids]));
  }
  return found;
}

function whoseRule(span: Span, why: string): Diagnostic {
  return {
    severity: 'error',
    code: 'ambiguous-group',
    message: `nothing says of which group the rule is, and ${why}`,
    span,
    expected: 'rules with the column `Security Group`, or a file for each group, called after it',
    help: 'export the rules with `openstack security group rule list --long -f json`',
  };
}
