import { type CloudSelector, isSecureTag } from '../../rule/cloud-selector.ts';
import type { CloudContent } from '../../formats/reader.ts';
import { type Diagnostic, placed } from '../../text/diagnostic.ts';

type Key = Exclude<keyof CloudSelector, 'span' | 'groups'>;

/** What a host may say of each provider's exports. */
const READ: Readonly<Record<CloudContent['provider'], readonly Key[]>> = {
  aws: ['securityGroups', 'instance'],
  azure: [
    'networkSecurityGroups',
    'securityGroups',
    'applicationSecurityGroups',
    'instance',
    'virtualNetwork',
  ],
  gcp: ['networkTags', 'serviceAccounts', 'securityGroups', 'instance', 'network', 'region'],
  openstack: ['securityGroups', 'instance'],
};

/** What says where the instance is, and not what guards it. */
const PLACE: ReadonlySet<Key> = new Set(['virtualNetwork', 'network', 'region']);

/**
 * What a host says and nobody would look at: keys of another provider's exports, and two answers to the question what guards it. An
 * export of instances says what these carry; secure tags of Google Cloud alone it does not say.
 */
export function selectorProblem(
  provider: CloudContent['provider'],
  selector: CloudSelector,
): Diagnostic | undefined {
  const said = (Object.keys(selector) as (keyof CloudSelector)[]).filter(
    (key): key is Key => key !== 'span' && key !== 'groups',
  );
  const read = READ[provider];
  const foreign = said.find((key) => !read.includes(key));
  if (foreign !== undefined)
    return placed(
      {
        severity: 'error',
        code: 'key-of-another-cloud',
        message: `\`${foreign}:\` means nothing in the exports of ${provider}`,
        expected: `one of ${read.map((key) => `\`${key}:\``).join(', ')}`,
      },
      selector.span,
    );
  if (selector.networkTags?.length === 0 && selector.instance === undefined)
    return placed(NO_TAG, selector.span);
  const [first, second] = waysOf(said, selector);
  return second === undefined ? undefined : placed(twoWays(first as Key, second), selector.span);
}

/** Of an instance that the exports have it says that it has no secure tag; else it names no host. */
const NO_TAG: Omit<Diagnostic, 'span'> = {
  severity: 'error',
  code: 'no-tag',
  message: '`networkTags:` is empty, and so names no host',
  expected: 'a tag, or `instance:` beside it, of which an empty list says that it has no secure tags',
};

/** Answers that cannot stand together, where there are two. */
function waysOf(said: readonly Key[], { networkTags = [] }: CloudSelector): readonly Key[] {
  const combined = networkTags.every(isSecureTag);
  if (said.includes('instance'))
    return [
      'instance',
      ...said.filter((key) => key !== 'instance' && !PLACE.has(key) && !(key === 'networkTags' && combined)),
    ];
  return said.filter((key) => key === 'networkSecurityGroups' || key === 'securityGroups');
}

function twoWays(first: Key, second: Key): Omit<Diagnostic, 'span'> {
  return {
    severity: 'error',
    code: 'two-selectors',
    message: `\`${first}:\` and \`${second}:\` each say what guards the host`,
    expected: 'one of the two',
  };
}
