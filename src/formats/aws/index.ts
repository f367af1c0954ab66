import { noRules } from '../exports/problems.ts';
import type { CloudFacts, CoverageEntry } from '../../rule/ruleset.ts';
import { failure, type Result, success } from '../../text/diagnostic.ts';
import type { CloudAccount, CloudReader } from '../cloud.ts';
import type { ConfigPart } from '../reader.ts';
import { type AwsModel, buildModel } from './account.ts';
import type { AwsContent } from './content.ts';
import { detectAws } from './detect.ts';
import { enforce } from './enforce.ts';
import { findPoint, pointsOf } from './points.ts';
import { readExport } from './read.ts';

/** AWS: security groups, network ACLs and what they refer to, as the `aws ec2` commands print them. */
export const awsReader: CloudReader = {
  provider: 'aws',
  formats: ['aws'],
  detect: detectAws,
  read: (source) => readExport(source),
  account,
};

function account(parts: readonly ConfigPart[]): Result<CloudAccount> {
  const built = buildModel(parts.map((part) => part.cloud?.content as AwsContent));
  if (!built.ok) return built;
  const model = built.value;
  if (model.groups.size === 0)
    return failure(noRules(parts, 'security group', 'the output of `aws ec2 describe-security-groups`'));
  const shared: Pick<CloudFacts, 'members' | 'ids'> = {
    members: model.hasInterfaces ? new Map([...model.members, ...model.lists]) : model.lists,
    ids: uniqueNames(model),
  };
  return success({
    provider: 'aws',
    points: pointsOf(model),
    find: (selector) => findPoint(model, selector),
    enforce: (point) => enforce(model, point, shared),
    coverage: unseen(model, parts),
  });
}

/** Ids by name; a name that groups of several networks or accounts have names none of them. */
function uniqueNames(model: AwsModel): Map<string, string> {
  const found = new Map<string, string>();
  const several = new Set<string>();
  for (const { id, name } of model.groups.values()) {
    if (name === undefined) continue;
    if (found.has(name)) several.add(name);
    found.set(name, id);
  }
  for (const name of several) found.delete(name);
  return found;
}

/** What the exports cannot show, told once for the account. */
function unseen(model: AwsModel, parts: readonly ConfigPart[]): CoverageEntry[] {
  const first = parts[0] as ConfigPart;
  const span = { file: first.source, start: 0, end: 0, label: 'the whole account' };
  const found: CoverageEntry[] = [];
  const tell = (reason: string): void => {
    found.push({ span, status: 'approximated', reason });
  };
  if (!model.hasInterfaces)
    tell(
      'no network interfaces were given: each group is judged by itself, unions of groups on one interface could not be seen, and members of groups are not known',
    );
  if (!model.hasAcls) tell('no network ACLs were given: what they close is not seen');
  else if (!model.hasInterfaces)
    tell(
      'network ACLs were given, and no interfaces: which subnet a group is in is not known, so they are not applied',
    );
  const carried = new Set(model.interfaces.flatMap(({ groups }) => groups));
  for (const { id, span: own } of model.groups.values())
    if (model.hasInterfaces && !carried.has(id))
      found.push({
        span: own,
        status: 'ignored',
        reason: 'no exported interface carries the group; it guards nothing',
      });
  return found;
}
