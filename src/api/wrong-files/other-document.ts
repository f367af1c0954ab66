import type { Diagnostic } from '../../text/diagnostic.ts';
import type { SourceFile } from '../../text/source.ts';

/** How much of a file is looked at: what it is stands in its first lines. */
const LOOKED_AT = 1 << 14;

const DESCRIBE = '`aws ec2 describe-security-groups --output json`';
const LIST = '`gcloud compute firewall-rules list --format=json`';
const SHOW = '`az network nsg list --output json`';
const RULES = '`openstack security group rule list --long -f json`';
const EACH = `${DESCRIBE}, ${SHOW}, ${LIST}, ${RULES}`;

/** Documents about firewalls that are given in place of exports: what they are, by what they are known, and the export. */
const KNOWN: readonly (readonly [what: string, sign: RegExp, instead: string])[] = [
  ['a state or a plan of Terraform', /"terraform_version"\s*:/, EACH],
  ['a source of Terraform', /^\s*(?:resource|data|module|provider|variable)\s+"[^"\n]+"[^{\n]*\{/m, EACH],
  [
    'a source of Terraform',
    /"(?:resource|data)"\s*:\s*\[?\s*\{\s*"(?:aws|azurerm|google|openstack)_\w+"\s*:/,
    EACH,
  ],
  ['a state or a preview of Pulumi', /"urn"\s*:\s*"urn:pulumi:/, EACH],
  [
    'a program of Pulumi',
    /^\s*type:\s*["']?(?:aws|azure-native|gcp|openstack):[\w./-]+(?::\w+)?["']?\s*$/m,
    EACH,
  ],
  [
    'a playbook of Ansible',
    /^\s*-?\s*["']?(?:amazon\.aws\.|azure\.azcollection\.|google\.cloud\.|openstack\.cloud\.)?(?:ec2_(?:security_)?group|azure_rm_securitygroup|gcp_compute_firewall|(?:os_)?security_group_rule)["']?\s*:/m,
    EACH,
  ],
  ['a configuration of Deployment Manager', /^\s*-?\s*type:\s*["']?compute\.(?:v1|beta)\.\w+/m, LIST],
  [
    'a template of CloudFormation',
    /\bAWSTemplateFormatVersion\b|"Type"\s*:\s*"AWS::|^\s*Type:\s*["']?AWS::/m,
    DESCRIBE,
  ],
  ['a record of AWS Config', /"(?:configurationItems|[cC]onfigurationItemStatus)"\s*:/, DESCRIBE],
  [
    'what another tool made of the answers of AWS',
    /"(?:group_?[iI]d|security_?[gG]roup_?[iI]ds?)"\s*:\s*\[?\s*"sg-[0-9a-f]{8}/,
    DESCRIBE,
  ],
  ['a source of Bicep', /^\s*resource\s+\w+\s+'Microsoft\.[^']+'/m, SHOW],
  ['an answer of Cloud Asset Inventory', /"assetType"\s*:\s*"[a-z]+\.googleapis\.com\//, LIST],
  ['a template of Heat', /\bheat_template_version\b|\bOS::Neutron::/, RULES],
  ['a resource of Kubernetes', /^(?:- )?apiVersion:\s|"apiVersion"\s*:\s*"/m, EACH],
];

/**
 * Whether a file is a document about firewalls that is no export: what somebody asks a provider for, or what another tool keeps. What
 * is in force only an export says.
 */
export function otherDocument(source: SourceFile): Diagnostic | undefined {
  const text = source.text.slice(0, LOOKED_AT);
  const found = KNOWN.find(([, sign]) => sign.test(text));
  if (found === undefined) return undefined;
  const [what, , instead] = found;
  const start = Math.max(0, text.search(/\S/));
  return {
    severity: 'error',
    code: 'other-document',
    message: `this is ${what}, and no export of what is in force`,
    span: { file: source, start, end: start + 1, withheld: true },
    expected: 'JSON as the provider’s command line prints it',
    help: `export the account: ${instead}`,
  };
}
