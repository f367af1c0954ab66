import type { Diagnostic } from '../../text/diagnostic.ts';
import type { SourceFile } from '../../text/source.ts';

/** How much of a file is looked at: what it is stands in its first lines. */
const LOOKED_AT = 1 << 13;

/** A provider's command, and how it is told to print JSON. */
interface Command {
  readonly name: string;
  readonly json: string;
}

const AWS: Command = { name: '`aws`', json: '`--output json`' };
const AZ: Command = { name: '`az`', json: '`--output json`' };
const GCLOUD: Command = { name: '`gcloud`', json: '`--format=json`' };
const OPENSTACK: Command = { name: '`openstack`', json: '`-f json`' };

/** What the commands print where they are not asked for JSON, which for all but two is what they do by themselves. */
const PRINTED: readonly (readonly [command: Command, form: string, start: RegExp])[] = [
  [
    AWS,
    'YAML',
    /^(?:- )?(?:SecurityGroups|SecurityGroupRules|NetworkInterfaces|NetworkAcls|PrefixLists|Entries|Subnets|Vpcs|Reservations):\s*(?:\[\]\s*)?$/m,
  ],
  [AWS, 'a table', /^-{5,}\s*\n\|\s*(?:Describe|GetManagedPrefixList)\w+\s*\|/],
  [
    AWS,
    'text',
    /^(?:SECURITYGROUPS|SECURITYGROUPRULES|NETWORKINTERFACES|NETWORKACLS|PREFIXLISTS|ENTRIES|SUBNETS|VPCS|RESERVATIONS)\t/,
  ],
  [AZ, 'YAML', /^(?:- )?(?:defaultSecurityRules|securityRules|ipConfigurations):\s*(?:\[\]\s*)?$/m],
  [AZ, 'a table', /^Name\s+(?:ResourceGroup\s+)?Priority\s+SourcePortRanges\s/],
  [AZ, 'a table', /^(?:\w+\s+)*?Location\s+(?:MacAddress\s+)?Name\s+(?:\w+\s+)*?ProvisioningState\s/],
  [AZ, 'TSV', /^[^\n]*\t\/subscriptions\/[^\t\n]*\/providers\/Microsoft\.Network\//i],
  [GCLOUD, 'CSV', /^name,(?:\w+,)*(?:network|direction|priority|source_ranges)\b/],
  [GCLOUD, 'flattened text', /^(?:allowed|denied|associations|rules)\[\d+\]\./m],
  [GCLOUD, 'YAML', /^(?:- )? *kind: compute#/m],
  [GCLOUD, 'a table', /^NAME\s+NETWORK\s+DIRECTION\s+PRIORITY\s/],
  [GCLOUD, 'a table', /^TYPE\s+(?:SECURITY_POLICY_ID|FIREWALL_POLICY_NAME)\s/],
  [OPENSTACK, 'a table', /^\+-+\+[-+]*\s*\n\|\s*(?:ID|Field)\s*\|/],
  [
    OPENSTACK,
    'YAML',
    /^(?:- )? *(?:IP Protocol|security_group_id|remote_ip_prefix|Fixed IP Addresses|Networks):/m,
  ],
  // A list of groups has no column of its own: keys are sorted.
  [OPENSTACK, 'YAML', /^- Description:.*\n {2}ID:/m],
  [OPENSTACK, 'CSV', /^"ID","(?:IP Protocol|Name)",/],
];

/**
 * Whether a file has what a provider's command prints in another form than JSON, or what its interface answers in XML.
 *
 * @returns an error that says which, and how JSON is printed; undefined where the file is no such thing
 */
export function otherPrint(source: SourceFile): Diagnostic | undefined {
  const text = source.text.slice(0, LOOKED_AT);
  if (/^\s*[[{]/.test(text)) return undefined;
  const start = Math.max(0, text.search(/\S/));
  if (/^\s*<(?:!doctype html|html)\b/i.test(text))
    return told(source, start, 'this is a web page', 'save what the provider’s command line prints');
  if (/^\s*<(?:\?xml\b|[A-Z]\w*[\s>])/.test(text))
    return told(
      source,
      start,
      'this is XML; exports of clouds are read in JSON',
      'export with the provider’s command line (`aws ec2 … --output json`)',
    );
  for (const [{ name, json }, form, begins] of PRINTED)
    if (begins.test(text))
      return told(
        source,
        start,
        `this is what ${name} prints as ${form}; its exports are read in JSON`,
        `export again with ${json}`,
      );
  return undefined;
}

/** JSON with what a terminal shows beside it: a prompt, a warning of the command line, colours (`az -o jsonc`). */
export function terminalText(source: SourceFile): Diagnostic | undefined {
  const text = source.text.slice(0, LOOKED_AT);
  if (text.includes('\u001b['))
    return told(
      source,
      0,
      'the text has the colours of a terminal',
      'export again into the file and without colours (`az … -o json` in place of `jsonc`)',
    );
  const start = text.search(/\S/);
  if (text.search(/^[[{]\s*(?:\{\s*)?"[^"\n]*"\s*:/m) <= start) return undefined;
  return told(
    source,
    start,
    'something stands before the JSON',
    'keep in the file what the command prints on standard output, without a prompt and without warnings (not `2>&1`)',
  );
}

function told(source: SourceFile, start: number, message: string, help: string): Diagnostic {
  return {
    severity: 'error',
    code: 'export-not-json',
    message,
    span: { file: source, start, end: start + 1, withheld: true },
    expected: 'JSON as the provider’s command line prints it',
    help,
  };
}
