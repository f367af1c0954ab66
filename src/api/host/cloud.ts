import type { CloudAccount, CloudPoint, CloudReader } from '../../formats/cloud.ts';
import type { Party } from '../../baseline/model.ts';
import type { CloudSelector } from '../../rule/cloud-selector.ts';
import { selectorProblem } from './cloud-selector.ts';
import { ofOwnFamilies } from '../../formats/exports/own-families.ts';
import { noRules, problemsOf } from '../../formats/exports/problems.ts';
import { unfinishedLists } from '../../formats/exports/unfinished.ts';
import type { CloudContent, ConfigPart } from '../../formats/reader.ts';
import type { Chain, CloudFacts, Rule } from '../../rule/ruleset.ts';
import { type Diagnostic, failure, placed, type Result, success } from '../../text/diagnostic.ts';

/** The readers of cloud exports, loaded when a file is one. */
const CLOUD_READERS: Readonly<Partial<Record<CloudContent['provider'], () => Promise<CloudReader>>>> = {
  aws: async () => (await import('../../formats/aws/index.ts')).awsReader,
  azure: async () => (await import('../../formats/azure/index.ts')).azureReader,
  gcp: async () => (await import('../../formats/gcp/index.ts')).gcpReader,
  openstack: async () => (await import('../../formats/openstack/index.ts')).openstackReader,
};

/**
 * The account that the cloud exports among the files describe together; undefined where there is none. Exports of two
 * providers guard no one host.
 */
export async function accountOf(parts: readonly ConfigPart[]): Promise<Result<CloudAccount | undefined>> {
  const exports = parts.filter((part) => part.cloud !== undefined);
  const first = exports[0];
  if (first?.cloud === undefined) return success(undefined);
  const { provider } = first.cloud;
  const other = exports.find((part) => part.cloud?.provider !== provider);
  if (other !== undefined) return failure(twoProviders(first, other));
  const cut = unfinishedLists(exports);
  if (cut.length > 0) return problemsOf(cut);
  const reader = await CLOUD_READERS[provider]?.();
  if (reader === undefined) return success(undefined);
  const account = reader.account(exports);
  // A report of no host would say that all is well.
  if (account.ok && account.value.points.length === 0)
    return failure(noRules(exports, 'group that guards anything', 'all exports of the account'));
  return account;
}

function twoProviders(first: ConfigPart, other: ConfigPart): Diagnostic {
  return {
    severity: 'error',
    code: 'two-providers',
    message: `this export is of ${other.cloud?.provider}, and \`${first.source.path}\` is of ${first.cloud?.provider}`,
    span: { file: other.source, start: 0, end: 0, withheld: true },
    expected: 'the exports of one provider for one host',
    help: 'check hosts of different providers as hosts of a deployment',
  };
}

/** The one point that is meant: the selected one, or the only one that there is. */
export function choosePoint(account: CloudAccount, selector: CloudSelector | undefined): Result<CloudPoint> {
  const wrong = selector === undefined ? undefined : selectorProblem(account.provider, selector);
  if (wrong !== undefined) return failure(wrong);
  if (selector !== undefined) return account.find(selector);
  const [only, second] = account.points;
  if (only !== undefined && second === undefined) return success(only);
  return failure(severalPoints(account));
}

/** How many points a message names. */
const NAMED = 8;

function severalPoints({ points }: CloudAccount): Diagnostic {
  const names = points.slice(0, NAMED).map(({ name }) => `\`${name}\``);
  const more = points.length > NAMED ? ` and ${points.length - NAMED} more` : '';
  const diagnostic = {
    severity: 'error',
    code: 'which-group',
    message: 'the exports have several groups, and it is not said which of them guard the host',
    expected: `one of ${names.join(', ')}${more}`,
    help: 'name it in the deployment (`securityGroups:`, `instance:`, …), or in the packet (`"groups":[…]`)',
  } as const;
  const origin = points[0]?.origin;
  return placed(diagnostic, origin);
}

/** What of a cloud stands beside the host's own configs: the part of a point, and what is known about groups. */
export interface CloudLayer {
  readonly part: ConfigPart;
  readonly facts: CloudFacts;
}

/**
 * The chains of a point as a part of the host.
 * @param exports the cloud exports among the host's files
 * @param wrapped whether the host's own firewall is given too: then packets exist that never leave the host
 * @param own the host's own end, where a deployment says who it is
 */
export function layerOf(
  account: CloudAccount,
  point: CloudPoint,
  exports: readonly ConfigPart[],
  wrapped: boolean,
  own?: Party,
): CloudLayer {
  // Whom the deployment gives an address of the family has one, whatever the export shows.
  const gives = (family: 4 | 6): boolean => (own?.[`ipv${family}`]?.length ?? 0) > 0;
  const layers = account.enforce(point, gives);
  const said = layers.lacks !== undefined && gives(layers.lacks);
  const { chains, families, facts, coverage } = said ? layers : ofOwnFamilies(layers, point.origin);
  const first = exports[0] as ConfigPart;
  const part: ConfigPart = {
    format: first.format,
    source: first.source,
    chains: wrapped ? chains.map(offLoopback) : chains,
    sets: [],
    // A family for which the host's own firewall was not given is not known, whatever the group says.
    families: wrapped ? [] : families,
    coverage: [...account.coverage, ...coverage],
  };
  return { part, facts };
}

/** No group sees what a host says to itself. */
function offLoopback(chain: Chain): Chain {
  if (chain.base === undefined) return chain;
  const field = chain.base.hook === 'cloud-ingress' ? 'in' : 'out';
  const rule: Rule = {
    match: { kind: 'interface', field, names: [{ name: 'lo', prefix: false }] },
    actions: [{ kind: 'verdict', verdict: 'accept' }],
    origin: chain.origin,
    implied: 'packets on the loopback interface never reach the cloud',
  };
  return { ...chain, rules: [rule, ...chain.rules] };
}
