import type { CoverageEntry } from '../../rule/ruleset.ts';
import type { ConfigPart } from '../reader.ts';
import type { GcpContent, GcpInterface, GcpRule } from './content.ts';
import type { GcpModel } from './model.ts';
import { isSecureTag } from '../../rule/cloud-selector.ts';
import { isExported, type World } from './ends.ts';
import { answersOfWhat } from './answers.ts';
import { carriedAt, type GcpPoint, originOf, shortNetwork } from './points.ts';
import { rulesFor, rulesOf, sectionsOf } from './sections.ts';
import { trimmedRules } from './trimmed-rules.ts';
import { notOfProfile, unusedRules } from './unused.ts';

/** What the exports cannot show, told once for the project. */
export function accountCoverage(model: GcpModel, parts: readonly ConfigPart[]): CoverageEntry[] {
  const span = { file: (parts[0] as ConfigPart).source, start: 0, end: 0, label: 'the whole project' };
  const found: CoverageEntry[] = [];
  const tell = (reason: string): void => {
    found.push({ span, status: 'approximated', reason });
  };
  if (!model.hasInstances)
    tell(
      'no instances were given: each tag and each service account is judged by itself, instances that carry several could not be seen, and members of tags and service accounts are not known',
    );
  if (model.policies.length === 0)
    tell('no firewall policies were given: what hierarchical and network policies open or close is not seen');
  tell(
    'Google Cloud itself blocks some traffic with external addresses (TCP port 25 outwards in some projects, most protocols but TCP, UDP, ICMP, SCTP, AH, ESP, IPIP and GRE); no export says so, and rules are taken at their word',
  );
  return [
    ...found,
    ...orderCoverage(model, span),
    ...policyCoverage(model, parts),
    ...answersOfWhat(model, parts),
    ...rulesOneByOne(model, parts),
    ...trimmedRules(model.firewalls),
    ...unsaidOfInstances(model),
    ...idleRules(model),
    ...notOfProfile(model),
    ...unusedRules(model),
  ];
}

/** Without the network's own export the default order is taken. */
function orderCoverage(model: GcpModel, span: CoverageEntry['span']): CoverageEntry[] {
  return model.networks.flatMap((network): CoverageEntry[] => {
    const matters = model.policies.some(
      ({ policy, networks }) =>
        (policy.kind === 'network' || policy.kind === 'region') && networks?.includes(network) === true,
    );
    const stated = model.stated.get(network);
    if (!matters || stated?.saysOrder === true || model.profiles.get(network) === 'roce') return [];
    const name = shortNetwork(model, network);
    const lacking =
      stated === undefined ? 'was not given' : 'does not say the order of its rules and policies';
    const reason = `the network \`${name}\` ${lacking}: its policies are taken to be evaluated after VPC firewall rules, which is the default (AFTER_CLASSIC_FIREWALL)`;
    return [{ span, status: 'approximated', reason }];
  });
}

function policyCoverage(model: GcpModel, parts: readonly ConfigPart[]): CoverageEntry[] {
  const loose = parts
    .flatMap((part) => (part.cloud?.content as GcpContent | undefined)?.policies ?? [])
    .filter(({ attached }) => attached.length === 0)
    .filter(({ name }) => !model.policies.some(({ policy }) => policy.name === name))
    .map(
      ({ span }): CoverageEntry => ({
        span,
        status: 'ignored',
        reason: 'the policy is associated with nothing; it guards nothing',
      }),
    );
  const folders = model.policies
    .filter(({ policy, networks }) => policy.kind === 'hierarchy' && networks === undefined)
    .filter(({ policy }) => policy.attached.some(({ target }) => target.includes('folders/')))
    .map(
      ({ policy }): CoverageEntry => ({
        span: policy.span,
        status: 'approximated',
        reason:
          'the policy is of a folder, and the export does not say that the project is in it; it is taken for in force, after those of the organization (`get-effective-firewalls` says it for sure)',
      }),
    );
  return [...loose, ...folders];
}

/** `gcloud compute firewall-rules describe` prints one rule, and none says that there are no others. */
function rulesOneByOne({ firewalls }: GcpModel, parts: readonly ConfigPart[]): CoverageEntry[] {
  const [first] = firewalls;
  const isListed = parts.some((part) => (part.cloud?.content as GcpContent | undefined)?.hasLists);
  if (first === undefined || isListed) return [];
  const reason =
    'rules were given one by one; they are taken to be all VPC firewall rules (`gcloud compute firewall-rules list` prints all)';
  return [{ span: first.rule.span, status: 'approximated', reason }];
}

/** What a format of gcloud, as `--format="json(name,networkInterfaces)"`, left out of instances: each told once, at the first. */
function unsaidOfInstances({ interfaces }: GcpModel): CoverageEntry[] {
  const tell = (of: readonly GcpInterface[], what: string): CoverageEntry[] => {
    const [first] = of;
    if (first === undefined) return [];
    const more = new Set(of.map(({ instance }) => instance)).size - 1;
    const names = `\`${first.instance}\`${more === 0 ? '' : ` and ${more} more`}`;
    return [
      { span: first.span, status: 'approximated', reason: `the export has no ${what.replace('…', names)}` },
    ];
  };
  return [
    ...tell(
      interfaces.filter(({ unsaid }) => unsaid.length > 0),
      'addresses of interfaces of …: members of what they carry may have others than the export says',
    ),
    ...tell(
      interfaces.filter(({ saysTags }) => !saysTags),
      '`tags` of …: taken to carry none',
    ),
  ];
}

