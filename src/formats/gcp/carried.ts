import { isSecureTag } from '../../rule/cloud-selector.ts';
import type { GcpInterface } from './content.ts';
import type { GcpModel } from './model.ts';

/** What an instance carries in a network, as rules name it. */
export interface Carried {
  readonly network: string;
  readonly tags: readonly string[];
  readonly accounts: readonly string[];
}

const same = (a: readonly string[], b: readonly string[]): boolean => a.join('+') === b.join('+');
const shown = (tags: readonly string[]): string[] => tags.filter((tag) => !isSecureTag(tag));

/** The interfaces that carry just this; accounts of which nothing is said may be any. No export has secure tags. */
export function carrying(
  { interfaces }: GcpModel,
  { network, tags, accounts }: Carried,
): readonly GcpInterface[] {
  return interfaces.filter(
    (one) =>
      one.network === network &&
      same(one.tags, shown(tags)) &&
      (accounts.length === 0 || same(one.accounts, accounts)),
  );
}

/** Those of a packet’s instance: it names all that the instance carries, so that one that runs as no account comes before others. */
export function carryingAll(model: GcpModel, carried: Carried): readonly GcpInterface[] {
  const found = carrying(model, carried);
  const exact = found.filter((one) => same(one.accounts, carried.accounts));
  return exact.length > 0 ? exact : found;
}

/**
 * A host that is named by its tags alone, or by its account alone, with what the exported instances that carry just these carry
 * besides, where it is the same for all of them.
 */
export function completed(model: GcpModel, said: Carried): Carried {
  const { network, tags, accounts } = said;
  if (accounts.length === 0 && shown(tags).length > 0)
    return { ...said, accounts: common(carrying(model, said).map((one) => one.accounts)) ?? accounts };
  if (shown(tags).length > 0 || accounts.length === 0) return said;
  const running = model.interfaces.filter((one) => one.network === network && same(one.accounts, accounts));
  const besides = common(running.map((one) => one.tags)) ?? [];
  return { ...said, tags: [...new Set([...tags, ...besides])].sort() };
}

/** What all of the lists are; undefined where they differ, and where there is none. */
function common(lists: readonly (readonly string[])[]): readonly string[] | undefined {
  const [first] = lists;
  return first !== undefined && lists.every((one) => same(one, first)) ? first : undefined;
}
