// Who may import whom (the house: docs/pipeline.md). Each rule has a sentence that says why; test/boundaries.test.ts
// holds that nothing breaks one, and that each would catch a planted violation.

/** Modules of this folder may import only what `allowed` matches, and each other. */
const only = (name, folder, allowed, comment) => ({
  name,
  severity: 'error',
  comment,
  from: { path: `^${folder}` },
  to: { pathNot: [`^${folder}`, ...allowed] },
});

const never = (name, from, to, comment) => ({ name, severity: 'error', comment, from, to });

const library = (...names) => names.map((name) => `(^|/)node_modules/${name}/`);

module.exports = {
  forbidden: [
    never(
      'no-circular',
      {},
      { circular: true },
      'A circle has no first module: nothing in it can be understood, tested or replaced alone.',
    ),
    never(
      'resolvable',
      {},
      { couldNotResolve: true },
      'An import that does not resolve hides a boundary that is not checked.',
    ),
    only(
      'grammar-is-syntax',
      'grammars/',
      library('chevrotain'),
      'A grammar says what a text looks like, not what it means; meaning is added by the format.',
    ),
    never(
      'one-grammar-alone',
      { path: '^grammars/([^/]+)/' },
      { path: '^grammars/', pathNot: '^grammars/$1/' },
      'A format can be changed or dropped without touching another.',
    ),
    only('text-is-the-ground', 'src/text/', [], 'Everything stands on it, so it stands on nothing.'),
    only(
      'packet-is-plain',
      'src/packet/',
      library('ip-num'),
      'Packets and packet sets are mathematics, and know neither rules nor files.',
    ),
    never(
      'ip-num-in-one-file',
      { pathNot: '^src/packet/address\\.ts$' },
      { path: '(^|/)node_modules/ip-num/' },
      'ip-num accepts more than an address; the checks that it needs live in one file.',
    ),
    only(
      'rule-is-vendor-independent',
      'src/rule/',
      ['^src/(text|packet)/', '^src/formats/reader\\.ts$'],
      'The narrow waist: formats produce it, engines read it, and it knows neither.',
    ),
    only(
      'format-ends-at-the-rule-model',
      'src/formats/',
      [
        '^grammars/',
        '^src/(text|rule|packet)/',
        '^schemas/',
        ...library('chevrotain', 'ajv', 'jsonc-parser'),
      ],
      'A format that asked an engine could bend its reading to the answer.',
    ),
    never(
      'one-format-alone',
      { path: '^src/formats/([^/]+)/' },
      { path: '^src/formats/[^/]+/', pathNot: '^src/formats/($1|exports)/' },
      'A format can be changed or dropped without touching another; what the clouds share is in exports, which knows none of them.',
    ),
    never(
      'json-with-places-in-one-file',
      { pathNot: '^(src|test)/formats/exports/(located|tokens)(\\.test)?\\.ts$' },
      { path: ['(^|/)node_modules/jsonc-parser/', '^src/formats/exports/tokens\\.ts$'] },
      'Exports are read by one loop that keeps places and bounds depth; another would bound it otherwise.',
    ),
    only(
      'symbolic-stands-alone',
      'src/symbolic/',
      ['^src/(rule|packet|text)/'],
      'Packet sets come from the rule model and nothing else.',
    ),
    only(
      'interpreter-stands-alone',
      'src/interpreter/',
      ['^src/(rule|text)/', '^src/packet/packet\\.ts$'],
      'The oracle shares no code with what it judges; an oracle that did would prove nothing.',
    ),
    only(
      'trace-drives-the-interpreter',
      'src/trace/',
      ['^src/(interpreter|rule|packet|text)/', '^schemas/', ...library('ajv')],
      'A trace is what the interpreter says, told packet by packet.',
    ),
    only(
      'baseline-is-the-document',
      'src/baseline/',
      [
        '^src/(text|rule|packet)/',
        '^schemas/',
        '^(node:)?(fs|path|url|crypto)',
        ...library('ajv', 'ajv-formats', 'yaml'),
      ],
      'What a document asks for does not depend on any config.',
    ),
    only(
      'document-is-what-is-written',
      'src/document/',
      [
        '^src/text/',
        '^src/baseline/(digest|protocol-words)\\.ts$',
        ...library('unified', 'remark-[a-z]+', 'rehype-[a-z]+', 'csv-parse', 'yaml', '@types/(mdast|hast)'),
      ],
      'A page is read for what it says, whatever any baseline or config makes of it.',
    ),
    only(
      'drift-is-between-documents',
      'src/drift/',
      ['^src/(text|packet|baseline|document)/', '^(node:)?crypto$'],
      'What changed between two editions of a document is the same for every site and every config.',
    ),
    only(
      'finding-is-types',
      'src/finding/',
      ['^src/packet/packet\\.ts$'],
      'Every report format stands on it, so it brings nothing along.',
    ),
    only(
      'waiver-knows-no-packet-set',
      'src/waiver/',
      [
        '^src/(text|finding)/',
        '^src/packet/(address|packet|protocol|ranges)\\.ts$',
        '^src/baseline/(addresses|complaint|located|ports|schema|suggest|yaml)\\.ts$',
      ],
      'What somebody has signed is read as it is written; what it covers is told by those who compare.',
    ),
    only(
      'compare-sees-no-format',
      'src/compare/',
      ['^src/(packet|rule|baseline|finding|interpreter|symbolic|text)/', '^(node:)?crypto$'],
      'A verdict must not depend on the syntax in which a rule was written.',
    ),
    only(
      'report-is-pure',
      'src/report/',
      ['^src/finding/', '^src/packet/address\\.ts$', '^(node:)?crypto$', ...library('@dagrejs/dagre')],
      'A report is a function of the finding types alone: no file system, no process, no clock. A digest is a function too, and so is what an address means.',
    ),
    never(
      'dagre-in-one-file',
      { pathNot: '^src/report/html/diagram\\.ts$' },
      { path: '(^|/)node_modules/@dagrejs/dagre/' },
      'The layout is loaded with the one page that draws, and with nothing else.',
    ),
    never(
      'api-has-no-command-line',
      { path: '^src/(?!cli/)' },
      { path: ['^src/cli/', '(^|/)node_modules/commander/'] },
      'A program that embeds postern gets no argument parser and no exit.',
    ),
    only(
      'cli-only-asks-the-api',
      'src/cli/',
      ['^src/api(/|\\.ts$)', '^(node:)?[a-z0-9_/]+$', ...library('commander'), ...library('tinypool')],
      'Whatever the command line can do, a program can do; but for processes, which are the command line’s.',
    ),
    never(
      'no-test-in-the-product',
      { path: '^(src|grammars)/' },
      { path: '^(test|bench|fixtures|scripts)/' },
      'What is shipped does not know how it is tested.',
    ),
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
    },
  },
};
