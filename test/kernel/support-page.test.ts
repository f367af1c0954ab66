import { expect, it } from 'vitest';
import { supportPage } from './catalogue/page.ts';

it('docs/support-iptables.md is the catalogue’s', async () => {
  await expect(supportPage()).toMatchFileSnapshot('../../docs/support-iptables.md');
});
