import type { SourceFile } from '../../text/source.ts';
import type { InputFormat } from '../reader.ts';
import { OTHER_LISTS } from './other-lists.ts';

/** How much of a file is looked at: an export says what it is in its first names. */
const LOOKED_AT = 1 << 16;

/** Names of lists that only these exports have, and names that their items have. */
const LISTS =
  /"(?:SecurityGroups|SecurityGroupRules|NetworkInterfaces|NetworkAcls|PrefixLists|Reservations|Vpcs)"\s*:\s*\[/;
/** Azure PowerShell has a list of this name too, of what a group is attached to. */
const SUBNETS = /"Subnets"\s*:\s*\[\s*(?:\]|\{[\s\S]*"SubnetId")/;
const AZURE = /"(?:Default)?SecurityRules"\s*:/;
const ENTRIES = /"Entries"\s*:\s*\[\s*(?:\]|\{\s*"(?:Cidr|Description)")/;

/** Items without the list around them, as `--query` prints them. */
const ITEMS =
  /"(?:IpPermissions|IpPermissionsEgress|SecurityGroupRuleId|NetworkAclAssociationId|NetworkInterfaceId|ReservationId|PrefixListArn|SubnetArn|DhcpOptionsId)"\s*:/;

/** What queries kept of items, side by side in an object in any order: an id as only AWS makes it, and what is read of such an item. */
const KEPT = [
  [idOf('GroupId', 'sg'), '"IsEgress"'],
  [idOf('SubnetId', 'subnet'), '"CidrBlock"'],
  [idOf('PrefixListId', 'pl'), '"PrefixListName"'],
  [idOf('InstanceId', 'i'), '"(?:SecurityGroups|NetworkInterfaces)"'],
].map(([id, field]) => new RegExp(`${id}[^{}]*${field}\\s*:|${field}[^{}]*${id}`));

function idOf(name: string, start: string): string {
  return `"${name}"\\s*:\\s*"${start}-`;
}

/** A document that is one of the other lists; a page may say first that another follows. */
const OTHERS = new RegExp(
  `^\\s*\\[?\\s*\\{\\s*(?:"NextToken"\\s*:\\s*(?:"[^"]*"|null)\\s*,\\s*)?"(?:${OTHER_LISTS.join('|')})"\\s*:\\s*[[{]`,
);

/** `describe-tags`, and attributes of one instance or VPC: the id stands first or last. */
const TAGS = /^\s*\{\s*"Tags"\s*:\s*\[\s*\{[^{}]*"ResourceType"\s*:/;
const ID = '"(?:InstanceId|VpcId)"\\s*:\\s*"(?:i|vpc)-[0-9a-f]+"';
const ATTRIBUTE = new RegExp(`^\\s*\\{\\s*(?:${ID}\\s*,|"[A-Z]\\w*"\\s*:\\s*[[{].*${ID}\\s*\\}\\s*$)`, 's');

/** Whether a file is an export of the `aws ec2` commands. */
export function detectAws(source: SourceFile): InputFormat | undefined {
  const text = source.text.slice(0, LOOKED_AT);
  if (!/^\s*[[{]/.test(text)) return undefined;
  if (AZURE.test(text)) return undefined;
  const signs = [LISTS, ITEMS, ...KEPT, SUBNETS, ENTRIES, OTHERS, TAGS, ATTRIBUTE];
  return signs.some((sign) => sign.test(text)) ? 'aws' : undefined;
}
