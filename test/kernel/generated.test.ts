import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeKernel } from '../support/kernel.ts';
import { caseOf } from './compare/case.ts';
import { Session } from './compare/session.ts';

const SEED = 20_261_121;
const RULE_SETS = 16;
const PACKETS = 150;

describeKernel('generated rule sets: kernel, interpreter and symbolic engine agree', () => {
  let session: Session;
  beforeAll(async () => {
    session = await Session.open();
  });
  afterAll(async () => {
    await session?.close();
  });

  it('the same seed gives the same case', () => {
    const plain = (number: number) =>
      JSON.stringify(caseOf(SEED, number, 20), (_, value) =>
        typeof value === 'bigint' ? `${value}` : value,
      );
    expect(plain(3)).toBe(plain(3));
    expect(plain(3)).not.toBe(plain(4));
  });

  it(`${RULE_SETS} rule sets of seed ${SEED}`, async () => {
    let judged = 0;
    const complaints: string[] = [];
    for (let number = 0; number < RULE_SETS; number++) {
      const { host, packets, dumped } = caseOf(SEED, number, PACKETS);
      const result = await session.run(host, packets, dumped);
      judged += result.judged;
      const replay = `npm run test:kernel -- --seed ${SEED} --packets ${PACKETS} --only ${number}`;
      if (result.complaints.length > 0) complaints.push(`${result.complaints[0]?.why}; replay: ${replay}`);
    }
    expect(complaints).toEqual([]);
    expect(judged).toBeGreaterThan((RULE_SETS * PACKETS) / 2);
  });
});
