import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import axe from 'axe-core';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Report } from '../../../src/finding/report.ts';
import { renderHtml } from '../../../src/report/html/html.ts';
import { describeBrowser, launchChromium } from '../../support/browser.ts';
import { audited, detailed } from './detailed.ts';

/** What axe-core finds, and what it could not decide. */
interface AxeResult {
  readonly violations: readonly AxeRule[];
  readonly incomplete: readonly AxeRule[];
}

interface AxeRule {
  readonly id: string;
  readonly nodes: readonly { readonly html: string; readonly any: readonly { readonly message: string }[] }[];
}

const named = (rules: readonly AxeRule[]): string[] =>
  rules.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.html.slice(0, 120)}`));

/**
 * What axe leaves to people, but for signs, which have no letters (their words beside them have the same colour), and the
 * diagram's labels, which lines cross (they have a rim of the page's colour).
 */
const undecided = (rules: readonly AxeRule[]): AxeRule[] =>
  rules.map((rule) => ({
    ...rule,
    nodes: rule.nodes.filter(
      ({ html, any }) => !html.startsWith('<text') && !any.some(({ message }) => /non-text/.test(message)),
    ),
  }));

describeBrowser('the page in Chromium', () => {
  let browser: Browser;
  let folder: string;
  let url: string;
  let hostile: string;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'postern-page-'));
    const report = audited(await detailed('x-road'));
    const write = (name: string, text: string): string => {
      writeFileSync(join(folder, name), text);
      return pathToFileURL(join(folder, name)).href;
    };
    url = write('report.html', renderHtml(report));
    hostile = write('hostile.html', renderHtml(planted(report)));
    browser = await launchChromium();
  });

  afterAll(async () => {
    await browser?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  /** Opens a page and gives it with what the console, the page and the network said. */
  async function open(
    options: BrowserContextOptions,
    address = url,
  ): Promise<{ page: Page; said: string[] }> {
    const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
    const page = await context.newPage();
    const said: string[] = [];
    page.on('console', (message) => said.push(message.text()));
    page.on('pageerror', (error) => said.push(error.message));
    page.on('dialog', (dialog) => said.push(dialog.message()));
    page.on('request', (request) => request.url() !== address && said.push(request.url()));
    await page.goto(address);
    return { page, said };
  }

  it.each(['light', 'dark'] as const)('has nothing that axe-core finds, in %s', async (colorScheme) => {
    const { page, said } = await open({ colorScheme });
    await page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true");
    await page.evaluate(axe.source);
    const result = (await page.evaluate(
      "axe.run({ resultTypes: ['violations', 'incomplete'] })",
    )) as AxeResult;
    expect(named(result.violations)).toEqual([]);
    expect(named(undecided(result.incomplete))).toEqual([]);
    expect(said).toEqual([]);
    await page.context().close();
  });

  it('does not scroll sideways at 360 pixels', async () => {
    const { page } = await open({ viewport: { width: 360, height: 740 } });
    await page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true");
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(360);
    await page.context().close();
  });

  it('is read without scripts, and has no control then that does nothing', async () => {
    const { page, said } = await open({ javaScriptEnabled: false });
    expect(await page.locator('input, button').count()).toBe(0);
    const article = page.locator('article.finding').first();
    expect(await article.isVisible()).toBe(true);
    expect(await article.textContent()).toContain('What to do');
    await page.locator('#inventory details').first().waitFor();
    expect(await page.locator('h1').textContent()).toBe('Firewall compliance report');
    expect(said).toEqual([]);
    await page.context().close();
  });

  it('prints: light, unfolded, and as many pages as it takes', async () => {
    const { page } = await open({ javaScriptEnabled: false, colorScheme: 'dark' });
    const folded = page.locator('details:not([open]) > :not(summary)').first();
    expect(await folded.isVisible()).toBe(false);
    await page.emulateMedia({ media: 'print' });
    expect(await folded.isVisible()).toBe(true);
    expect(await page.locator('nav').isVisible()).toBe(false);
    const pdf = (await page.pdf({ preferCSSPageSize: true, printBackground: true })).toString('latin1');
    expect(pdf.match(/\/Type \/Page\b/g)?.length).toBeGreaterThan(8);
    await page.context().close();
  });

  it('filters findings, and unfolds to a target, where scripts are on', async () => {
    const { page, said } = await open({});
    await page.getByRole('searchbox').fill('loopback-service-exposed');
    expect(await page.locator('article.finding:visible').count()).toBe(1);
    expect(await page.locator('output').textContent()).toBe('1 of 3 are shown');
    await page.getByRole('button', { name: 'Unfold everything' }).click();
    expect(await page.locator('details:not([open])').count()).toBe(0);
    expect(said).toEqual([]);
    await page.context().close();
  });

  it('runs nothing of a hostile config, and loads nothing for it', async () => {
    const { page, said } = await open({}, hostile);
    expect(await page.evaluate('window.pwned')).toBeUndefined();
    expect(await page.locator('body script, body style').count()).toBe(1);
    expect(await page.locator('img, iframe, form').count()).toBe(0);
    expect(said).toEqual([]);
    await page.context().close();
  });
});

const HOSTILE = `</pre></code></title></style><script>window.pwned=1</script><img src=https://evil.example/x onerror="window.pwned=1">"'><p style="color:red" onclick=alert(1)>\u202e`;

/** The report with a hostile text at the end of every text of a user's. */
function planted(report: Report): Report {
  const theirs = new Set([
    'path',
    'text',
    'file',
    'name',
    'role',
    'message',
    'reason',
    'title',
    'note',
    'chain',
    'owner',
    'id',
    'because',
    'from',
  ]);
  const walk = (value: unknown, key: string): unknown => {
    if (Array.isArray(value)) return value.map((inner) => walk(inner, key));
    if (typeof value === 'object' && value !== null)
      return Object.fromEntries(Object.entries(value).map(([k, inner]) => [k, walk(inner, k)]));
    return typeof value === 'string' && theirs.has(key) ? value + HOSTILE : value;
  };
  return walk(report, '') as Report;
}
