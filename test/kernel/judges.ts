import { afterAll, beforeAll } from 'vitest';
import { Judge } from './judge.ts';
import type { HostKind } from './topology.ts';

/** A judge of each kind of host. */
export type Judges = Record<HostKind, Judge>;

/**
 * Opens the judges before the tests of a suite, and closes them behind.
 *
 * @param ready what else is done with them first
 * @returns empty until then
 */
export function openJudges(ready?: (judges: Judges) => Promise<unknown>): Readonly<Judges> {
  const judges = {} as Judges;
  beforeAll(async () => {
    const [sink, router] = await Promise.all([Judge.open('sink'), Judge.open('router')]);
    Object.assign(judges, { sink, router });
    await ready?.(judges);
  });
  afterAll(async () => {
    await Promise.all(Object.values(judges).map((judge) => judge.close()));
  });
  return judges;
}
