import { noRules } from '../exports/problems.ts';
import { type CloudFacts, GROUP_KEYS, type GroupKind } from '../../rule/ruleset.ts';
import { isSecureTag } from '../../rule/cloud-selector.ts';
import { failure, type Result, success } from '../../text/diagnostic.ts';
import type { CloudAccount, CloudLayers, CloudPoint, CloudReader } from '../cloud.ts';
import { DIRECTIONS } from '../exports/chains.ts';
import { machinesAmong } from '../exports/one-machine.ts';
import { lackingTold } from '../exports/own-families.ts';
import type { ConfigPart } from '../reader.ts';
import type { GcpContent, GcpRule } from './content.ts';
import { accountCoverage, pointCoverage } from './coverage.ts';
import { detectGcp } from './detect.ts';
import { isExported, type World } from './ends.ts';
import { METADATA, pointChains } from './lower.ts';
import { membersOf } from './members.ts';
import { addressGroupName, buildModel, type GcpModel, isShared } from './model.ts';
import { findPoint } from './find-point.ts';
import { barePoint, type GcpPoint, pointsOf } from './points.ts';
import { exportedAddresses } from './elsewhere.ts';
import { readExport } from './read.ts';
import { rulesOf } from './sections.ts';
import { unnamed } from './trimmed-instances.ts';

/** Google Cloud: VPC firewall rules and firewall policies, as `gcloud compute` prints them. */
export const gcpReader: CloudReader = {
  provider: 'gcp',
  formats: ['gcp'],
  detect: detectGcp,
  read: (source) => readExport(source),
  account,
};

function account(parts: readonly ConfigPart[]): Result<CloudAccount> {
  const built = buildModel(parts.map((part) => part.cloud?.content as GcpContent));
  if (!built.ok) return built;
  const model = built.value;
  const errors = unnamed(model);
  if (errors.length > 0) return failure(...errors);
  if (model.firewalls.length === 0 && model.policies.length === 0)
    return failure(
      noRules(
        parts,
        'firewall rule and no policy in force',
        'the output of `gcloud compute firewall-rules list --format=json`',
      ),
    );
  const [only, second] = model.networks;
  const knows = knowsOf(model);
  return success({
    provider: 'gcp',
    points: pointsOf(model),
    ...(only !== undefined && second === undefined ? { bare: () => barePoint(model, only) } : {}),
    find: (selector) => findPoint(model, selector),
    enforce: (point, gives) => enforce(model, point, knows, gives),
    coverage: accountCoverage(model, parts),
  });
}

function enforce(
  model: GcpModel,
  point: CloudPoint,
  knows: NonNullable<CloudFacts['knows']>,
  gives: (family: 4 | 6) => boolean = () => false,
): CloudLayers {
  const said = point.content as GcpPoint;
  const shared = isShared(model, said.network);
  // Who is named by what he carries may be an instance of another project that the network is shared with.
  const unknown = (said.named && shared) || (said.lacks !== undefined && gives(said.lacks));
  const content = unknown ? { ...said, lacks: undefined } : said;
  const { members, unsaid } = membersOf(model, content.network);
  const world: World = {
    model,
    point: content,
    members,
    shared,
    unsaid,
    symbolic: new Set(),
    machines: new Set(),
    coverage: [],
  };
  const chains = DIRECTIONS.flatMap((direction) => pointChains(world, direction));
  const symbolic = [...world.symbolic].sort();
  const facts: CloudFacts = {
    symbolic,
    machineGroups: [...world.machines],
    members: new Map([...(members ?? []), ...model.addressGroups]),
    hasOthers: (id) => (world.shared && !model.addressGroups.has(id)) || world.unsaid.has(id),
    ids: new Map(),
    // In a Shared VPC tags that no rule names have members in other projects too.
    knows: (id) => knows(id) ?? (world.shared && members?.has(id) === true ? 'machines' : undefined),
    namedBy: (id) =>
      knows(id) === 'addresses' ? GROUP_KEYS : [id.includes('@') ? 'serviceAccounts' : 'tags'],
    unfiltered: METADATA,
    groups: point.groups,
    ...(point.groups.length > 0 ? {} : { lacking: targetsOf(model, content) }),
    ...(content.own === undefined ? {} : { own: content.own }),
    ...machinesAmong(content.instances),
    ...(content.keeps && content.unsaid.length === 0
      ? { elsewhere: () => exportedAddresses(model, content.network) }
      : {}),
    ownUnsaid: content.unsaid,
  };
  const coverage = [...world.coverage, ...pointCoverage(model, content, world)];
  // Where rules name machines that is told of these.
  if (content.lacks !== undefined && world.machines.size === 0)
    coverage.push(lackingTold(content.lacks, point.origin));
  return { chains, families: [4, 6], lacks: content.lacks, facts, coverage };
}

/**
 * What rules of its network are for of which an instance that carries nothing has none: these may open and close something else.
 * Of secure tags no export of instances says who carries them.
 */
function targetsOf(model: GcpModel, { network, secureTagsUnknown }: GcpPoint): readonly string[] {
  const named = rulesOf(model, network)
    .filter(({ idle }) => idle === undefined)
    .flatMap(({ targets }) => [...targets.tags, ...targets.accounts]);
  return [...new Set(named)].filter((name) => !secureTagsUnknown || !isSecureTag(name)).sort();
}

/** Tags and accounts that a rule names, as peers or as those whom it is for. */
const machinesOf = ({ source, destination, targets }: GcpRule): string[] => [
  ...source.groups,
  ...destination.groups,
  ...targets.tags,
  ...targets.accounts,
];

/**
 * What rules of any network name, as peers or as those whom they are for. A project has many rules, and each host may ask about
 * many roles: they are looked through once, when somebody asks.
 */
function knowsOf(model: GcpModel): NonNullable<CloudFacts['knows']> {
  let named: ReadonlyMap<string, GroupKind> | undefined;
  return (id) => {
    if (!isExported(id) || id.includes('@')) return 'machines';
    named ??= namedKinds(model);
    return named.get(id);
  };
}

function namedKinds(model: GcpModel): Map<string, GroupKind> {
  const kinds = new Map<string, GroupKind>();
  const rules = model.networks.flatMap((network) => rulesOf(model, network));
  for (const { source, destination } of rules)
    for (const one of [...source.addressGroups, ...destination.addressGroups])
      kinds.set(addressGroupName(one), 'addresses');
  // A name of both kinds is one of machines.
  for (const one of rules.flatMap(machinesOf)) kinds.set(one, 'machines');
  return kinds;
}
