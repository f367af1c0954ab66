import type { CloudSelector } from '../rule/cloud-selector.ts';
import { readAddresses, textsOf } from './addresses.ts';
import type { Located } from './located.ts';
import type { Complaints } from './ports.ts';

/** What a host's entry says of the point of a cloud that guards it; undefined where it says nothing. */
export function readSelector(host: Located, complaints: Complaints): CloudSelector | undefined {
  const texts = (...keys: string[]): string[] =>
    keys.flatMap((key) => textsOf(host.entries?.get(key)).map((text) => String(text.value)));
  const list = (name: keyof CloudSelector, ...keys: string[]): Partial<CloudSelector> => {
    const found = texts(...keys);
    return found.length === 0 ? {} : { [name]: found };
  };
  const one = (name: 'instance' | 'network' | 'region'): Partial<CloudSelector> => {
    const [text] = texts(name);
    return text === undefined ? {} : { [name]: text };
  };
  const spaces = textsOf(host.entries?.get('virtualNetwork'));
  const named: Partial<CloudSelector> = {
    ...list('securityGroups', 'securityGroups'),
    ...list('networkSecurityGroups', 'networkSecurityGroup', 'networkSecurityGroups'),
    ...list('applicationSecurityGroups', 'applicationSecurityGroups'),
    ...list('networkTags', 'networkTag', 'networkTags'),
    ...(host.entries?.get('networkTags')?.items?.length === 0 ? { networkTags: [] } : {}),
    ...list('serviceAccounts', 'serviceAccount', 'serviceAccounts'),
    ...one('instance'),
    ...one('network'),
    ...one('region'),
    ...(spaces.length === 0 ? {} : { virtualNetwork: spacesOf(spaces, complaints) }),
  };
  return Object.keys(named).length === 0 ? undefined : { ...named, span: host.span };
}

function spacesOf(
  texts: readonly Located[],
  complaints: Complaints,
): NonNullable<CloudSelector['virtualNetwork']> {
  return readAddresses(texts, complaints);
}
