import { afterAll, beforeAll } from 'vitest';
import { Judge } from './judge.ts';
import type { HostKind } from './topology.ts';

/** A judge of each kind of host. */
export type Judges = Record<HostKind, Judge>;

/** Judges of one kind, each for one user at a time. */
class Pool {
  readonly all: Judge[] = [];
  private readonly free: Judge[] = [];
  private readonly waiting: ((judge: Judge) => void)[] = [];

  add(judge: Judge): void {
    this.all.push(judge);
    this.free.push(judge);
  }

  async use<T>(work: (judge: Judge) => Promise<T>): Promise<T> {
    const judge = this.free.pop() ?? (await new Promise<Judge>((resolve) => this.waiting.push(resolve)));
    try {
      return await work(judge);
    } finally {
      const next = this.waiting.shift();
      if (next === undefined) this.free.push(judge);
      else next(judge);
    }
  }
}

/** Several judges of each kind: nearly all of a judgement is waiting for the kernel, which namespaces can do side by side. */
export class JudgePools {
  private readonly pools: Readonly<Record<HostKind, Pool>> = { sink: new Pool(), router: new Pool() };

  /** Does something with a judge that nobody else has meanwhile, as soon as there is one. */
  async use<T>(kind: HostKind, work: (judge: Judge) => Promise<T>): Promise<T> {
    return this.pools[kind].use(work);
  }

  /** Opens so many of each kind. */
  async open(pairs: number, ready?: (judges: Judges) => Promise<unknown>): Promise<void> {
    const one = async (): Promise<void> => {
      const [sink, router] = await Promise.all([Judge.open('sink'), Judge.open('router')]);
      this.pools.sink.add(sink);
      this.pools.router.add(router);
      await ready?.({ sink, router });
    };
    await Promise.all(Array.from({ length: pairs }, one));
  }

  async close(): Promise<void> {
    const all = Object.values(this.pools).flatMap((pool) => pool.all);
    await Promise.all(all.map((judge) => judge.close()));
  }
}

/** As many tests as vitest runs side by side have a judge each, whatever kinds they ask for. */
const PAIRS = 4;

/**
 * Opens judges before the tests of a suite, and closes them behind.
 *
 * @param ready what else is done with each pair first
 * @returns empty until then
 */
export function openJudges(ready?: (judges: Judges) => Promise<unknown>): JudgePools {
  const pools = new JudgePools();
  beforeAll(() => pools.open(PAIRS, ready));
  afterAll(() => pools.close());
  return pools;
}