function idleRules(model: GcpModel): CoverageEntry[] {
  return model.networks
    .flatMap((network) => rulesOf(model, network))
    .flatMap(({ span, idle }) => (idle === undefined ? [] : [{ span, status: 'ignored', reason: idle }]));
}

/** What is uncertain at one point. */
export function pointCoverage(
  model: GcpModel,
  point: GcpPoint,
  world: Pick<World, 'members' | 'shared' | 'symbolic' | 'machines'>,
): CoverageEntry[] {
  const symbolic = [...world.symbolic];
  const own = sectionsOf(model, point.network)
    .flatMap((section) => rulesFor(section, carriedAt(point, section)))
    .filter(({ idle }) => idle === undefined);
  const elsewhere = [
    ...unseenMembers(model, point, world),
    ...otherRegions(model, point),
    ...secureTargets(own, point),
  ];
  if (!point.named) return [...severalGroups(own, symbolic), ...elsewhere];
  const all = rulesOf(model, point.network).filter(({ idle }) => idle === undefined);
  return [...severalGroups(own, symbolic), ...elsewhere, ...otherTargets(all, point)];
}

/** Who else carries the tags and accounts that rules name. */
function unseenMembers(
  model: GcpModel,
  { network }: GcpPoint,
  { members, shared, machines }: Pick<World, 'members' | 'shared' | 'machines'>,
): CoverageEntry[] {
  const named = [...machines].filter(isExported);
  if (!model.hasInstances || named.length === 0 || (members !== undefined && !shared)) return [];
  const name = shortNetwork(model, network);
  const reason =
    members === undefined
      ? `no exported instance is in the network \`${name}\`: members of tags and service accounts are not known`
      : `the network \`${name}\` is a Shared VPC: instances of projects that were not exported may be in it, and members of tags and service accounts beside the exported ones stay symbolic`;
  return [{ span: originOf(model, network), status: 'approximated', reason }];
}

/** Where the host is only the deployment says: policies that are not applied on its word are told. */
function otherRegions(model: GcpModel, { network, region, regionSaid }: GcpPoint): CoverageEntry[] {
  if (!regionSaid) return [];
  return sectionsOf(model, network).flatMap((section): CoverageEntry[] => {
    if (section.kind !== 'policy') return [];
    const { policy } = section.placed;
    if (policy.kind !== 'region' || policy.region === undefined) return [];
    if (policy.region === region) return [];
    const reason = `the policy is of the region \`${policy.region}\`, and the deployment says that the host is in \`${region}\`; it is not applied`;
    return [{ span: policy.span, status: 'ignored', reason }];
  });
}

/** A peer that carries two tags at once can be denied by the one and allowed by the other. */
function severalGroups(rules: readonly GcpRule[], symbolic: readonly string[]): CoverageEntry[] {
  const names = (rule: GcpRule): readonly string[] => {
    const end = rule.direction === 'ingress' ? rule.source : rule.destination;
    return [...end.groups, ...end.addressGroups];
  };
  const denying = rules.find((rule) => rule.action !== 'allow' && names(rule).length > 0);
  if (denying === undefined || symbolic.length < 2) return [];
  const reason =
    'the rule names a tag, a service account or an address group whose members nobody gave, and is not one that allows: a peer that is of several such is judged by `trace` only';
  return [{ span: denying.span, status: 'approximated', reason }];
}

/** Rules that may be for the instance: an export of instances does not have the bindings of secure tags. */
function secureTargets(rules: readonly GcpRule[], point: GcpPoint): CoverageEntry[] {
  if (!point.secureTagsUnknown) return [];
  return rules.flatMap(({ targets, span }): CoverageEntry[] => {
    const { tags, accounts } = targets;
    if (tags.some((tag) => point.tags.has(tag)) || accounts.some((one) => point.accounts.has(one))) return [];
    if (!tags.some(isSecureTag)) return [];
    const reason =
      'the rule is for instances with a secure tag, and which have it stands in no export of instances: what it decides is told of members of the tag (name the host with `networkTags:` if it carries one; beside `instance:` an empty list says that it carries none)';
    return [{ span, status: 'approximated', reason }];
  });
}

/** A host that is named by its tags alone is taken to run as no service account that a rule is for. */
function otherTargets(
  rules: readonly GcpRule[],
  { tags, accounts, secureTagsUnknown }: GcpPoint,
): CoverageEntry[] {
  // Of secure tags that the host may have secureTargets tells.
  const isOther = (tag: string): boolean => !secureTagsUnknown || !isSecureTag(tag);
  const find = (of: (rule: GcpRule) => readonly string[]) => rules.find((rule) => of(rule).length > 0);
  const byAccount = accounts.size === 0 ? find(({ targets }) => targets.accounts) : undefined;
  const byTag = tags.size === 0 ? find(({ targets }) => targets.tags.filter(isOther)) : undefined;
  const secure = find(({ targets }) => (tags.size > 0 ? targets.tags.filter(isSecureTag) : []));
  const bySecureTag = secureTagsUnknown || [...tags].some(isSecureTag) ? undefined : secure;
  const tell = (rule: GcpRule | undefined, what: string, key: string): CoverageEntry[] =>
    rule === undefined
      ? []
      : [
          {
            span: rule.span,
            status: 'approximated',
            reason: `the host is named without ${what}: this rule, and others for ${what} that it may have, are not applied to it (name them with \`${key}\`)`,
          },
        ];
  return [
    ...tell(byAccount, 'a service account', 'serviceAccount:'),
    ...tell(byTag, 'tags', 'networkTags:'),
    ...tell(bySecureTag, 'secure tags', 'networkTags:'),
  ];
}
