import { isSecureTag } from '../../rule/cloud-selector.ts';
import type { Diagnostic } from '../../text/diagnostic.ts';
import { type GcpInterface, type GcpRule, lastOf } from './content.ts';
import type { GcpModel } from './model.ts';
import { rulesOf } from './sections.ts';

/**
 * Instances of which a format left out `tags`, which gcloud prints of each (of those that have none its `fingerprint`), or
 * `serviceAccounts`, where rules of their network or of its policies ask for these: which of the rules are for them, and whom they mean
 * by them, is not known. (https://cloud.google.com/compute/docs/reference/rest/v1/instances, tags and serviceAccounts)
 */
export function unnamed(model: GcpModel): Diagnostic[] {
  const byTags = model.interfaces.filter(({ saysTags, othersSayTags }) => !saysTags && !othersSayTags);
  const byAccounts = model.interfaces.filter(({ saysAccounts }) => !saysAccounts);
  return [
    ...inWhichNetwork(model),
    ...lackingNames('tags', model, byTags, (name) => !name.includes('@') && !isSecureTag(name)),
    ...lackingNames('serviceAccounts', model, byAccounts, (name) => name.includes('@')),
  ];
}

/** Interfaces of which a format left out the network, where there are others than `default`. */
function inWhichNetwork({ interfaces, networks }: GcpModel): Diagnostic[] {
  const unsaid = interfaces.find(({ networkUnsaid }) => networkUnsaid);
  if (unsaid === undefined || networks.every((name) => lastOf(name) === 'default')) return [];
  return [
    {
      severity: 'error',
      code: 'export-shape',
      message: `the export has no \`network\` of an interface of \`${unsaid.instance}\`, and there are several`,
      span: unsaid.span,
      expected: '`networkInterfaces[].network`, which each interface is printed with',
      help: WHOLE,
    },
  ];
}

function lackingNames(
  field: 'tags' | 'serviceAccounts',
  model: GcpModel,
  lacking: readonly GcpInterface[],
  isAsked: (name: string) => boolean,
): Diagnostic[] {
  const asks = ({ targets, source, idle }: GcpRule): boolean =>
    idle === undefined && [...targets.tags, ...targets.accounts, ...source.groups].some(isAsked);
  for (const network of new Set(lacking.map((one) => one.network))) {
    const rule = rulesOf(model, network).find(asks);
    const unsaid = lacking.find((one) => one.network === network);
    if (rule !== undefined && unsaid !== undefined) return [leftOut(field, unsaid, rule)];
  }
  return [];
}

function leftOut(field: 'tags' | 'serviceAccounts', unsaid: GcpInterface, rule: GcpRule): Diagnostic {
  const named = rule.name === '' ? (rule.span.label ?? '') : rule.name;
  return {
    severity: 'error',
    code: 'export-shape',
    message: `the export has no \`${field}\` of \`${unsaid.instance}\`, and the firewall rule \`${named}\` of its network asks for ${NAMES[field]}`,
    span: unsaid.span,
    expected: EXPECTED[field],
    help: WHOLE,
  };
}

const WHOLE = 'export whole instances: `gcloud compute instances list --format=json`';

const NAMES = { tags: 'tags', serviceAccounts: 'service accounts' } as const;
const EXPECTED = {
  tags: '`tags`, which each instance is printed with',
  serviceAccounts: '`serviceAccounts`, which each instance that has some is printed with',
} as const;
