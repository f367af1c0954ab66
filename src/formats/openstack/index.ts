import { noRules } from '../exports/problems.ts';
import type { CoverageEntry } from '../../rule/ruleset.ts';
import { failure, type Result, success } from '../../text/diagnostic.ts';
import type { CloudAccount, CloudReader } from '../cloud.ts';
import type { ConfigPart } from '../reader.ts';
import type { OpenstackContent } from './content.ts';
import { detectOpenstack } from './detect.ts';
import { enforce, knowsOf } from './enforce.ts';
import { buildModel, type OpenstackModel } from './model.ts';
import { barePoint, findPoint, pointsOf } from './points.ts';
import { readExport } from './read.ts';

/** OpenStack: security groups, ports and address groups of Networking, as the API and the `openstack` command have them. */
export const openstackReader: CloudReader = {
  provider: 'openstack',
  formats: ['openstack'],
  detect: detectOpenstack,
  read: (source) => readExport(source),
  account,
};

function account(parts: readonly ConfigPart[]): Result<CloudAccount> {
  const built = buildModel(parts.map((part) => part.cloud?.content as OpenstackContent));
  if (!built.ok) return built;
  const model = built.value;
  const points = pointsOf(model);
  const knows = knowsOf(model);
  const known = model.groups.size > 0 || model.ports.some(({ security }) => security === false);
  if (!known || points.length === 0)
    return failure(
      noRules(
        parts,
        'security group with its rules',
        'the output of `openstack security group rule list --long -f json`',
      ),
    );
  return success({
    provider: 'openstack',
    points,
    find: (selector) => findPoint(model, selector),
    bare: (own) => barePoint(model, own),
    enforce: (point) => enforce(model, point, knows),
    coverage: unseen(model, parts),
  });
}

/** What the exports cannot show, told once for the project. */
function unseen(model: OpenstackModel, parts: readonly ConfigPart[]): CoverageEntry[] {
  const span = { file: (parts[0] as ConfigPart).source, start: 0, end: 0, label: 'the whole project' };
  const found: CoverageEntry[] = [];
  if (model.ports.length === 0)
    found.push({
      span,
      status: 'approximated',
      reason: model.hasPorts
        ? 'all ports that were given are Neutron’s own: each group is judged by itself'
        : 'no ports were given: each group is judged by itself, unions of groups on one port and ports without port security could not be seen, and members of groups are not known',
    });
  else if (!model.hasPorts)
    found.push({
      span,
      status: 'approximated',
      reason: 'only single ports were given, and no list of them: members of groups are not known',
    });
  const pairless = model.ports.find(({ pairs }) => pairs === undefined);
  if (pairless !== undefined)
    found.push({
      span: pairless.span,
      status: 'approximated',
      reason: pairless.typed
        ? 'the export does not say which further addresses ports may use (allowed address pairs): members of groups and senders are their fixed addresses (`openstack port show` has them)'
        : 'the export does not say which further addresses ports may use (allowed address pairs), nor of which type they are: members of groups and senders are their fixed addresses, and groups are taken to filter all of them, which they need not where a port is of SR-IOV (`openstack port show` has both)',
    });
  return [...found, ...rulesOneByOne(parts), ...unsaidStateful(model), ...unusedGroups(model)];
}

/** `openstack security group rule show` prints one rule, and none says that its group has no others: told of each group. */
function rulesOneByOne(parts: readonly ConfigPart[]): CoverageEntry[] {
  const contents = parts.map((part) => part.cloud?.content as OpenstackContent);
  if (contents.some(({ allRules }) => allRules)) return [];
  const shown = new Set(contents.flatMap(({ shownRules }) => shownRules));
  const listed = contents.flatMap(({ rules }) => rules).filter((rule) => !shown.has(rule));
  const whole = contents.flatMap(({ groups }) => groups).filter(({ rules }) => rules !== undefined);
  const known = new Set([...listed.map(({ group }) => group), ...whole.map(({ id }) => id)]);
  const reason =
    'rules of the group were given one by one; they are taken to be all that it has (`openstack security group show` has all)';
  return [...shown].flatMap(({ group, span }): CoverageEntry[] => {
    if (known.has(group)) return [];
    known.add(group);
    return [{ span, status: 'approximated', reason }];
  });
}

/** Lists of the command line do not say it. (https://docs.openstack.org/api-ref/network/v2/index.html#stateful-security-groups) */
function unsaidStateful(model: OpenstackModel): CoverageEntry[] {
  const group = [...model.groups.values()].find(({ stateful }) => stateful === undefined);
  if (group === undefined) return [];
  const reason =
    'the export does not say whether groups are stateful: they are taken for that, which is the default (`openstack security group show` says it)';
  return [{ span: group.span, status: 'approximated', reason }];
}

function unusedGroups(model: OpenstackModel): CoverageEntry[] {
  const carried = new Set(model.ports.flatMap(({ groups }) => groups));
  const ignored = (span: CoverageEntry['span'], reason: string): CoverageEntry => ({
    span,
    status: 'ignored',
    reason,
  });
  const unused = [...model.groups.values()].filter(({ id }) => model.hasPorts && !carried.has(id));
  return [
    ...unused.map(({ span }) => ignored(span, 'no exported port carries the group; it guards nothing')),
    ...model.withoutRules
      .filter(({ id }) => !carried.has(id))
      .map(({ span }) => ignored(span, 'the rules of the group were not given; it is not judged')),
  ];
}
