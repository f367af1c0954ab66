export { jsonText } from '../report/json-text.ts';
export { jsonChunks, openingsJsonChunks, renderJson, renderOpeningsJson } from '../report/json.ts';
export { openingsChunks, renderOpeningsText } from '../report/openings-text.ts';
export { renderText, type TextOptions, textChunks } from '../report/text.ts';
