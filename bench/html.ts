import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { chromium } from 'playwright-core';
import { chromiumPath } from './chromium.ts';
import { bundle } from '../scripts/build.js';
import { runOnce, spread } from './measure.ts';
import { writeSite } from './html-site.ts';
import { markdown, megabytes, seconds, thousands } from './table.ts';

const USAGE = `npm run bench:html -- [--hosts 200] [--seed 1] [--runs 5] [--no-build]

Writes a site, checks it with --format html, and times how long headless Chromium takes to open the page.
`;

/** What was asked for. */
interface Options {
  readonly hosts: number;
  readonly seed: number;
  readonly runs: number;
  readonly build: boolean;
}

function readOptions(): Options | undefined {
  const { values } = parseArgs({
    options: {
      hosts: { type: 'string', default: '200' },
      seed: { type: 'string', default: '1' },
      runs: { type: 'string', default: '5' },
      'no-build': { type: 'boolean', default: false },
    },
  });
  const [hosts, seed, runs] = [values.hosts, values.seed, values.runs].map(Number) as [
    number,
    number,
    number,
  ];
  const sound = [hosts, seed, runs].every(Number.isSafeInteger) && hosts > 0 && hosts < 65_000 && runs > 0;
  return sound ? { hosts, seed, runs, build: !values['no-build'] } : undefined;
}

/** Seconds from asking for the page to its load event and the frame after it, in a browser that has opened nothing before. */
async function openingTimes(executablePath: string, page: string, runs: number): Promise<number[]> {
  const times: number[] = [];
  for (let i = 0; i < runs; i++) {
    const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
    const tab = await browser.newPage();
    const start = performance.now();
    await tab.goto(pathToFileURL(page).href, { waitUntil: 'load' });
    await tab.evaluate('new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))');
    times.push((performance.now() - start) / 1000);
    await browser.close();
  }
  return times;
}

async function main(): Promise<number> {
  const options = readOptions();
  const browser = chromiumPath();
  if (options === undefined || browser === undefined) {
    process.stderr.write(
      options === undefined ? USAGE : 'Chromium is needed (Debian: apt-get install chromium)\n',
    );
    return 2;
  }
  if (options.build) await bundle('dist');
  const folder = mkdtempSync(join(tmpdir(), 'postern-html-'));
  try {
    const site = writeSite(folder, options.hosts, options.seed);
    const [page, json] = [join(folder, 'report.html'), join(folder, 'report.json')];
    const command = [process.execPath, resolve('dist/postern.js'), 'check', '-d', site];
    const plain = runOnce([...command, '--format', `json=${json}`], folder, 600);
    const detailed = runOnce([...command, '--format', `html=${page}`], folder, 600);
    const { summary } = JSON.parse(readFileSync(json, 'utf8'));
    const findings = summary.missing + summary.excessive + summary.conflicting;
    const opening = spread(await openingTimes(browser, page, options.runs));
    process.stdout.write(
      markdown(
        [
          'hosts',
          'findings',
          'JSON',
          'check --format json',
          'HTML',
          'check --format html',
          'opens in (median of runs)',
          'most',
        ],
        [
          [
            thousands(options.hosts),
            thousands(findings),
            megabytes(statSync(json).size),
            seconds(plain.wall),
            megabytes(statSync(page).size),
            seconds(detailed.wall),
            seconds(opening.median),
            seconds(opening.greatest),
          ],
        ],
      ),
    );
    return 0;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

process.exitCode = await main();
