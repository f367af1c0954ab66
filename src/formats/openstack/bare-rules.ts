import type { CoverageEntry } from '../../rule/ruleset.ts';
import type { Diagnostic } from '../../text/diagnostic.ts';
import type { Span } from '../../text/source.ts';
import type { Json } from '../exports/located.ts';

type List = readonly Json[] | undefined;

/** What is gathered of rules that do not say of which group they are. */
export interface BareRules {
  readonly errors: Diagnostic[];
  readonly coverage: Map<string, CoverageEntry>;
  /** The list of the first of them. */
  bare?: { readonly list: List };
}

/** The command lists the rules of one group at a time: those of a second list are of another, and one file has one name. */
export function takeBare(span: Span, named: string, gathered: BareRules, list: List): void {
  const reason = `no column says of which group these rules are: they are taken to be those of \`${named}\`, as the file is called`;
  const before = gathered.bare;
  gathered.bare ??= { list };
  if (before === undefined) gathered.coverage.set(reason, { span, status: 'approximated', reason });
  else if (before.list !== list)
    gathered.errors.push({
      severity: 'error',
      code: 'ambiguous-group',
      message:
        'nothing says of which group the rule is, and those of another list here need not be of the same',
      span,
      expected: 'rules with the column `Security Group`, or a file for each group',
      help: 'export the rules with `openstack security group rule list --long -f json`',
    });
}
