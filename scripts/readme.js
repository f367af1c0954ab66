// Puts the example site's report into README.md, where test/project/readme.test.ts wants it. Run it after the report changes.
import { readFileSync, writeFileSync } from 'node:fs';

const report = readFileSync('fixtures/sites/x-road/report.txt', 'utf8');
const text = readFileSync('README.md', 'utf8');
const block = `<!-- report -->\n\n\`\`\`\n${report}\`\`\`\n\n<!-- /report -->`;
writeFileSync(
  'README.md',
  text.replace(/<!-- report -->[\s\S]*<!-- \/report -->/, () => block),
);
