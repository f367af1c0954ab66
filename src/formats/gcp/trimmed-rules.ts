import type { CoverageEntry } from '../../rule/ruleset.ts';
import type { Diagnostic } from '../../text/diagnostic.ts';
import { groupBy } from '../../text/group-by.ts';
import { onceOf } from '../../text/kept.ts';
import { type Json, type JsonObject, objectsOf } from '../exports/located.ts';
import { type Firewall, lastOf } from './content.ts';

/*
 * What a format of gcloud, as `--format="json(name,sourceRanges,allowed)"`, left out of rules: it leaves no trace. The API gives each
 * rule its network, direction, priority and peers, whatever who made it said.
 * (https://cloud.google.com/compute/docs/reference/rest/v1/firewalls)
 */

/** What the API sets itself, "output only". */
const ALWAYS_PRINTED = ['id', 'selfLink', 'creationTimestamp'];

/**
 * Whether a format kept some fields of the rule. What was printed before rules could be disabled has no `disabled`, and all else that
 * the API sets.
 */
export const isTrimmed = (rule: JsonObject): boolean =>
  'disabled' in rule
    ? ![...ALWAYS_PRINTED, 'kind'].some((field) => field in rule)
    : !ALWAYS_PRINTED.every((field) => field in rule);

const SOURCES = ['sourceRanges', 'sourceTags', 'sourceServiceAccounts'];

/** Formats print `null` for what they kept and a rule does not have. */
const isSaid = (rule: JsonObject, field: string): boolean =>
  rule[field] !== undefined && rule[field] !== null;

/** Whether nothing tells the rule's direction: rules that come in have sources, which are seldom in others. */
export const isWayUnsaid = (rule: JsonObject): boolean =>
  !isSaid(rule, 'direction') &&
  (!SOURCES.some((name) => isSaid(rule, name)) || isSaid(rule, 'destinationRanges'));

/** "If neither is specified, the rule applies to 0.0.0.0/0", which the API then prints. */
const arePeersUnsaid = (rule: JsonObject, direction: 'ingress' | 'egress'): boolean =>
  !(direction === 'ingress' ? SOURCES : ['destinationRanges']).some((name) => isSaid(rule, name));

/**
 * What a format may have left out of a trimmed rule beside the tags or accounts that it names: addresses that the rule is for as well. A list
 * that kept them has them of some rule.
 */
export function rangesUnsaid(rule: JsonObject, list: readonly Json[] | undefined): string[] {
  const named = ['sourceTags', 'sourceServiceAccounts'].some((name) => isSaid(rule, name));
  const isKept = 'sourceRanges' in rule || (list !== undefined && keepsRanges(list));
  return named && !isKept ? ['a range that a format may have left out'] : [];
}

const keepsRanges = onceOf((list: readonly Json[]): boolean =>
  objectsOf(list as Json[]).some((one) => 'sourceRanges' in one),
);

const TARGETS = ['targetTags', 'targetServiceAccounts'];

/** A rule is for tags or for accounts, never for both. */
const areTargetsUnsaid = (rule: JsonObject): boolean =>
  !TARGETS.some((name) => isSaid(rule, name)) && !TARGETS.every((name) => name in rule);

/** What a format left out of a rule that decides whether it matches. */
export function unsaidOf(rule: JsonObject, direction: 'ingress' | 'egress'): string | undefined {
  const unsaid = [
    ...(arePeersUnsaid(rule, direction) ? ['peers'] : []),
    ...(areTargetsUnsaid(rule) ? ['targets'] : []),
    ...(isSaid(rule, 'disabled') ? [] : ['`disabled`']),
  ];
  return unsaid.length === 0 ? undefined : `a format may have left out the rule’s ${unsaid.join(', ')}`;
}

/** What `describe` prints of each rule of a policy, and what decides nothing. */
const PRINTED_OF_POLICIES = ['kind', 'ruleTupleCount'];

const POLICY_TARGETS = ['targetServiceAccounts', 'targetSecureTags', 'targetResources'];

/**
 * What a format left out of a policy's rule that decides whether it matches. Each has protocols, and names somebody at the far end.
 * (https://cloud.google.com/compute/docs/reference/rest/v1/firewallPolicies, rules[]; `--layer4-configs` is required)
 *
 * @param effective the rule stands in an answer to `get-effective-firewalls`, which need not have the rest
 */
export function unsaidOfPolicyRule(
  rule: JsonObject,
  match: JsonObject,
  direction: 'ingress' | 'egress',
  effective: boolean,
): string | undefined {
  const isWhole = effective || PRINTED_OF_POLICIES.some((field) => field in rule);
  const side = direction === 'ingress' ? 'src' : 'dest';
  const unsaid = [
    ...(isSaid(match, 'layer4Configs') ? [] : ['protocols']),
    ...(isWhole || Object.keys(match).some((field) => field.startsWith(side)) ? [] : ['peers']),
    ...(isWhole || POLICY_TARGETS.every((field) => field in rule) ? [] : ['targets']),
    ...(isWhole || isSaid(rule, 'disabled') ? [] : ['`disabled`']),
  ];
  return unsaid.length === 0 ? undefined : `a format may have left out the rule’s ${unsaid.join(', ')}`;
}

/** Rules that are decided by what is not there: which network they are of, or which of them comes first. */
export function undecided(firewalls: readonly Firewall[], networks: readonly string[]): Diagnostic[] {
  const unsaid = firewalls.find(({ networkUnsaid }) => networkUnsaid);
  const others = networks.some((name) => lastOf(name) !== 'default');
  return [
    ...(unsaid !== undefined && others ? [lacking(unsaid, 'network', 'there are several')] : []),
    ...[...groupBy(firewalls, ({ network, rule }) => `${network} ${rule.direction}`).values()].flatMap(
      (rules) => {
        const first = rules.find(({ priorityUnsaid }) => priorityUnsaid);
        const actions = new Set(rules.map(({ rule }) => rule.action));
        return first === undefined || actions.size === 1
          ? []
          : [lacking(first, 'priority', 'some rules allow and some deny')];
      },
    ),
  ];
}

function lacking({ rule: { name, span } }: Firewall, field: string, why: string): Diagnostic {
  return {
    severity: 'error',
    code: 'export-shape',
    message: `the export has no \`${field}\` of the firewall rule \`${name}\`, and ${why}`,
    span,
    expected: `\`${field}\`, which each rule is printed with`,
    help: 'export whole rules: `gcloud compute firewall-rules list --format=json`',
  };
}

/** Told once, at the first. */
export function trimmedRules(firewalls: readonly Firewall[]): CoverageEntry[] {
  const trimmed = firewalls.filter((one) => one.trimmed);
  const [first, ...more] = trimmed.map(({ rule }) => rule);
  if (first === undefined) return [];
  const names = `\`${first.name}\`${more.length === 0 ? '' : ` and ${more.length} more`}`;
  const network = trimmed.some(({ networkUnsaid }) => networkUnsaid)
    ? ' Rules without `network` are taken to be of one network.'
    : '';
  const reason = `the export lacks what gcloud prints of each rule (\`id\`, \`selfLink\` …) of ${names}, so that a format may have left out more: for which instances a rule without \`targetTags\` and \`targetServiceAccounts\` is, and whether one without \`disabled\` is enforced, is left open.${network}`;
  return [{ span: first.span, status: 'approximated', reason }];
}
