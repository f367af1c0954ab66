import type { SourceFile } from '../../text/source.ts';
import type { InputFormat } from '../reader.ts';

/** How much of a file is looked at: an export says what it is in its first names. */
const LOOKED_AT = 1 << 16;

const GROUP =
  /"(?:securityRules|defaultSecurityRules)"\s*:|microsoft\.network\/(?:networksecuritygroups|networkinterfaces)\b/i;
const RULES = /"(?:destinationPortRanges?|sourceAddressPrefix(?:es)?)"\s*:/i;
/** Any resource: of which kind it is, reading tells. */
const RESOURCE = /"type"\s*:\s*"microsoft\.\w+\/\w+/i;
/** Microsoft's file writes the number as one, the API as a text. */
const TAGS = /"change_?number"\s*:\s*"?\d+[\s\S]*"address_?prefixes"\s*:/i;

/** Whether a file is an export of network security groups or interfaces, or Microsoft's list of service tags. */
export function detectAzure(source: SourceFile): InputFormat | undefined {
  const text = source.text.slice(0, LOOKED_AT);
  if (!/^\s*[[{]/.test(text) || text.includes('"terraform_version"')) return undefined;
  return [GROUP, RULES, TAGS, RESOURCE].some((sign) => sign.test(text)) ? 'azure' : undefined;
}
